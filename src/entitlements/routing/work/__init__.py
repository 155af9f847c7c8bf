"""Work, its requirement, and the order of waiting work."""
