"""What must always hold? Laws as functions, one module a room."""
