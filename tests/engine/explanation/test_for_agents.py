"""What agents and auditors read, typed by hand from the world of the tests."""

from __future__ import annotations

import pytest
from tests.engine.worlds import facts, request

from entitlements.engine import Assessment, Engine
from entitlements.engine.explanation.for_agents import MAX_TRACE
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import utc

ENGINE = Engine(facts())
MONDAY = utc("2026-03-02T10:00+01:00")


def test_agents_read_local_times_everywhere() -> None:
    text = ENGINE.assess(request(), MONDAY).explain(zone="Europe/Berlin")
    assert (
        "Route: `R-1` goes to `ada`; ada: chosen; bob: off shift until Monday, 2 March 2026, "
        in text
    )
    assert "15:00 CET (Europe/Berlin)" in text
    assert "Z" not in text.replace("time zones", "")


def test_auditors_read_every_check_with_its_facts_and_every_time_that_counts() -> None:
    answer = ENGINE.assess(request(), MONDAY)
    lines = answer.explain(audience="auditor").splitlines()
    assert lines[: len(answer.explain().splitlines())] == answer.explain().splitlines()
    assert "  contract C-acme line 1 right desk: channel fail, by gold@1." in lines
    closed = "2026-03-02T16:00:00Z to 2026-03-03T08:00:00Z closed"
    assert f"  Resolution: {closed}, weekly hours in `berlin`." in lines
    assert sum("Resolution: " in each for each in lines) <= MAX_TRACE + 2


def test_auditors_of_an_answer_from_data_read_everything_but_the_times() -> None:
    answer = ENGINE.assess(request(), MONDAY)
    again = Assessment.from_dict(answer.to_dict())
    told = [each.key for each in again.explanation(audience="auditor").lines]
    full = [each.key for each in answer.explanation(audience="auditor").lines]
    assert told == [key for key in full if not key.startswith("auditor.time_use")]


def test_a_language_without_sentences_for_agents_is_refused() -> None:
    with pytest.raises(UnknownIdError, match="sentence of the language `de`"):
        ENGINE.assess(request(), MONDAY).explain(language="de")
