"""Laws of routing: of a live router, and of the offer book."""
