"""Search through all time: the factors of an answer, week by week, until they repeat."""
