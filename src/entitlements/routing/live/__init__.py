"""The live router, its index, and the backlog of waiting work."""
