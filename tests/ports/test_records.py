from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from entitlements.contracts.account import OpenCase
from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import Case, Message, WorkItem
from entitlements.ports.records import MAX_BODY, body_text
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.work_state import WorkState
from entitlements.sla import Event
from entitlements.testing.strategies.ports import START, case, work_item

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\0b", id="NUL"),
        pytest.param("\ud800", id="half a pair"),
        pytest.param("x" * (MAX_BODY + 1), id="too long"),
    ],
)
def test_a_body_that_no_store_can_keep_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        body_text(text)
    with pytest.raises(InvalidValueError):
        Message(number=1, topic="t", at=START, body=text)


def test_a_case_is_named_by_its_request_and_counts_as_an_open_case() -> None:
    one: Case = attrs.evolve(case("R-7", "acme"), closed=START)
    assert (one.id, one.customer) == ("R-7", "acme")
    assert one.counted == OpenCase(
        id="R-7", contract="C-1", line="L-1", product="db", opened=START, closed=START
    )


def test_a_case_counts_as_resolved_until_it_is_reopened_or_cancelled() -> None:
    def resolved(closed: datetime | None, *events: Event) -> datetime | None:
        recorded = [START for _ in events]
        one = attrs.evolve(case("R-7"), events=events, recorded=recorded, closed=closed)
        return one.counted.resolved

    events = [Event.opened(START), Event.resolved(START + HOUR)]
    assert resolved(START + HOUR, *events) == START + HOUR
    events += [Event.reopened(START + 2 * HOUR)]
    assert resolved(None, *events) is None
    assert resolved(START + 3 * HOUR, *events, Event.cancelled(START + 3 * HOUR)) is None
    assert resolved(START + 3 * HOUR, *events, Event.resolved(START + 3 * HOUR)) == START + 3 * HOUR


def test_a_case_is_resolved_at_an_instant_whatever_became_of_it_later() -> None:
    events = [
        Event.opened(START),
        Event.resolved(START + HOUR),
        Event.reopened(START + 2 * HOUR),
        Event.resolved(START + 3 * HOUR),
        Event.reopened(START + 4 * HOUR),
    ]
    one = attrs.evolve(case("R-7"), events=events, recorded=[START for _ in events])
    found = [one.resolved_at(START + hours * HOUR) for hours in (0.5, 1, 1.5, 2, 2.5, 3, 4)]
    first, again = START + HOUR, START + 3 * HOUR
    assert found == [None, first, first, None, None, again, None]


def test_a_case_is_known_with_the_events_that_were_recorded_by_then() -> None:
    late = case().with_events([Event.responded(START + HOUR)], START + 5 * HOUR)
    assert late.recorded == (START, START + 5 * HOUR)
    assert late.as_known(START + 5 * HOUR) == late
    assert late.as_known(START + 4 * HOUR) == case()
    assert late.as_known(START - HOUR) is None
    with pytest.raises(InvalidValueError, match="has `2` events, and `1` instants"):
        attrs.evolve(late, recorded=[START])


def test_a_work_item_has_the_state_of_its_own_work() -> None:
    with pytest.raises(InvalidValueError):
        WorkItem(work=work_item("a").work, group="db", state=WorkState(work="b"))


@pytest.mark.parametrize("status", WorkStatus)
def test_only_queued_work_is_queued(status: WorkStatus) -> None:
    one = attrs.evolve(work_item(), state=WorkState(work="R-1", status=status))
    assert one.queued == (status == "queued")
