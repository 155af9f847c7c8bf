"""Milestones with their own start: on site from the diagnosis, parts from the order."""

from __future__ import annotations

import pytest

from entitlements.documents import parse_facts, plan_tables, write_facts
from entitlements.engine.facts import Facts
from entitlements.kernel import utc
from entitlements.kernel.errors import DocumentError
from entitlements.sla import Event, History, measure

TEXT = """
calendars: {name: depot, zone: America/Chicago, week: "Mo-Fr 09:00-17:00"}
groups: desk
milestones: [on_site, parts]
plans:
  - id: hardware
    hours: depot
    cut_off: "15:00"
    anchor: end
    group: desk
    severities: [down, degraded]
    channels: portal
    first_response: 1h always
    on_site: {down: 4h always from diagnosed, degraded: next business day from diagnosed}
    parts: next business day from ordered
"""


def facts(text: str = TEXT) -> Facts:
    return parse_facts(text)


def due(severity: str, milestone: str, *events: Event) -> str | None:
    opened = Event.opened(utc("2026-03-05T15:00Z"), severity=severity, channel="portal")
    history = History([opened, *events])
    found = measure(facts().policies["hardware"], history, utc("2026-03-06T21:30Z"))
    at = found[milestone].due
    return None if at is None else f"{at:%Y-%m-%dT%H:%MZ}"


DIAGNOSED = Event.reached(utc("2026-03-05T18:00Z"), "diagnosed")


def test_a_milestone_with_its_own_start_is_due_only_after_it_has_begun() -> None:
    assert due("down", "on_site") is None
    assert due("down", "on_site", DIAGNOSED) == "2026-03-05T22:00Z"
    assert due("down", "parts", DIAGNOSED) is None


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        pytest.param("2026-03-06T20:59:59.999999Z", "2026-03-09T22:00Z", id="before the cut-off"),
        pytest.param("2026-03-06T21:00Z", "2026-03-10T22:00Z", id="at the cut-off"),
    ],
)
def test_the_cut_off_is_that_of_the_order_and_not_of_the_opening(
    ordered: str, expected: str
) -> None:
    # Chicago puts its clocks forward on Sunday, 8 March: 15:00 is 21:00 UTC before it.
    order = Event.reached(utc(ordered), "ordered")
    assert due("degraded", "parts", DIAGNOSED, order) == expected


def test_a_start_is_written_and_shown_behind_the_amount() -> None:
    found = facts()
    written = write_facts(found)
    assert "4h always from diagnosed" in written
    assert parse_facts(written) == found
    (table,) = plan_tables(found)
    assert table.rows[0].targets == (
        "1h always",
        "4h always from diagnosed",
        "1 business day of depot, by closing, cut-off 15:00 from ordered",
    )


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("4h always from diagnosed and ordered", "one starts a clock"),
        ("4h always from diagnosed from ordered", "`from` is written twice"),
    ],
)
def test_two_starts_are_a_problem_with_their_place(cell: str, problem: str) -> None:
    with pytest.raises(DocumentError, match=problem):
        facts(TEXT.replace("4h always from diagnosed", cell))


def test_targets_of_one_milestone_with_two_starts_are_a_problem() -> None:
    with pytest.raises(DocumentError, match="on_site"):
        facts(TEXT.replace("business day from diagnosed}", "business day from ordered}"))
