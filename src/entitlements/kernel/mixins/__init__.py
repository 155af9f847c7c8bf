"""Bases that give values one property each: no truth value, a kept hash."""
