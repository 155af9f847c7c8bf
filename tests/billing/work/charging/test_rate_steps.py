from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from entitlements.billing import AfterHours, Rate, RateCard
from entitlements.billing.work.charging.rate_steps import CompiledRates, hourly_price
from entitlements.kernel import Money, UnknownIdError
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.testing.strategies.worlds.billing import CALENDARS

NIGHT = AfterHours(hours="desk", multiplier=Decimal(2))
CARD = RateCard(
    id="c",
    currency="EUR",
    zone="Europe/Berlin",
    rates=[
        Rate(id="old", hourly=Money(60, "EUR"), end=date(2026, 3, 31), after_hours=NIGHT),
        Rate(id="site", hourly=Money(90, "EUR"), kinds=["on_site"], start=date(2026, 3, 30)),
        Rate(id="new", hourly=Money(70, "EUR"), start=date(2026, 4, 2)),
    ],
)


def parts(start: str, end: str, kind: str = "work") -> list[tuple[str, str | None]]:
    rates = CompiledRates(CARD, CALENDARS)
    instants = (to_micros(datetime.fromisoformat(f"2026-{each}+00:00")) for each in (start, end))
    found = rates.priced_parts(("ada", None, kind), *instants)
    return [
        (
            f"{from_micros(begin):%m-%dT%H:%M}",
            None if price is None or price.rate is None else f"{price.rate.id} {price.hourly}",
        )
        for begin, _, price in found
    ]


@pytest.mark.parametrize(
    ("start", "end", "kind", "expected"),
    [
        ("03-26T09:00", "03-26T10:00", "work", [("03-26T09:00", "old 60.00 EUR")]),
        (
            "03-26T15:30", "03-26T16:30", "work",
            [("03-26T15:30", "old 60.00 EUR"), ("03-26T16:00", "old 120.00 EUR")],
        ),
        ("03-26T16:00", "03-26T17:00", "work", [("03-26T16:00", "old 120.00 EUR")]),
        # The rate ends with the 31st in Berlin, at 22:00 UTC of summer time; the next is of the 2nd
        (
            "03-31T21:00", "04-01T23:00", "work",
            [
                ("03-31T21:00", "old 120.00 EUR"),
                ("03-31T22:00", None),
                ("04-01T22:00", "new 70.00 EUR"),
            ],
        ),
        (
            "03-29T21:00", "03-29T23:00", "on_site",
            [("03-29T21:00", "old 120.00 EUR"), ("03-29T22:00", "site 90.00 EUR")],
        ),
    ],
)  # fmt: skip
def test_work_is_cut_where_its_price_changes(
    start: str, end: str, kind: str, expected: list[tuple[str, str | None]]
) -> None:
    assert parts(start, end, kind) == expected


def test_a_price_is_rounded_once_half_up() -> None:
    price = hourly_price(Money("0.10", "EUR"))
    assert [price.amount(minutes * 60_000_000) for minutes in (2, 3, 8, 9, 60)] == [0, 1, 1, 2, 10]


def test_a_calendar_that_a_rate_names_must_be_there() -> None:
    with pytest.raises(UnknownIdError, match=r"rates\[0\].after_hours.hours"):
        CompiledRates(CARD, {})


def test_the_parts_of_some_work_follow_one_another() -> None:
    rates = CompiledRates(CARD, CALENDARS)
    start = to_micros(datetime(2026, 3, 20, 8, 17, tzinfo=UTC))
    end = start + timedelta(days=20) // timedelta(microseconds=1)
    found = list(rates.priced_parts(("ada", None, "work"), start, end))
    assert found[0][0] == start
    assert found[-1][1] == end
    assert all(one[1] == other[0] for one, other in itertools.pairwise(found))


# A cent of 90 EUR an hour is four tenths of a second.
@pytest.mark.parametrize(
    ("micros", "cents"), [(199_999, 0), (200_000, 1), (600_000, 2), (1_000_000, 3)]
)
def test_half_a_minor_unit_goes_up_from_an_even_and_from_an_odd_one(
    micros: int, cents: int
) -> None:
    assert hourly_price(Money(90, "EUR")).amount(micros) == cents
