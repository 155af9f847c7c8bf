"""Worlds of the routing benchmark: agents and a stream of events, generated or read from a file."""
