"""The short form of plans: milestone tables, amounts of time, derived rights, inheritance."""
