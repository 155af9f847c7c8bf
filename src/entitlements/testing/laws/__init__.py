"""Laws as functions, one module for each package."""
