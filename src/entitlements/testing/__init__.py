"""How do I test what I build on this? Oracles, strategies and laws, one module a room."""
