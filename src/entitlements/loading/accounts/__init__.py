"""Accounts of a load: the records by which a stored account says what a document says."""
