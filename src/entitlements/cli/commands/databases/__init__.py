"""Commands on a database: load, dump, work and migrate."""
