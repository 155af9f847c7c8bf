"""Records of an account: contracts, their changes, and the parties of a customer."""
