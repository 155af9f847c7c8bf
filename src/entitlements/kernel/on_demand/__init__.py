"""On demand: modules that are imported, and results that are kept, when they are first needed."""
