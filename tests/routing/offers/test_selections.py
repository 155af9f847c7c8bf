"""Recorded reasons of offers: the latest are kept, and nothing else than such reasons."""

from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing.offers.selections import MAX_SELECTIONS, AgentSelection, selections_of

NINE = utc("2026-03-02T09:00Z")


def test_the_latest_are_kept() -> None:
    many = [AgentSelection(agent="ada", fence=n, at=NINE) for n in range(1, MAX_SELECTIONS + 3)]
    assert [each.fence for each in selections_of(many)] == list(range(3, MAX_SELECTIONS + 3))


def test_anything_else_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        selections_of(["ada"])  # type: ignore[list-item]
