"""Records of what happened, read from files: work that was done, and promises that were missed."""
