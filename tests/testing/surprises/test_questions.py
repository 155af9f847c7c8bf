"""Questions are what customers may ask, at instants at which answers change."""

from __future__ import annotations

from datetime import timedelta

from tests.testing.surprises.test_search import GOOD

from entitlements.documents import parse_facts
from entitlements.kernel.instants import text_of, utc
from entitlements.testing.surprises.questions import SOMEBODY, asked_lines, instants

FACTS = parse_facts(GOOD)


def test_every_severity_is_asked_by_every_channel() -> None:
    (line,) = asked_lines(FACTS)
    asked = [(each.severity, each.channel) for each in line.requests()]
    assert asked == [("high", "web"), ("low", "web")]
    assert line.contact == SOMEBODY


def test_instants_are_edges_of_hours_first() -> None:
    found = instants(FACTS, utc("2026-03-02T00:00Z"), timedelta(days=2), 100)
    assert [text_of(each) for each in found] == [
        "2026-03-02T00:00:00Z",
        "2026-03-02T09:00:00Z",
        "2026-03-02T16:59:00Z",
        "2026-03-02T17:00:00Z",
        "2026-03-03T09:00:00Z",
        "2026-03-03T16:59:00Z",
        "2026-03-03T17:00:00Z",
    ]


def test_no_more_instants_than_the_limit_are_tried() -> None:
    assert len(instants(FACTS, utc("2026-03-02T00:00Z"), timedelta(days=365), 5)) == 5


def test_holidays_and_their_eves_are_tried() -> None:
    facts = parse_facts(GOOD.replace('17:00"}', '17:00", holidays: [2026-06-10]}'))
    found = map(text_of, instants(facts, utc("2026-03-02T00:00Z"), timedelta(days=365), 1000))
    assert {"2026-06-09T17:00:00Z", "2026-06-10T12:00:00Z"} <= {*found}
