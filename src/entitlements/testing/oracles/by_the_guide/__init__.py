"""A second reading of the access rules: one request at one instant, by the guide alone.

Start with `decision`. Everything is recomputed for every question, by plain loops in the order of
the guide pages on access, contracts and allowances. `entitlements.access` is compared with it;
they share the records, the grants of one term, and no rule.
"""
