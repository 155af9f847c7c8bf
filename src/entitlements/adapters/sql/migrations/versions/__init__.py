"""Which migrations are there? One file each, in the order of their numbers."""
