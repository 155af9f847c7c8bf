"""Work: what time on cases costs; start with `work_charges`."""
