"""One account compiled for deciding."""
