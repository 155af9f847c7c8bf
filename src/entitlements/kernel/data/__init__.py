"""Values as data: canonical JSON and digests, plain data that is read back, and its JSON Schema."""
