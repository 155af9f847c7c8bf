"""Offer book: work from the queue to its completion, with one holder at most."""
