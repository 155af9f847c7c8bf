from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from entitlements.contracts.account import OpenCase
from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import Case, CatalogEdition, Message, WorkItem
from entitlements.ports.records import MAX_BODY, body_text
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.work_state import WorkState
from entitlements.sla import Event, SlaPolicy, Target
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
    events = [Event.opened(START), Event.resolved(START + HOUR)]
    one = attrs.evolve(case("R-7", "acme"), events=events, closed=START + HOUR)
    assert one.counted.resolved == START + HOUR
    events += [Event.reopened(START + 2 * HOUR)]
    assert attrs.evolve(one, events=events, closed=None).counted.resolved is None
    events += [Event.cancelled(START + 3 * HOUR)]
    assert attrs.evolve(one, events=events, closed=START + 3 * HOUR).counted.resolved is None
    again = [*events[:3], Event.resolved(START + 3 * HOUR)]
    one = attrs.evolve(one, events=again, closed=START + 3 * HOUR)
    assert one.counted.resolved == START + 3 * HOUR


def test_a_work_item_has_the_state_of_its_own_work() -> None:
    with pytest.raises(InvalidValueError):
        WorkItem(work=work_item("a").work, group="db", state=WorkState(work="b"))


@pytest.mark.parametrize("status", WorkStatus)
def test_only_queued_work_is_queued(status: WorkStatus) -> None:
    one = attrs.evolve(work_item(), state=WorkState(work="R-1", status=status))
    assert one.queued == (status == "queued")


def test_policies_of_an_edition_are_ordered() -> None:
    gold, bronze = (
        SlaPolicy(id=id, targets=[Target(milestone="resolution", within=None)])
        for id in ("gold", "bronze")
    )
    edition = CatalogEdition(number=1, recorded=START, policies=[gold, bronze])
    assert edition.policies == (bronze, gold)
