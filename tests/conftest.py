"""How hard Hypothesis tries: `HYPOTHESIS_PROFILE` is `dev` (the default), `ci` or `deep`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Small shared machines are slow at times, which says nothing about an example.
settings.register_profile(
    "dev", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
