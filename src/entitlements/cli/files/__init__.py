"""Files of commands: documents that are read, and pictures and files that are written."""
