"""Charge fees and service credits again, day by day: `python -m tests.billing.fees_by_days 1000 0`.

The arguments are how many worlds and the first seed. Each fee of a period is one comparison, and so
is each figure of a credit schedule with its claim window.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from time import process_time
from zoneinfo import ZoneInfo

from entitlements.billing import ClaimWindow, CreditBand, CreditSchedule, StandingCharge
from entitlements.billing.credits.claims import ServiceCredit
from entitlements.billing.fees.proration import Proration
from entitlements.billing.lines import LineReason
from entitlements.contracts import Cycle
from entitlements.kernel import Money
from entitlements.testing.oracles.fees_by_days import (
    claimable_until,
    credit_cents,
    credit_percent,
    fees_by_days,
)

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


def drawn_charge(dice: Random) -> StandingCharge:
    """Return a fee of any kind, of some months or weeks."""
    start = date(2023, 1, 1) + dice.randrange(800) * DAY
    unit = dice.choice(["week", "month", "month", "month", "quarter", "year"])
    days = dice.choice(["actual", "actual", "fixed_30", "seconds", "none"])
    last = dice.choice(["free", "paid"]) if days == "actual" else "free"
    is_month = unit != "week"
    return StandingCharge(
        id="fee",
        contract="C-1",
        line="main",
        price=Money(Decimal(dice.choice([100, 3100, 12345, 1, -5000])) / 100, "EUR"),
        every=Cycle(unit, dice.choice([1, 1, 1, 2])),
        zone=dice.choice(ZONES),
        start=start,
        end=dice.choice([None, start + dice.randrange(900) * DAY]),
        timing=dice.choice(["advance", "arrears"]),
        billing_day=dice.choice([None, 1, 15, 29, 30, 31]) if is_month else None,
        anchor=dice.choice([None, start + dice.randrange(-90, 90) * DAY]),
        proration=Proration(days=days, last_day=last),
    )


def compare_fees(charge: StandingCharge, since: date, until: date) -> tuple[int, list[str]]:
    """Return how many fees were compared, and what differs."""
    zone = ZoneInfo(charge.zone)
    mine = [
        (
            line.start.astimezone(zone).date(),
            line.end.astimezone(zone).date(),
            line.charged_at.astimezone(zone).date(),
            line.amount.minor_units,
            line.reason is LineReason.PERIOD,
        )
        for line in charge.lines(since, until)
    ]
    theirs = [tuple(each) for each in fees_by_days(charge, since, until)]
    return max(len(mine), len(theirs)), [] if mine == theirs else [f"{mine} and {theirs}"]


def drawn_schedule(dice: Random) -> CreditSchedule:
    """Return a schedule of two to four bands, with its window."""
    basis = dice.choice(["availability", "attainment", "missed", "downtime"])
    percent = basis in {"availability", "attainment"}
    top = 10_000 if percent else 40
    edges = sorted(dice.sample(range(1, top), dice.choice([1, 2, 3])))
    scale = 100 if percent else 1
    credits = sorted(dice.choice([0, 5, 10, 25, 100]) for _ in edges)
    bands: list[tuple[int | None, int | None, int]] = []
    for number, edge in enumerate(edges):
        if percent:
            bands.append((edges[number - 1] if number else None, edge, credits[-1 - number]))
        else:
            after = edges[number + 1] if number + 1 < len(edges) else None
            bands.append((edge, after, credits[number]))
    is_closed = dice.random() < 0.3  # the higher figure of an edge belongs to the band below it
    names = ("above", "at_most") if is_closed else ("at_least", "below")
    return CreditSchedule(
        id="credits",
        basis=basis,
        bands=[
            CreditBand(
                credit=credit,
                **{
                    name: Fraction(edge, scale)
                    for name, edge in zip(names, (low, high), strict=True)
                    if edge is not None
                },
            )
            for low, high, credit in bands
        ],
        cap=dice.choice([100, 100, 30, 7]),
        more_than=dice.choice([None, None, Money(1, "EUR"), Money("2.50", "EUR")]),
        free_misses=dice.choice([0, 2]) if basis == "missed" else 0,
        window=drawn_window(dice),
    )


def drawn_window(dice: Random) -> ClaimWindow:
    """Return a claim window of any kind."""
    length = dice.choice(
        [
            {"days": dice.randrange(1, 70)},
            {"months": dice.randrange(1, 5)},
            {"month_ends": dice.randrange(1, 4)},
            {"within": timedelta(hours=dice.randrange(1, 100))},
        ]
    )
    return ClaimWindow(**length, after=dice.choice(["event", "month", "quarter"]))  # type: ignore[arg-type] # one of the lengths


def figures(schedule: CreditSchedule, dice: Random) -> Iterator[Fraction]:
    """Yield the figures at, just below and just above each edge, and any others."""
    most = Fraction(100) if schedule.basis.is_percent else Fraction(60)
    step = (
        Fraction(1) if schedule.basis.value == "missed" else Fraction(1, dice.choice([100, 44640]))
    )
    for band in schedule.bands:
        for edge in (band.at_least, band.above, band.below, band.at_most):
            if edge is not None:
                near = (edge - step, edge, edge + step)
                yield from (each for each in near if 0 <= each <= most)
    for _ in range(10):
        drawn = most * dice.randrange(4321) / 4320
        yield Fraction(int(drawn)) if schedule.basis.value == "missed" else min(drawn, most)


def compare_credits(schedule: CreditSchedule, dice: Random) -> tuple[int, list[str]]:
    """Return how many figures were compared, and what differs."""
    zone, window = dice.choice(ZONES), schedule.window
    end = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 800))
    fees, wrong, count = dice.choice([0, 199, 31_000, 123_456]), list[str](), 0
    assert window is not None
    until = claimable_until(window, end, zone)
    for figure in figures(schedule, dice):
        count += 1
        credit = ServiceCredit(
            id="1",
            contract="C-1",
            line="main",
            zone=zone,
            start=end - 30 * DAY,
            end=end,
            missed=end,
            figure=figure,
            fees=Money.of_minor(fees, "EUR"),
            schedule=schedule,
        )
        mine = (
            schedule.credit_for(figure),
            credit.amount.minor_units,
            credit.claimable_until,
            credit.state(until - INSTANT).value,
            credit.state(until).value,
        )
        theirs = (
            credit_percent(schedule, figure),
            credit_cents(schedule, figure, fees),
            until,
            "claimable",
            "lapsed",
        )
        if mine != theirs:
            wrong.append(f"{figure}: {mine} and {theirs}")
    return count, wrong


def run(count: int, first: int) -> tuple[Counter[str], list[str]]:
    """Compare the worlds of `count` seeds: three years of a fee, and a credit schedule."""
    compared: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(first, first + count):
        dice = Random(seed)  # noqa: S311 - a seed repeats it
        since = date(2023, 1, 1) + dice.randrange(700) * DAY
        fees = compare_fees(drawn_charge(dice), since, since + dice.randrange(1, 1100) * DAY)
        credits = compare_credits(drawn_schedule(dice), dice)
        for name, (number, differences) in (("fees", fees), ("credits", credits)):
            compared[name] += number
            wrong += [f"seed {seed}, {name}: {each}" for each in differences]
    return compared, wrong


if __name__ == "__main__":
    hits, wrong = run(*map(int, sys.argv[1:]))
    counts = ", ".join(f"{hits[name]:,} {name}" for name in sorted(hits))
    lines = [f"{counts} in {process_time():.0f} s, {len(wrong)} differences", *wrong[:5]]
    sys.stdout.write("\n".join(lines) + "\n")
