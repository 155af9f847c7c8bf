"""Agents accept short forms and refuse nonsense."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.routing import Agent, RateLimit


def test_short_forms_of_values_are_accepted() -> None:
    agent = Agent(id="ada", capacity=3, channels=["chat"], groups="db", skills="oracle")
    assert agent.capacity == {"work": 3}
    assert agent.channels == {"chat": None}
    assert (agent.groups, agent.skills) == ({"db"}, {"oracle": 1})


def test_equal_facts_make_equal_agents() -> None:
    one = Agent(id="a", skills={"x": 1, "y": 1}, combines={"phone": [], "chat": ["chat"]})
    two = Agent(id="a", skills={"y": 1, "x": 1}, combines={"chat": ["chat"], "phone": []})
    assert (one, hash(one)) == (two, hash(two))


@pytest.mark.parametrize(
    "fields",
    [
        {"capacity": -1},
        {"capacity": {"work": 1.5}},
        {"channels": {"chat": -1}},
        {"work_limit": -1},
        {"weight": 0},
        {"speed": 0},
        {"tier": -1},
        {"id": " ada"},
    ],
)
def test_nonsense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Agent(**{"id": "ada", **fields})  # type: ignore[arg-type]


def test_a_rate_limit_needs_a_count_and_a_period() -> None:
    for count, within in ((0, timedelta(minutes=5)), (1, timedelta())):
        with pytest.raises(InvalidValueError):
            RateLimit(count, within)
