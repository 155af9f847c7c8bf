"""Attainment of many cases from their histories, beside a report over stored verdicts.

python benchmarks/bench_outcomes.py [--quick] [--stored N] [--json FILE] [--database postgresql://...]

Cases have histories of ten events: answers, holds, a resolution. Folding them is nearly all of the
cost. A report over stored verdicts, as helpdesks have it, only counts, and counts other cases.
"A day more" is the same report to the next midnight with what was kept. Of cases in memory the
digest is made again. Of stored ones nothing is read but what was written since, and those that are
still open are measured again: here a tenth of all. Without ids, memory is the same for any number
of cases, in memory or stored.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from stored_outcomes import databases, fill, from_store, most_memory, opened, sweep

from entitlements.calendars import Calendar
from entitlements.outcomes import (
    CaseRecord,
    KeptResults,
    Verdict,
    measure_attainment,
    report,
)
from entitlements.sla import Event, History, SlaPolicy, Target

T = TypeVar("T")
HOUR = timedelta(hours=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
MOST_STORED = 20_000
CUSTOMERS = 2_000
POLICY = SlaPolicy(
    id="gold",
    calendars={"desk": Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")},
    targets=[
        Target(milestone="first_response", within=4 * HOUR, calendar="desk"),
        Target(milestone="resolution", within=24 * HOUR, calendar="desk"),
    ],
)


def cases(count: int, seed: int = 1) -> Iterator[CaseRecord]:
    """Cases with ten events each, opened over ninety days."""
    dice = random.Random(seed)  # noqa: S311 - a seed repeats the cases
    for number in range(count):
        at = START + timedelta(minutes=dice.randrange(90 * 24 * 60))
        events = [Event.opened(at, severity="S1")]
        for kind in range(8):
            at += timedelta(minutes=dice.randrange(1, 300))
            events.append(
                Event.paused(at, "customer")
                if kind in {2, 5}
                else Event.resumed(at, "customer")
                if kind in {3, 6}
                else Event.responded(at)
                if kind in {0, 4, 7}
                else Event.customer_replied(at)
            )
        if dice.random() < 0.9:  # the others are never resolved
            events.append(Event.resolved(at + timedelta(minutes=dice.randrange(1, 3_000))))
        yield CaseRecord(
            id=f"R-{number}",
            customer=f"C-{number % 500}",
            severity="S1",
            history=History(events),
            policy=POLICY,
        )


def stored(case: CaseRecord) -> str | None:
    """Return what a helpdesk stores when a case is resolved: elapsed days, pauses left out."""
    last = case.history.events[-1]
    if last.kind.value != "resolved":
        return None
    took = last.at - case.history.events[0].at
    return "met" if took <= timedelta(days=3) else "missed"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what some work gives, and its processor time."""
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def stored_figures(
    sizes: tuple[int, ...],
    period: tuple[datetime, datetime],
    later: datetime,
    given: str | None,
    most: int,
) -> dict[str, float]:
    """Report from databases with no more than so many cases."""
    found: dict[str, float] = {}
    with databases(given) as every:
        for name, url in every:
            with opened(url) as store:
                for size in sorted({min(each, most) for each in (*sizes, most)}):
                    fill(store, f"{size}", cases(size), POLICY)
                    found |= from_store(name, store, size, (*period, later))
                found |= sweep(name, store, CUSTOMERS)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer cases")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--stored", type=int, help="cases in each database, instead of 20,000")
    parser.add_argument("--database", help="address of an empty PostgreSQL database")
    options = parser.parse_args()
    sizes = (1_000, 10_000) if options.quick else (1_000, 10_000, 100_000)
    period = START, START + timedelta(days=120)
    longer = START, START + timedelta(days=121)
    figures: dict[str, float] = {}
    for size in sizes:
        _, making = timed(partial(deque, cases(size), maxlen=0))
        before, most = most_memory(cases(size), period)
        found, spent = timed(partial(measure_attainment, cases(size), *period, by=["customer"]))
        counted: Counter[str | None]
        counted, plain = timed(partial(Counter, map(stored, cases(size))))
        kept: KeptResults = {}
        _, plain_report = timed(partial(report, cases(size), *period))
        _, whole = timed(partial(report, cases(size), *period, kept=kept))
        _, again = timed(partial(report, cases(size), *longer, kept=kept))
        resolution = found.milestone("resolution")
        differ = abs(counted["met"] - resolution.counts.get(Verdict.MET, 0))
        figures[f"{size} cases"] = spent - making
        per = 1e6 / size
        print(f"{size:,} cases of ten events, read one by one ({per * making:.0f} us to make one)")
        print(f"  attainment {spent - making:.2f} s, {per * (spent - making):.0f} us a case")
        print(f"  {resolution.share} kept")
        print(f"  report without ids: {before:,} KiB before, at most {most:,} KiB")
        print(f"  stored verdicts {plain - making:.3f} s, {differ:,} met ones too many or too few")
        whole, again = whole - making, again - making
        bare = plain_report - making
        figures[f"report of {size} cases"] = bare
        print(
            f"  report {bare:.2f} s, {per * bare:.0f} us a case; what is kept {whole - bare:.2f} s"
        )
        print(f"  a day more {again:.2f} s, {per * again:.0f} us a case")
    most = options.stored or min(MOST_STORED, sizes[-1])
    figures |= stored_figures(sizes, period, longer[1], options.database, most)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
