"""Schemas of answers, for programs that store and send them."""
