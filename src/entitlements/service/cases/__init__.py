"""Steps of a case: admission, commands, consumption, notices, offers, timeouts, agent removal."""
