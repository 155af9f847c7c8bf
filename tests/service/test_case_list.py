"""Lists of cases on every store: pages, filters, and what an oracle in Python would list."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from tests.service.desks import MINUTE, MONDAY, admitted, desk, request, settle

from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import CaseFilter, CaseSummary, Store
from entitlements.service import AssignCase, Desk, RecordEvent, ResolveCase, SyncCase
from entitlements.sla import Event

HOUR = timedelta(hours=1)
FILTERS = {
    "all": ({}, {"R-0", "R-1", "R-2", "R-3", "R-4", "R-5"}),
    "customer": ({"customer": "daytime"}, {"R-1", "R-3", "R-5"}),
    "open": ({"statuses": ["open"]}, {"R-0", "R-2", "R-3", "R-5"}),
    "ended or paused": ({"statuses": ["paused", "resolved"]}, {"R-1", "R-4"}),
    "agent": ({"agent": "ada"}, {"R-0", "R-4"}),
    "group": ({"group": "others"}, set()),
    "severity": ({"severity": "S2"}, {"R-2", "R-3"}),
    "due": ({"due_before": MONDAY + 2 * HOUR}, {"R-0", "R-5"}),
    "several": ({"customer": "daytime", "statuses": "open", "severity": "S1"}, {"R-5"}),
}


def day(at_desk: Desk) -> None:
    for n in range(6):
        asked = request(
            f"R-{n}", "daytime" if n % 2 else "flat", severity="S2" if n in {2, 3} else "S1"
        )
        admitted(at_desk, asked, MONDAY + (n // 2) * MINUTE)
    later = MONDAY + 10 * MINUTE
    for command in (
        AssignCase(id="a0", case="R-0", agent="ada"),
        SyncCase(id="s1", case="R-1", state="pending"),
        AssignCase(id="a4", case="R-4", agent="ada"),
        ResolveCase(id="r4", case="R-4"),
        RecordEvent(id="e2", case="R-2", event=Event.responded(later)),
    ):
        at_desk.execute(command, later)


def pages(at_desk: Desk, wanted: CaseFilter, most: int) -> Iterator[CaseSummary]:
    after = None
    while True:
        page = at_desk.list_cases(wanted, after=after, most=most)
        yield from page.cases
        after = page.next
        if after is None:
            return


def test_cases_are_listed_in_pages_and_by_filters(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    at_desk = desk(store)
    day(at_desk)
    every = at_desk.list_cases().cases
    assert [each.id for each in every] == [f"R-{n}" for n in range(6)]
    for fields, ids in FILTERS.values():
        wanted = CaseFilter(**fields)  # type: ignore[arg-type]
        for most in (1, 2, 50):
            found = list(pages(at_desk, wanted, most))
            assert [each.id for each in found] == sorted(ids), fields
            assert found == [each for each in every if wanted.fits(each)]
    assert (every[0].agent, every[0].group, every[0].due) == ("ada", "experts", MONDAY + HOUR)
    assert (every[1].status, every[1].due) == ("paused", None), "what is paused is not due"
    assert (every[4].status, every[4].closed) == ("resolved", MONDAY + 10 * MINUTE)


def test_pages_do_not_shift_when_cases_are_opened_and_closed(at_desk: Desk) -> None:
    for n in (1, 3, 5):
        admitted(at_desk, request(f"R-{n}"), MONDAY + n * MINUTE)
    first = at_desk.list_cases(most=2)
    admitted(at_desk, request("R-0"), MONDAY)
    at_desk.execute(ResolveCase(id="r", case="R-1"), MONDAY + HOUR)
    second = at_desk.list_cases(after=first.next, most=2)
    assert [each.id for each in (*first.cases, *second.cases)] == ["R-1", "R-3", "R-5"]
    assert second.next is None
    for wrong in ({"after": "nonsense"}, {"most": 0}, {"wanted": "open"}):
        with pytest.raises(InvalidValueError):
            at_desk.list_cases(**wrong)  # type: ignore[arg-type]
