"""The benchmark on the command line: its worlds and contenders, its progress, and its tables."""
