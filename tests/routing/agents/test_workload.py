"""Workloads refuse contradictions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import Workload

NINE = utc("2026-03-02T09:00Z")


def test_recent_assignments_are_kept_in_order() -> None:
    later = NINE + timedelta(minutes=1)
    assert Workload(recent=[later, NINE]).recent == (NINE, later)


@pytest.mark.parametrize(
    "fields",
    [{"back": NINE}, {"busy": -timedelta(seconds=1)}, {"handled": -1}, {"assignment_number": 0.5}],
)
def test_nonsense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Workload(**fields)  # type: ignore[arg-type]
