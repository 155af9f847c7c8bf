"""Charge lines of work logs, beside a plain transcription of the same rules.

python benchmarks/bench_billing.py [--quick] [--json FILE]

A customer's month has 1,000 entries with rates after hours, rounding by case and a prepaid block;
then 10,000 customers have 100 entries each. The transcription does in one loop what an engineer
would write for exactly this contract: floats and `zoneinfo`, half a minute of thought about
rounding, no explanations and no other rules. `right` is the share of its totals that are exact. All
times are processor time.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from entitlements.billing import (
    AfterHours,
    ChargedCase,
    Rate,
    RateCard,
    Rounding,
    WorkLog,
    WorkTerms,
    charge_work,
)
from entitlements.calendars import Calendar
from entitlements.contracts import Grant
from entitlements.kernel import Money

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 1, tzinfo=ZONE)
CALENDARS = {"desk": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")}
CARD = RateCard(
    id="2026",
    currency="EUR",
    zone="Europe/Berlin",
    rates=[
        Rate(
            id="all",
            hourly=Money(90, "EUR"),
            after_hours=AfterHours(hours="desk", multiplier=Decimal("1.5")),
        ),
        Rate(id="site", hourly=Money(120, "EUR"), kinds=["on_site"]),
    ],
)
TERMS = WorkTerms(
    contract="C-1",
    line="main",
    zone="Europe/Berlin",
    start=START,
    basis="time_and_materials",
    rounding=Rounding(increment=timedelta(minutes=15)),
    rates=CARD,
    grants=[Grant(id="block", unit="minutes", amount=6_000, effective=START)],
)
Month = tuple[list[WorkLog], list[ChargedCase]]


def month(seed: int, entries: int) -> Month:
    """Work logs of one customer, on about a third as many cases."""
    dice = random.Random(seed)  # noqa: S311 - a seed repeats the month
    cases = [
        ChargedCase(id=f"R-{number}", contract="C-1", line="main")
        for number in range(max(1, entries // 3))
    ]
    logs = []
    for number in range(entries):
        start = START.astimezone(UTC) + timedelta(minutes=dice.randrange(30 * 24 * 60))
        logs.append(
            WorkLog(
                id=f"W-{number}",
                case=dice.choice(cases).id,
                agent=dice.choice(["ada", "bob", "eve"]),
                start=start,
                end=start + timedelta(minutes=dice.randrange(5, 120)),
                kind=dice.choice(["work", "work", "on_site"]),
            )
        )
    return logs, cases


def ours(logs: Sequence[WorkLog], cases: Sequence[ChargedCase]) -> int:
    """The total in cents, from lines that explain themselves."""
    lines = charge_work(logs, cases, [TERMS], calendars=CALENDARS, currency="EUR")
    return sum(line.amount.minor_units for line in lines)


def transcribed(logs: Sequence[WorkLog], _: Sequence[ChargedCase]) -> int:
    """The total in cents, as one loop over the entries."""
    ordered = sorted(logs, key=lambda each: (each.start, each.id))
    parts: list[list[float]] = []
    by_case: dict[str, list[list[float]]] = defaultdict(list)
    for log in ordered:
        for hours, rate in pieces(log):
            part = [hours, rate]
            parts.append(part)
            by_case[log.case].append(part)
    for own in by_case.values():
        worked = sum(part[0] for part in own)
        own[-1][0] += -(-worked * 4 // 1) / 4 - worked
    left, total = 100.0, 0
    for hours, rate in parts:
        prepaid = min(left, hours)
        left -= prepaid
        total += round((hours - prepaid) * rate * 100)
    return total


def pieces(log: WorkLog) -> list[tuple[float, float]]:
    """Hours and rate of the parts of an entry in and out of hours."""
    length = (log.end - log.start).total_seconds() / 3600
    if log.kind == "on_site":
        return [(length, 120.0)]
    found = []
    start, end = log.start.astimezone(ZONE), log.end.astimezone(ZONE)
    while start < end:
        midnight = start.replace(hour=0, minute=0, second=0)
        edges = [midnight + timedelta(hours=hour) for hour in (9, 17, 24)]
        stop = min(end, next(edge for edge in edges if edge > start))
        is_open = start.weekday() < 5 and edges[0] <= start < edges[1]
        elapsed = (stop.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 3600
        found.append((elapsed, 90.0 if is_open else 135.0))
        start = stop
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and customers")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    rounds, customers = (5, 500) if options.quick else (15, 10_000)
    figures: dict[str, object] = {}

    logs, cases = month(1, 1_000)
    times: dict[str, list[float]] = {"ours": [], "transcription": []}
    for _ in range(rounds):
        for name, call in (("ours", ours), ("transcription", transcribed)):
            began = time.process_time()
            call(logs, cases)
            times[name].append(time.process_time() - began)
    print("a month of 1,000 entries, after hours and prepaid")
    for name, seconds in times.items():
        figures[name] = least = 1000 * min(seconds)
        print(
            f"  {name:15} {least:8.1f} ms at least, {1000 * statistics.median(seconds):.1f} median"
        )
    right = sum(ours(*each) == transcribed(*each) for each in (month(n, 60) for n in range(200)))
    figures["right"] = right / 200
    print(f"  totals of the transcription that are exact: {right} of 200")

    base = month(2, 100)
    began = time.process_time()
    for number in range(customers):
        again = [attrs.evolve(each, id=f"{number}-{each.id}") for each in base[0][:1]]
        ours([*again, *base[0][1:]], base[1])
    spent = time.process_time() - began
    figures["customers"], figures["seconds"] = customers, spent
    per_entry = 1e6 * spent / (100 * customers)
    print(f"{customers:,} customers of 100 entries: {spent:.1f} s, {per_entry:.1f} us an entry")

    for size in (1_000, 10_000, 100_000) if not options.quick else (1_000, 10_000):
        long = [attrs.evolve(each, case="R-0") for each in month(3, size)[0]]
        began = time.process_time()
        ours(long, base[1])
        spent = time.process_time() - began
        figures[f"one case of {size}"] = spent
        print(f"one case of {size:,} entries: {1e6 * spent / size:.1f} us an entry")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
