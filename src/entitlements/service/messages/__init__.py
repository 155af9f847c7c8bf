"""Messages: their topics, their envelope, and the relay that delivers them."""
