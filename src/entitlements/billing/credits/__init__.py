"""Service credits: what a missed promise gives back; start with `credit_schedules`."""
