"""Oracles of the records of one customer: lines over time, people, products and charges."""
