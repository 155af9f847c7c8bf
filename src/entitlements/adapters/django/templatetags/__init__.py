"""Template tags: `{% load entitlements %}`."""
