"""Until when a decision holds, and when a better one follows; start with `search`."""
