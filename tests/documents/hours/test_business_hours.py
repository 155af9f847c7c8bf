from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.documents.examples import problems, read

from entitlements.calendars import BusinessHours, Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.options import SetOperator
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.hours.business_hours import (
    MAX_COMPOSITION_DEPTH,
    PREDEFINED,
    HoursShape,
    comparison_text,
    depth,
    write_context,
)
from entitlements.kernel.errors import InvalidValueError

BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
BOSTON = Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00")


def named(text: str) -> BusinessHours:
    head = 'calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}, {name: boston, zone: America/New_York, week: "Mo-Fr 09:00-17:00"}, '  # fmt: skip # noqa: E501 - one value
    return parse_facts(f"{head}{text}]").catalog.calendars["x"]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("{name: x, any_of: [berlin, boston]}", BERLIN | BOSTON),
        ("{name: x, all_of: [berlin, boston], zone: UTC}", BERLIN & BOSTON),
        ("{name: x, of: berlin, except: boston}", BERLIN - BOSTON),
        ("{name: x, not: berlin}", ~BERLIN),
        ("{name: x, not: {any_of: [berlin, boston]}}", ~(BERLIN | BOSTON)),
        ("{name: x, any_of: [berlin, never]}", BERLIN | Calendar.never()),
    ],
)
def test_calendars_are_composed_by_name(text: str, hours: BusinessHours) -> None:
    assert named(text) == hours
    assert named(text).name == "x"


def test_a_calendar_may_use_one_that_comes_later() -> None:
    text = "calendars: [{name: a, not: b}, {name: b, zone: UTC, week: 'Mo 09:00-10:00'}]"
    facts = parse_facts(text)
    assert not facts.catalog.calendars["a"].is_open(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert parse_facts(write_facts(facts)) == facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[{name: a, not: a}]", "1: calendars[0]: calendar `a` is made of itself"),
        ("[{name: a, not: b}, {name: b, not: a}]", "1: calendars[0]: calendar `a` is made of"),
        ("[{name: a, not: c}]", "1: calendars[0].not: no calendar has the name `c`"),
        ("[{zone: UTC, week: 24/7}]", "1: calendars[0]: `name` is missing in this calendar"),
        ("[a]", "1: calendars[0]: `a` is not a calendar (write its `name:`)"),
        ("[{name: a, not: always, week: 24/7}]", "1: calendars[0].week: `week` is not a key"),
    ],
)  # fmt: skip
def test_an_impossible_composition_is_a_problem(text: str, expected: str) -> None:
    assert problems(f"calendars: {text}")[0].startswith(expected)


def test_the_nesting_of_compositions_is_limited() -> None:
    chain = [f"{{name: c{n}, not: c{n + 1}}}" for n in range(500)]
    assert any("deep" in each for each in problems(f"calendars: [{', '.join(chain)}]"))


def test_hours_are_named_or_inline() -> None:
    assert read(HoursShape(), "always") == Calendar.always()
    assert read(HoursShape(), "{zone: Europe/Berlin, week: Mo-Fr 09:00-17:00}") == BERLIN
    out = write_context({"desk": BERLIN})
    assert HoursShape().write(BERLIN, out) == "desk"
    assert HoursShape().write(BOSTON, out) == {
        "zone": "America/New_York",
        "week": "Mo-Fr 09:00-17:00",
    }


def test_hours_with_different_coverage_are_written_differently() -> None:
    sure = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    text = "{zone: Europe/Berlin, week: Mo-Fr 09:00-17:00, holidays: {covered: [2026-01-01, 2026-12-31]}}"  # fmt: skip # noqa: E501 - one value
    known = read(HoursShape(), text)
    assert known == sure
    assert comparison_text(known) != comparison_text(sure)


def test_depth() -> None:
    assert depth(BERLIN) == 0
    assert depth(~(BERLIN | BOSTON)) == 2
    assert CompositeCalendar(SetOperator.NOT, (PREDEFINED["always"],)) == Calendar.never()


def test_hours_of_a_custom_class_have_no_form() -> None:
    class CustomHours:
        name = "custom"

    with pytest.raises(InvalidValueError, match="`custom` have no form"):
        HoursShape().write(CustomHours(), write_context({}))


def test_compositions_may_be_nested_up_to_the_limit() -> None:
    chain = [f"{{name: c{n}, not: c{n + 1}}}" for n in range(MAX_COMPOSITION_DEPTH - 1)]
    last = f"{{name: c{MAX_COMPOSITION_DEPTH - 1}, not: always}}"
    text = f"calendars: [{', '.join([*chain, last])}]"
    assert depth(parse_facts(text).catalog.calendars["c0"]) == MAX_COMPOSITION_DEPTH
    one_more = text.replace("not: always", "not: {not: always}")
    assert any("deep" in each for each in problems(one_more))
