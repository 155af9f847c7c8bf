"""The commands about a period."""
