"""How much the tests try: little in every run, more in `.ci/run`, most in the deep profile.

`HYPOTHESIS_PROFILE` is `dev` (the default), which draws new examples in each run, `ci`, which
repeats its examples exactly, or `deep`.
"""

from __future__ import annotations

import os
from typing import Final

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "dev")
if PROFILE not in {"dev", "ci", "deep"}:
    raise ValueError(f"HYPOTHESIS_PROFILE is `{PROFILE}`; it may be dev, ci or deep")


def tries(every_run: int, *, deep: int | None = None) -> int:
    """Return how many examples, worlds or seeds a test tries.

    Args:
        every_run: So many in `dev`; `ci` tries two and a half times as many.
        deep: So many in the deep profile; fifty times as many as in `dev` if not given.
    """
    if PROFILE == "deep":
        return 50 * every_run if deep is None else deep
    return every_run * 5 // 2 if PROFILE == "ci" else every_run
