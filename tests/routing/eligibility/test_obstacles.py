"""Obstacles are a closed set with one sentence each."""

from __future__ import annotations

from entitlements.routing import Obstacle, ObstacleKind
from entitlements.routing.eligibility.obstacles import PERMANENT, TEMPORARY


def test_every_obstacle_has_a_sentence() -> None:
    for rule in ObstacleKind:
        text = str(Obstacle(rule, "x", 1, 2))
        assert text
        assert text == text.strip()
        assert "{" not in text


def test_no_obstacle_is_both_permanent_and_temporary() -> None:
    assert not PERMANENT & TEMPORARY


def test_times_are_written_in_utc() -> None:
    assert str(Obstacle(ObstacleKind.ABSENT, until=0)) == "absent until 1970-01-01T00:00:00Z"
