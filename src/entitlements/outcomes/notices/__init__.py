"""Notices that are due: clauses, what follows from the facts, and sending through a port."""
