"""Hours in documents: calendars and holidays, compositions of them, and their names."""
