"""Plans as tables for people, and what changes between two documents."""
