"""Tests mirror the source; what several test files share is imported as `tests.<room>.<module>`."""
