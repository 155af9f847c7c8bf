"""Blocked periods that extend terms are merged where they touch, and keep their names."""

from __future__ import annotations

from entitlements.contracts import Block
from entitlements.contracts.validity.term_extensions import term_extensions
from entitlements.kernel.instants import DAY, to_micros, utc

START = to_micros(utc("2026-02-01T00:00Z"))


def test_blocks_that_touch_are_one_period_and_others_are_left_out() -> None:
    blocks = [
        Block(id="B", start="2026-02-02T00:00Z", end="2026-02-04T00:00Z", extends_term=True),
        Block(id="A", start="2026-02-01T00:00Z", end="2026-02-02T00:00Z", extends_term=True),
        Block(id="C", start="2026-02-09T00:00Z", end="2026-02-10T00:00Z"),
    ]
    assert term_extensions(blocks) == [(START, START + 3 * DAY, ("A", "B"))]


def test_known_periods_are_kept() -> None:
    known = [(START, START + DAY, ("A",))]
    assert term_extensions([], known) == known
