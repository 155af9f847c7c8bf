"""Sentences in English, and for customers in German and Spanish."""
