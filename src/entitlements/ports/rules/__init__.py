"""Rules that all stores share: arguments, appended records, and links of the chain."""
