"""Whether a case counts as open."""

from __future__ import annotations

from entitlements.contracts.account import OpenCase
from entitlements.kernel.instants import to_micros


def is_closed(case: OpenCase, at: int) -> bool:
    """Return whether a case is closed at `at`; one that is opened later is not."""
    return case.closed is not None and to_micros(case.closed) <= at
