"""Pictures of case statuses and clocks, and the page that shows them."""

from __future__ import annotations

from datetime import timedelta
from enum import EnumMeta
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import pytest

from entitlements.calendars import Calendar
from entitlements.kernel.instants import utc
from entitlements.sla import (
    CaseStatus,
    ClockOptions,
    Event,
    History,
    Reading,
    SlaPolicy,
    Target,
    measure,
)
from entitlements.sla.case_history.lifecycle import CASE_TRANSITIONS
from entitlements.sla.pictures import draw_clock, draw_states

DOCS = Path(__file__).parents[2] / "docs"
BERLIN = Calendar(
    zone="Europe/Berlin",
    week="Mo-Fr 09:00-12:30,13:00-17:30",
    name="berlin",
    holidays=["2026-04-03", "2026-04-06"],
)
SVG = "{http://www.w3.org/2000/svg}"


def worked_case(*more: Event) -> Reading:
    target = Target(
        milestone="resolution", within=timedelta(hours=32), calendar="desk", warn=[0.5, 0.75]
    )
    policy = SlaPolicy(id="gold", calendars={"desk": BERLIN}, targets=[target])
    events = [
        Event.opened("2026-03-27T15:00+01:00", severity="S2"),
        Event.paused("2026-03-31T10:00+02:00", "customer"),
        Event.resumed("2026-04-01T12:00+02:00"),
        *more,
    ]
    return measure(policy, History(events), utc("2026-04-01T12:00+02:00"))["resolution"]


def elements(svg: str, tag: str, kind: str | None = None) -> list[ET.Element]:
    found = ET.fromstring(svg).iter(SVG + tag)  # noqa: S314 - our own picture
    return [each for each in found if kind is None or each.get("class") == kind]


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("sla-states.svg", draw_states()),
        ("sla-clock.svg", draw_clock(worked_case(), BERLIN)),
    ],
)
def test_the_documentation_shows_what_the_code_draws(name: str, picture: str) -> None:
    assert (DOCS / "_static" / name).read_text(encoding="utf-8") == picture


def test_every_transition_is_in_the_diagram() -> None:
    words = " ".join(each.text or "" for each in elements(draw_states(), "text"))
    assert len(elements(draw_states(), "rect", "state")) == len(CaseStatus)
    for (source, kind), target in CASE_TRANSITIONS.items():
        assert words.count(kind.value) >= 1, (source, kind, target)


def test_a_day_has_one_row_and_the_deadline_its_place() -> None:
    svg = draw_clock(worked_case(), BERLIN)
    rows = {each.get("y") for each in elements(svg, "rect") if each.get("height") == "20"}
    assert len(rows) == 12  # from the 27th of March to the 7th of April
    (due,) = [each for each in elements(svg, "line", "due") if len(each)]
    assert due[0].text == "due Tue 07 Apr 17:00"
    assert float(due.get("x1", 0)) == 110 + 28 * 17


def test_a_clock_that_has_not_started_is_drawn_as_text() -> None:
    policy = SlaPolicy(
        id="p", targets=[Target(milestone="on_site", within=None, starts_on="dispatched")]
    )
    reading = measure(policy, History(), utc("2026-03-02T09:00Z"))["on_site"]
    assert ">on_site: pending<" in draw_clock(reading, BERLIN)


def test_the_page_names_every_option_and_every_value() -> None:
    page = (DOCS / "sla.md").read_text(encoding="utf-8")
    for field in attrs.fields(ClockOptions):
        assert f"`{field.name}`" in page, field.name
        kind = type(getattr(ClockOptions(), field.name))
        for value in kind if isinstance(kind, EnumMeta) else ():
            assert f"`{value.value}`" in page, (field.name, value)


def test_a_segment_over_midnight_is_drawn_on_both_days() -> None:
    policy = SlaPolicy(id="p", targets=[Target(milestone="resolution", within=timedelta(hours=24))])
    opened = Event.opened("2026-03-02T10:00+01:00")
    reading = measure(policy, History([opened]), opened.at)["resolution"]
    rows = elements(draw_clock(reading, BERLIN), "rect", "counted")
    widths = [float(each.get("width", 0)) for each in rows if each.get("height") == "20"]
    assert widths == [28 * 14, 28 * 10]
