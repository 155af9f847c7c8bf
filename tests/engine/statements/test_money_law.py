"""Money never appears or disappears: statements, month by month, beside what the rates say.

Work and its corrections, changes of plan, grants, measured figures and claims become known in any
order. What the rates say comes from the oracles, which look at minutes and days one by one.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries

from entitlements.billing import (
    AfterHours,
    ChargedCase,
    ChargeLine,
    CreditBand,
    CreditSchedule,
    Rate,
    RateCard,
    Rounding,
    Sheet,
    StandingCharge,
    WorkLog,
    WorkTerms,
)
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.contracts import Amendment, ContractLine, Cycle, Grant, Issue, Ledger
from entitlements.documents import parse_facts
from entitlements.engine import Promises, PromiseVerdict, statement
from entitlements.engine.facts import Facts
from entitlements.kernel import Money, utc
from entitlements.testing.oracles.billing import charged_by_the_guide
from entitlements.testing.oracles.fees_by_days import credit_cents, fees_by_days

MONTHS = [date(2026, month, 1) for month in range(1, 6)]
START = utc("2026-01-01T00:00+01:00")
CASES = [ChargedCase(id=f"R-{number}", contract="C-1", line="main") for number in range(3)]
PRICES = {"gold": 310, "bronze": 155}
BERLIN = ZoneInfo("Europe/Berlin")
FACTS = parse_facts("""
calendars: [{name: berlin, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
groups: desk
plans:
  - id: gold
    severities: high
    channels: web
    group: desk
    first_response: 1h
    charge: time_and_materials
    allowance: hours
    allowances: {id: hours, unit: minutes, amount: 60, recurrence: month}
    line_calendars: [business]
    commercial:
      price: 310 EUR/month in advance
      rates: {default: 100 EUR/h, after hours: x1.5 outside business}
      work: 15m per case
      credits:
        availability: {below 99.9%: 10%, below 99%: 25%}
        missed: {bands: {1-2: 5%, 3+: 10%}, window: {days: 30, after: month}}
  - id: bronze
    based_on: gold
    commercial:
      price: 155 EUR/month
      rates: {default: 100 EUR/h, after hours: x1.5 outside business}
      work: 15m per case
accounts:
  - customer: acme
    contracts:
      - {id: C-1, zone: Europe/Berlin, start: 2026-01-01, end: 2026-12-31, any_contact: true,
         lines: [{id: main, plan: gold, calendars: {business: berlin}}]}
""")
MISSED = CreditSchedule(
    id="gold missed",
    basis="missed",
    bands=[CreditBand(credit=5, at_least=1, below=3), CreditBand(credit=10, at_least=3)],
)
UPTIME = CreditSchedule(
    id="gold availability",
    basis="availability",
    bands=[
        CreditBand(credit=10, at_least=99, below=Decimal("99.9")),
        CreditBand(credit=25, below=99),
    ],
)


@attrs.frozen
class History:
    """What happened to one customer, each with the instant at which it became known."""

    changes: list[Amendment]
    grants: list[tuple[datetime, Grant]]
    logs: list[WorkLog]
    figures: list[tuple[datetime, MeasuredFigure]]
    verdicts: list[tuple[datetime, PromiseVerdict]]
    claims: dict[str, datetime]


def drawn_history(dice: Random) -> History:
    def instant(until: int = 100) -> datetime:
        return START + timedelta(minutes=15 * dice.randrange(96 * until))

    def known(at: datetime) -> datetime:
        return at + timedelta(days=dice.choice([0, 0, 3, 40]))

    days = dice.sample(range(1, 115), dice.choice([0, 1, 2, 3]))
    changes = [
        Amendment(
            id=f"A-{number}",
            contract="C-1",
            effective=date(2026, 1, 1) + timedelta(days=day),
            lines=[
                ContractLine(
                    id="main", plan=("bronze", "gold")[number % 2], calendars={"business": "berlin"}
                )
            ],
            recorded=START + timedelta(days=max(0, day + dice.choice([-20, 0, 0, 25]))),
        )
        for number, day in enumerate(sorted(days))
    ]
    grants = []
    for number in range(dice.choice([0, 1, 2])):
        begin = instant(80)
        ends = dice.choice([None, begin + timedelta(days=20)])
        grant = Grant(id=f"g{number}", unit="minutes", amount=90, effective=begin, expires=ends)
        grants.append((known(begin), grant))
    figures = [
        (known(utc(f"2026-0{month + 1}-01T00:00+02:00")), figure(month, dice))
        for month in dice.sample([1, 2, 3], dice.choice([0, 1, 2]))
    ]
    missed = [instant() for _ in range(dice.choice([0, 1, 4]))]
    verdicts = [
        (known(at), PromiseVerdict(case="R-1", milestone="resolution", at=at, kept=False))
        for at in missed
    ]
    return History(changes, grants, drawn_logs(dice), figures, verdicts, drawn_claims(dice, missed))


def figure(month: int, dice: Random) -> MeasuredFigure:
    return MeasuredFigure(
        contract="C-1",
        line="main",
        schedule=UPTIME.id,
        start=date(2026, month, 1),
        figure=Fraction(dice.choice([985, 990, 998, 999, 1000]), 10),
    )


def drawn_claims(dice: Random, missed: list[datetime]) -> dict[str, datetime]:
    """Return claims of some months in which something was missed, within 30 days of their end."""
    months = {each.astimezone(BERLIN).date().replace(day=1) for each in missed}
    return {
        f"{MISSED.id} {each} of C-1 main": midnight(MONTHS[each.month])
        + timedelta(days=dice.choice([2, 20]))
        for each in sorted(months)
        if dice.random() < 0.7 and each < MONTHS[3]
    }


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BERLIN)


def drawn_logs(dice: Random) -> list[WorkLog]:
    """Return the work of three months, with corrections and late records."""
    found = []
    for number in range(dice.randint(1, 8)):
        start = utc("2026-01-02T00:00Z") + timedelta(minutes=15 * dice.randint(0, 8000))
        end = start + timedelta(minutes=dice.choice([10, 45, 61, 300]))
        log = WorkLog(
            id=f"W-{number}",
            case=f"R-{dice.randint(0, 2)}",
            agent="ada",
            start=start,
            end=end,
            billable=dice.random() < 0.9,
            recorded=end + timedelta(days=dice.choice([0, 0, 1, 40])),
        )
        found.append(log)
        if dice.random() < 0.3:
            changed: dict[str, Any] = dice.choice(
                [{"retracted": True}, {"end": end + timedelta(minutes=20)}]
            )
            later = (log.recorded or end) + timedelta(days=dice.choice([1, 35]))
            found.append(attrs.evolve(log, recorded=later, **changed))
    return found


def facts_of(history: History, at: datetime) -> Facts:
    """Return the facts as they were known at an instant."""
    ledger = Ledger()
    for known, grant in sorted(history.grants, key=lambda each: (each[0], each[1].id)):
        ledger = ledger.post(Issue(grant=grant), START, recorded=known).ledger
    account = attrs.evolve(FACTS.accounts["acme"], changes=history.changes, ledger=ledger)
    return attrs.evolve(FACTS, accounts=[account.as_known(at)])


def stated(history: History, start: date, end: date, at: datetime, issued: list[Sheet]) -> Sheet:
    """Return the statement of some months from what was known at an instant."""
    return statement(
        facts_of(history, at),
        "acme",
        start,
        end,
        [each for each in history.logs if each.recorded is None or each.recorded <= at],
        cases=CASES,
        issued=issued,
        promises=Promises(
            verdicts=[each for known, each in history.verdicts if known <= at],
            figures=[each for known, each in history.figures if known <= at],
            claims={id: claimed for id, claimed in history.claims.items() if claimed <= at},
        ),
        id=f"{start} {end}",
    ).sheet


def owed(sheets: list[Sheet]) -> tuple[Money, Counter[str]]:
    """Return what several sheets charge together, and the minutes taken from each grant."""
    lines: list[ChargeLine] = [line for each in sheets for line in each.lines]
    units: Counter[str] = Counter()
    for line in lines:
        units[str(line.grant)] += line.units
    total = sum((each.amount for each in lines), Money.zero("EUR"))
    return total, Counter({grant: number for grant, number in units.items() if number})


def by_the_rates(history: History) -> int:
    """Return what everything costs, in cents: fees by days, work by minutes, less the credits."""
    plans = [(date(2026, 1, 1), "gold")]
    plans += [(each.effective, each.lines[0].plan) for each in history.changes]
    fees = []
    for (first, plan), (after, _) in pairwise([*plans, (date(2026, 12, 31), "")]):
        charge = StandingCharge(
            id=plan,
            contract="C-1",
            line="main",
            price=Money(PRICES[plan], "EUR"),
            every=Cycle("month"),
            zone="Europe/Berlin",
            start=first,
            end=after - timedelta(days=1),
            anchor=MONTHS[0],
        )
        fees += fees_by_days(charge, MONTHS[0], MONTHS[-1])
    total = sum(each.cents for each in fees)
    for month, following in pairwise(MONTHS):
        own = sum(each.cents for each in fees if month <= each.first < following)
        gold = [day for day in days_of(month, following) if plan_on(plans, day) == "gold"]
        named = f"{MISSED.id} {month} of C-1 main"
        if named in history.claims:
            days = [each.at.astimezone(BERLIN).date() for _, each in history.verdicts]
            total -= credit_cents(MISSED, Fraction(sum(each in gold for each in days)), own)
        for _, each in history.figures:
            if each.start == month and gold:
                total -= credit_cents(UPTIME, each.figure, own)
    return total + worked(history)


def days_of(first: date, after: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((after - first).days)]


def plan_on(plans: list[tuple[date, str]], day: date) -> str:
    return [plan for first, plan in plans if first <= day][-1]


def worked(history: History) -> int:
    """Return what work costs: both plans have the same rates and prepaid time."""
    hours = [
        Grant(
            id=f"hours {first}",
            unit="minutes",
            amount=60,
            effective=midnight(first),
            expires=midnight(after),
        )
        for first, after in pairwise(MONTHS)
    ]
    rate = Rate(
        id="default",
        hourly=Money(100, "EUR"),
        after_hours=AfterHours(hours="berlin", multiplier=Decimal("1.5")),
    )
    terms = WorkTerms(
        contract="C-1",
        line="main",
        zone="Europe/Berlin",
        start=START,
        basis="time_and_materials",
        rounding=Rounding(increment=timedelta(minutes=15)),
        rates=RateCard(id="card", currency="EUR", zone="Europe/Berlin", rates=[rate]),
        grants=[*hours, *(grant for _, grant in history.grants)],
    )
    lines = charged_by_the_guide(history.logs, CASES, [terms], FACTS.catalog.calendars)
    return sum(each.cents for each in lines)


@settings(max_examples=tries(20), deadline=None)
@given(st.integers(0, 2**30))
def test_money_never_appears_or_disappears_in_whatever_order_things_become_known(
    seed: int,
) -> None:
    history = drawn_history(Random(seed))  # noqa: S311 - a seed repeats it
    issued: list[Sheet] = []
    for number, (first, after) in enumerate(pairwise(MONTHS)):
        is_last = number == len(MONTHS) - 2
        at = utc("2027-01-01T00:00Z") if is_last else midnight(after) + timedelta(hours=12)
        issued.append(stated(history, first, after, at, issued))
    whole = stated(history, MONTHS[0], MONTHS[-1], utc("2027-01-01T00:00Z"), [])
    assert owed(issued) == owed([whole])
    assert whole.total.minor_units == by_the_rates(history)
