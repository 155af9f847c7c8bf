"""Clock options, and the presets of other helpdesks."""
