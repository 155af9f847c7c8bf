"""The checks that need no compilation."""
