"""Statements on one connection."""
