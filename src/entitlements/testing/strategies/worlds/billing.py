"""Small customers whose work is charged: terms, cases and work logs over ten days of March 2026.

The days hold a clock change and a weekend; a customer is drawn from a `random.Random`, so that a
loop can make a million from one seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, final

import attrs
from hypothesis import strategies as st

from entitlements.billing.lines import ChargeLine
from entitlements.billing.work.rates import AfterHours, Rate, RateCard
from entitlements.billing.work.rounding import (
    Rounding,
    RoundingDirection,
    RoundingScope,
    RoundingTie,
)
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_charges import charge_work
from entitlements.billing.work.work_logs import WorkLog
from entitlements.billing.work.work_rules import OveragePayment
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.contracts.allowances.allowance import OveragePolicy, Rollover
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.plans import ChargeBasis
from entitlements.kernel.instants import utc
from entitlements.kernel.money.money import Money
from entitlements.testing.strategies.worlds.dice import Dice

ZONE: Final = "Europe/Berlin"
FIRST: Final = utc("2026-03-25T00:00Z")
CALENDARS: Final[Mapping[str, BusinessHours]] = {
    "desk": Calendar(zone=ZONE, week="Mo-Fr 09:00-17:00; Sa 22:00-06:00", name="desk")
}


@final
@attrs.frozen
class BilledWorld:
    """The work of one customer, and everything that decides what it costs."""

    logs: tuple[WorkLog, ...]
    cases: tuple[ChargedCase, ...]
    terms: tuple[WorkTerms, ...]

    def charged(self, known_at: datetime | None = None) -> tuple[ChargeLine, ...]:
        """Return the charge lines."""
        return charge_work(
            self.logs,
            self.cases,
            self.terms,
            calendars=CALENDARS,
            currency="EUR",
            known_at=known_at,
        )


def billed_worlds() -> st.SearchStrategy[BilledWorld]:
    """Draw customers with up to eight work logs."""
    return st.integers(0, 2**40).map(lambda seed: billed_world(Random(seed)))  # noqa: S311 - a seed


def billed_world(random: Random, most: int = 8, longest: int = 40_000) -> BilledWorld:
    """Return a customer, drawn from `random`.

    Args:
        random: Where the customer is drawn from.
        most: It has up to so many work logs.
        longest: None of them is longer than so many seconds.
    """
    dice = Dice(random)
    lines = ["main", "extra"][: dice.number(1, 2)]
    cases = tuple(_case(dice, number, dice.one(lines)) for number in range(4))
    count = dice.number(0, most)
    logs = tuple(_log(dice, number, dice.one(cases), longest) for number in range(count))
    return BilledWorld(logs, cases, tuple(_terms(dice, line) for line in lines))


def _instant(dice: Dice) -> datetime:
    """Return an instant, often on the hour, where grants begin and hours change."""
    step = 60 if dice.often(40) else 5
    return FIRST + timedelta(minutes=step * dice.number(0, 10 * 24 * 60 // step))


def _case(dice: Dice, number: int, line: str) -> ChargedCase:
    return ChargedCase(
        id=f"R-{number}",
        contract="C-1",
        line=line,
        group=dice.maybe(50, ["dba", "desk"]),
        follow_up_of="R-first" if dice.often(15) else None,
        prepaid_by="incidents" if dice.often(10) else None,
        consent=dice.often(50),
    )


def _log(dice: Dice, number: int, case: ChargedCase, longest: int) -> WorkLog:
    start = _instant(dice)
    seconds = dice.one([900, 3600, 60 * dice.number(1, 300), dice.number(1, 40_000)])
    end = start + timedelta(seconds=(seconds - 1) % longest + 1)
    return WorkLog(
        id=f"W-{number}",
        case=case.id,
        agent=dice.one(["ada", "bob"]),
        start=start,
        end=end,
        kind=dice.one(["work", "on_site"]),
        group=dice.maybe(20, ["dba", "desk"]),
        billable=dice.often(85),
        recorded=end + timedelta(hours=dice.number(0, 100)),
    )


def _terms(dice: Dice, line: str) -> WorkTerms:
    return WorkTerms(
        contract="C-1",
        line=line,
        zone=dice.one([ZONE, "America/New_York"]),
        start=FIRST,
        basis=dice.one(list(ChargeBasis)),
        rounding=work_rounding(dice),
        rates=rate_card(dice),
        grants=[_grant(dice, number) for number in range(dice.number(0, 4))],
        unit_factors=dice.one([{}, {"on_site": 2}, {"on_site": Decimal("0.7")}]),
        overage_hourly=dice.maybe(40, [Money(60, "EUR")]),
        overage=dice.one(list(OveragePayment)),
    )


def work_rounding(dice: Dice) -> Rounding:
    """Draw how worked time is rounded."""
    increment = timedelta(minutes=dice.one([0, 1, 6, 15, 60]))
    return Rounding(
        increment=increment,
        minimum=increment * dice.number(0, 2),
        direction=dice.one(list(RoundingDirection)),
        tie=dice.one(list(RoundingTie)),
        per=dice.one(list(RoundingScope)),
    )


def rate_card(dice: Dice) -> RateCard:
    """Draw a rate card whose calendar is `desk`."""
    after = [
        AfterHours(hours="desk", multiplier=Decimal("1.5")),
        AfterHours(hours="desk", surcharge=Money("19.99", "EUR")),
        AfterHours(hours="desk", hourly=Money(200, "EUR")),
    ]
    rates = [
        Rate(id="all", hourly=Money(90, "EUR"), after_hours=dice.maybe(70, after)),
        Rate(id="site", hourly=Money("119.99", "EUR"), kinds=["on_site"]),
        Rate(id="dba", hourly=Money(130, "EUR"), groups=["dba"], after_hours=dice.one(after)),
        Rate(id="ada", hourly=Money(150, "EUR"), agents=["ada"], end=date(2026, 3, 27)),
        Rate(id="later", hourly=Money("100.01", "EUR"), start=date(2026, 3, 29)),
    ]
    rest = [each for each in rates[1:] if dice.often(40)]
    return RateCard(
        id="2026", currency="EUR", zone=dice.one([ZONE, "UTC"]), rates=[rates[0], *rest]
    )


def _grant(dice: Dice, number: int) -> Grant:
    effective = _instant(dice) - timedelta(days=dice.number(0, 4))
    days = dice.maybe(60, [1, 2, 5])
    policy = dice.one(list(OveragePolicy))
    rolls = days is not None and days > 1 and dice.often(50)
    at_least = dice.number(0, 30)
    Rollover(at_least=at_least, at_most=at_least + dice.number(0, 90))
    return Grant(
        id=f"g{number}",
        unit="minutes",
        amount=dice.number(0, 300),
        effective=effective,
        expires=None if days is None else effective + timedelta(days=days),
        priority=dice.number(0, 1),
        over_use=policy,
        cap=dice.number(0, 90) if policy is OveragePolicy.CAP else None,
        resets=effective + timedelta(days=1) if rolls else None,
        rollover=Rollover(at_least=at_least, at_most=at_least + dice.number(0, 90))
        if rolls
        else None,
    )
