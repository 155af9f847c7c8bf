"""Steps of a case: admission, commands, consumption, alerts, offers, timeouts, agent removal."""
