"""Laws as functions, one module for each package, and their parts in folders."""
