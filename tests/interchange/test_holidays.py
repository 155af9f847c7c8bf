"""Public holidays are frozen into named dates when they are loaded."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

import pytest

from entitlements.calendars import Calendar, OutsideCoverage
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import InvalidValueError, NotCoveredError
from entitlements.kernel.instants import utc


def test_dates_have_names_a_source_and_a_range() -> None:
    berlin = public_holidays("DE", subdivision="BE", years=range(2026, 2028), language="de")
    named = {each.date: each for each in berlin.holidays}
    assert named[date(2026, 3, 8)].name == "Frauentag"
    assert named[date(2026, 12, 25)].source == f"holidays {version('holidays')}: DE-BE"
    assert berlin.covered == (date(2026, 1, 1), date(2027, 12, 31))
    assert berlin.name == "DE-BE"
    assert date(2026, 3, 8) not in {
        each.date for each in public_holidays("DE", years=[2026]).holidays
    }


def test_a_calendar_with_holidays_has_their_known_range() -> None:
    desk = Calendar(
        zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=public_holidays("DE", years=[2026])
    )
    assert not desk.is_open(utc("2026-05-01T10:00Z"))
    assert desk.is_open(utc("2026-05-04T10:00Z"))
    with pytest.raises(NotCoveredError):
        desk.is_open(utc("2027-05-04T10:00Z"))
    known = public_holidays("DE", years=[2026], beyond=OutsideCoverage.WARN)
    lenient = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=known)
    assert lenient.is_open(utc("2027-05-04T10:00Z"))


def test_categories_have_the_hours_that_the_caller_says() -> None:
    known = public_holidays(
        "BR", years=[2026], categories={"public": "off", "optional": "09:00-12:00"}
    )
    kinds = {each.category for each in known.holidays}
    assert kinds == {"public", "optional"}
    half = next(each for each in known.holidays if each.category == "optional")
    assert known.windows(half) == ((32_400, 43_200),)


def test_days_off_for_holidays_on_a_weekend_are_optional() -> None:
    # 2026-07-04 is a Saturday; the Friday before it is free.
    with_days, without = (
        {each.date for each in public_holidays("US", years=[2026], observed=observed).holidays}
        for observed in (True, False)
    )
    assert date(2026, 7, 3) in with_days
    assert date(2026, 7, 3) not in without
    assert date(2026, 7, 4) in without


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"country": "XX", "years": [2026]}, "no holidays for `XX`"),
        ({"country": "DE", "subdivision": "ZZ", "years": [2026]}, "ZZ"),
        ({"country": "DE", "categories": ("fun",), "years": [2026]}, "fun"),
        ({"country": "DE", "years": []}, "have gaps"),
        ({"country": "DE", "years": [2026, 2028]}, "2026, 2028"),
    ],
)
def test_unknown_countries_and_categories_are_refused(
    arguments: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidValueError, match=words):
        public_holidays(**arguments)  # type: ignore[arg-type]
