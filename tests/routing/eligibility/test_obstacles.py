"""The closed set of reasons."""

from __future__ import annotations

from entitlements.routing import Obstacle, ObstacleKind
from entitlements.routing.eligibility.obstacles import PERMANENT, TEMPORARY


def test_every_rule_has_a_phrase() -> None:
    for rule in ObstacleKind:
        text = str(Obstacle(rule, "x", 1, 2))
        assert text
        assert text == text.strip()
        assert "{" not in text


def test_no_rule_is_both_for_ever_and_for_a_time() -> None:
    assert not PERMANENT & TEMPORARY


def test_a_time_is_said_in_utc() -> None:
    assert str(Obstacle(ObstacleKind.ABSENT, until=0)) == "absent until 1970-01-01T00:00Z"
