"""Commands of a desk as values, and their replies."""
