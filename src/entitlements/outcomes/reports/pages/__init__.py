"""Reports as text, tables, pages and pictures."""
