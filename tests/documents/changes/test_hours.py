from __future__ import annotations

import pytest
from tests.documents.changes.documents import AT, TEXT, changes, sentences

from entitlements.calendars import Calendar, HolidaySet
from entitlements.documents import ChangeEffect, parse_facts
from entitlements.documents.changes.hours import HoursComparison

DAY = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
LONG = Calendar(zone="UTC", week="Mo-Sa 07:00-19:00")
NIGHT = Calendar(zone="UTC", week="Mo-Su 20:00-24:00")


@pytest.mark.parametrize(
    ("week", "effect"),
    [
        ("Mo-Fr 10:00-17:00", ChangeEffect.WORSE),
        ("Mo-Fr 08:00-17:00", ChangeEffect.BETTER),
        ("Mo-Fr 10:00-18:00", ChangeEffect.UNCLEAR),
    ],
)
def test_hours_are_better_if_nothing_is_lost_and_worse_if_nothing_is_won(
    week: str, effect: ChangeEffect
) -> None:
    (change,) = changes(("Mo-Fr 09:00-17:00", week))
    assert (change.place, change.effect) == ("calendar business", effect)


def test_the_sentence_says_how_much_is_lost_and_won_in_two_years() -> None:
    # 731 days from Thursday 2026-01-01 have 522 weekdays.
    (sentence,) = sentences(("Mo-Fr 09:00-17:00", "Mo-Fr 10:00-18:00"))
    assert sentence.endswith("is now Mo-Fr 10:00-18:00 UTC (522h less, 522h more in two years)")


def test_wider_hours_cover_narrower_ones_and_unknown_hours_cover_nothing() -> None:
    facts = parse_facts(TEXT)
    hours = HoursComparison(facts, facts, AT)
    assert hours.covers(LONG, DAY)
    assert not hours.covers(DAY, LONG)
    assert not hours.covers(NIGHT, DAY)
    assert hours.covers(Calendar.always(), NIGHT)
    assert not hours.covers(None, DAY)
    assert not hours.covers(DAY, None)
    assert hours.covers(Calendar.always(), None)  # whatever a contract line binds
    assert hours.covers(None, Calendar.never())


def test_hours_with_unknown_holidays_are_not_compared() -> None:
    known = HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2026-12-31"))
    limited = Calendar(zone="UTC", week="Mo-Fr 08:00-18:00", holidays=[known])
    facts = parse_facts(TEXT)
    assert not HoursComparison(facts, facts, AT).covers(limited, DAY)
    assert HoursComparison(facts, facts, AT).difference(DAY, limited) is None
