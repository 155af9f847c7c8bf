"""One file for each part of a document."""
