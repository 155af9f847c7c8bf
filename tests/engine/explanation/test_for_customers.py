"""What customers read: their words, local times, and nothing that is internal."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.answered_worlds import marked_answers
from tests.engine.worlds import facts, request

from entitlements.calendars import BusinessDays, Calendar
from entitlements.engine import Engine
from entitlements.engine.explanation.languages.shipped import LANGUAGES
from entitlements.kernel.instants import utc
from entitlements.sla import Target

ENGINE = Engine(facts())
MONDAY = utc("2026-03-02T10:00+01:00")
MARK = re.compile("«[^»]*»")


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
@settings(max_examples=15)
def test_a_customer_never_reads_an_internal_id_or_the_name_of_an_agent(
    seed: int, language: str
) -> None:
    for answer, asked in marked_answers(Random(seed), 3):  # noqa: S311 - a seed has to replay it
        text = answer.explain(audience="customer", language=language, zone="Asia/Kolkata")
        own = {asked.product, asked.severity, asked.channel}
        offered = {each.target for each in getattr(answer.decision, "remedies", ())
                   if each.kind in {"use_channel", "lower_severity", "state_severity",
                                    "state_kind", "use_language"}}  # fmt: skip
        assert set(MARK.findall(text)) <= own | offered
        agents = answer.explain()
        assert MARK.search(agents), "the marks are there to be found"


def test_a_customer_reads_when_and_what_the_plan_says() -> None:
    text = ENGINE.assess(request(), MONDAY).explain(audience="customer", zone="Europe/Berlin")
    assert text.splitlines() == [
        (
            "You asked about db with severity S1 by phone on "
            "Monday, 2 March 2026, 10:00 CET (Europe/Berlin)."
        ),
        "Your request is accepted, and our experts are reached at once.",
        "First response: by Monday, 2 March 2026, 11:00 CET (Europe/Berlin).",
        "  Your plan says 1 hour.",
        "Resolution: by Wednesday, 4 March 2026, 10:00 CET (Europe/Berlin).",
        "  Your plan says 16 hours of our business hours.",
        "Your contract includes it.",
        "This holds until Monday, 2 March 2026, 17:00 CET (Europe/Berlin).",
    ]


def test_a_denied_customer_reads_why_and_what_to_do() -> None:
    text = ENGINE.assess(request(contact="mallory"), MONDAY).explain(audience="customer")
    assert text.splitlines()[1:5] == [
        "We cannot accept your request as it is:",
        "  You are not among the people who may open cases under your contract.",
        "What you can do:",
        "  Let somebody ask who may open cases under your contract.",
    ]
    assert "dana" not in text


def promised(**target: Any) -> list[str]:
    """Return the lines of a customer whose first response has this target."""
    world = facts()
    hours = {"office": Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name="office")}
    policy = attrs.evolve(
        world.policies["gold"],
        calendars=hours,
        targets=[Target(milestone="first_response", **target)],
    )
    engine = Engine(attrs.evolve(world, policies={**world.policies, "gold": policy}))
    lines = engine.assess(request(), MONDAY).explain(audience="customer", zone="UTC")
    return lines.splitlines()[2:-2]


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        (
            {"within": BusinessDays(2, anchor="end"), "calendar": "office"},  # type: ignore[arg-type]
            [
                "First response: by Wednesday, 4 March 2026, 17:00 UTC.",
                "  Your plan says 2 business days.",
            ],
        ),
        (
            {"within": BusinessDays(0, anchor="end"), "calendar": "office"},  # type: ignore[arg-type]
            [
                "First response: by Monday, 2 March 2026, 17:00 UTC.",
                "  Your plan says the same business day.",
            ],
        ),
        (
            {"within": timedelta(minutes=15), "exclusive": True, "commitment": "objective"},
            [
                "First response: before Monday, 2 March 2026, 09:15 UTC.",
                "  Your plan says 15 minutes.",
                "  This is our aim and not guaranteed.",
            ],
        ),
        (
            {"within": timedelta(hours=2), "calendar": "office", "cut_off": "09:00"},
            [
                "First response: by Tuesday, 3 March 2026, 11:00 UTC.",
                "  Your plan says 2 hours of our business hours.",
                "  We count from Tuesday, 3 March 2026, 09:00 UTC on.",
            ],
        ),
        ({"within": None, "commitment": "best_effort"}, ["First response: as soon as we can."]),
        ({"within": None}, ["First response: your plan names no time."]),
    ],
)
def test_a_promise_is_said_as_the_plan_says_it(target: dict[str, Any], lines: list[str]) -> None:
    assert promised(**target) == lines
