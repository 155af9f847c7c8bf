"""Reports: the figures of a period as one value, and as text, JSON, CSV and a page."""
