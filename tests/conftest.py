"""How hard Hypothesis tries: `HYPOTHESIS_PROFILE` is `dev` (the default), `ci` or `deep`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Several engineers and continuous integration share small machines, so no example has a deadline.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
