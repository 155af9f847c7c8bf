"""Check of every assignment by rules that are independent of the library's code."""
