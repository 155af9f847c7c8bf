"""Access, deadlines and routing for support requests, in one explained decision."""
