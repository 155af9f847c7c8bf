"""Combined hours: calendars by any, all, except, not, and teams that follow the sun."""
