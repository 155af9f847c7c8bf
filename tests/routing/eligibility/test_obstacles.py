"""The closed set of reasons."""

from __future__ import annotations

from entitlements.routing import Obstacle, Rule
from entitlements.routing.eligibility.obstacles import PERMANENT, TIMED


def test_every_rule_has_a_phrase() -> None:
    for rule in Rule:
        text = str(Obstacle(rule, "x", 1, 2))
        assert text
        assert text == text.strip()
        assert "{" not in text


def test_no_rule_is_both_for_ever_and_for_a_time() -> None:
    assert not PERMANENT & TIMED


def test_a_time_is_said_in_utc() -> None:
    assert str(Obstacle(Rule.ABSENT, until=0)) == "absent until 1970-01-01T00:00Z"
