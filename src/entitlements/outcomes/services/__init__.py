"""Services in reports: who is covered, and how much of a window each should be up."""
