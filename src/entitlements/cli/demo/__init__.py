"""What the `demo` command tells."""
