"""Desks of a Django project: their store, its transactions, and the relay of what was committed."""
