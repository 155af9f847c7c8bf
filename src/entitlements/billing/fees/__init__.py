"""Fees: what is paid every period, or before anything is used; start with `standing_charges`."""
