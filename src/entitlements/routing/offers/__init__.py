"""Work lifecycle: offers, leases, fences."""
