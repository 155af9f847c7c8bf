"""How much the tests try: little in every run, more in `.ci/run`, most in the deep profile.

`HYPOTHESIS_PROFILE` is `dev` (the default), which draws a few new examples in each run, `ci`,
which tries five times as many and repeats them exactly, or `deep`.
"""

from __future__ import annotations

import os
from typing import Final

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "dev")
if PROFILE not in {"dev", "ci", "deep"}:
    raise ValueError(f"HYPOTHESIS_PROFILE is `{PROFILE}`; it may be dev, ci or deep")


def tries(number: int, *, deep: int | None = None) -> int:
    """Return how many examples, worlds or seeds a test tries.

    Args:
        number: `dev` tries half of it, `ci` two and a half times as many.
        deep: So many in the deep profile; fifty times the number if not given.
    """
    if PROFILE == "deep":
        return 50 * number if deep is None else deep
    return number * 5 // 2 if PROFILE == "ci" else -(-number // 2)
