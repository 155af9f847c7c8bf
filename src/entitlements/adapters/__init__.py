"""Which store? In memory, for tests and small things; in SQL, for the rest.

Start reading at `memory`, go on to `sql`.
"""
