from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from entitlements.billing import AfterHours, Rate, RateCard
from entitlements.kernel import DuplicateIdError, InvalidValueError, Money

HUNDRED = Money(100, "USD")


def euros(amount: int | str) -> Money:
    return Money(amount, "EUR")


def card(*rates: Rate) -> RateCard:
    return RateCard(id="2026", currency="EUR", zone="Europe/Berlin", rates=rates)


# ConnectWise's documentation: a role of 100 dollars, with each of its three rate types
@pytest.mark.parametrize(
    ("after", "hourly"),
    [
        (AfterHours(hours="b", hourly=Money(200, "USD")), Money(200, "USD")),
        (AfterHours(hours="b", surcharge=Money(25, "USD")), Money(125, "USD")),
        (AfterHours(hours="b", multiplier=Decimal("1.5")), Money(150, "USD")),
        (AfterHours(hours="b", multiplier=Decimal()), Money(0, "USD")),
    ],
)
def test_work_after_hours_costs_a_multiple_a_surcharge_or_a_price(
    after: AfterHours, hourly: Money
) -> None:
    assert after.applied(HUNDRED) == hourly


ALL = Rate(id="all", hourly=euros(90))
SITE = Rate(id="site", hourly=euros(120), kinds=["on_site"])
DBA = Rate(id="dba", hourly=euros(130), groups=["dba"])
ADA = Rate(id="ada", hourly=euros(150), agents=["ada"])
NEXT_YEAR = Rate(id="next", hourly=euros(95), start=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("agent", "group", "kind", "day", "expected"),
    [
        ("bob", None, "work", date(2026, 3, 1), "all"),
        ("bob", None, "on_site", date(2026, 3, 1), "site"),
        ("bob", "dba", "on_site", date(2026, 3, 1), "dba"),
        ("ada", "dba", "on_site", date(2026, 3, 1), "ada"),
        ("bob", "desk", "work", date(2026, 12, 31), "all"),
        ("bob", "desk", "work", date(2027, 1, 1), "next"),
        ("bob", "desk", "on_site", date(2027, 1, 1), "site"),
    ],
)
def test_the_most_specific_rate_wins_and_then_the_one_that_begins_last(
    agent: str, group: str | None, kind: str, day: date, expected: str
) -> None:
    found = card(ALL, SITE, DBA, ADA, NEXT_YEAR).rate_on(day, agent=agent, group=group, kind=kind)
    assert found is not None
    assert found.id == expected


def test_a_rate_holds_on_its_first_and_on_its_last_day() -> None:
    spring = card(Rate(id="r", hourly=euros(1), start=date(2026, 3, 1), end=date(2026, 3, 31)))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [spring.rate_on(day, agent="ada") is not None for day in days] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "other",
    [
        Rate(id="too", hourly=euros(80)),
        Rate(id="too", hourly=euros(80), end=date(2026, 1, 1)),
    ],
)
def test_two_equally_specific_rates_for_the_same_work_are_refused(other: Rate) -> None:
    with pytest.raises(InvalidValueError, match="equally specific"):
        card(ALL, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SITE, Rate(id="phone", hourly=euros(80), kinds=["phone"])),
        (SITE, Rate(id="site2", hourly=euros(80), kinds=["on_site"], start=date(2027, 1, 1))),
        (ADA, Rate(id="bob", hourly=euros(80), agents=["bob"])),
        (ALL, SITE),
    ],
)
def test_rates_that_differ_in_work_or_in_their_start_stand_together(one: Rate, other: Rate) -> None:
    assert card(one, other).rates == (one, other)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (card, "has no rates"),
        (lambda: card(Rate(id="r", hourly=HUNDRED)), "in `USD`, and its card in `EUR`"),
        (
            lambda: card(
                Rate(id="r", hourly=euros(1), after_hours=AfterHours(hours="b", hourly=HUNDRED))
            ),
            "in `USD`, and its card in `EUR`",
        ),
        (lambda: Rate(id="r", hourly=euros(-1)), "is negative"),
        (lambda: Rate(id="r", hourly=90), "is not a money"),
        (
            lambda: Rate(id="r", hourly=euros(1), start=date(2026, 2, 1), end=date(2026, 1, 1)),
            "before",
        ),
        (lambda: AfterHours(hours="b"), "needs one of"),
        (lambda: AfterHours(hours="b", multiplier=Decimal(2), hourly=HUNDRED), "needs one of"),
        (lambda: AfterHours(hours="b", multiplier=1.5), "must be an exact number"),
        (lambda: AfterHours(hours="b", multiplier=Decimal(-1)), "is negative"),
        (lambda: AfterHours(hours="b", surcharge=euros(-1)), "is negative"),
    ],
)
def test_an_impossible_price_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


def test_two_rates_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError):
        card(ALL, Rate(id="all", hourly=euros(1), kinds=["x"]))
