"""Rules of a team: routing policies, their presets, and bounds on fairness."""
