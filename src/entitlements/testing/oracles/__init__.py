"""What would a slow but obvious program answer? Twins of the core, one module a room."""
