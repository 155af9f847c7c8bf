"""Attainment of many cases from their histories, beside a report over stored verdicts.

python benchmarks/bench_outcomes.py [--quick] [--json FILE]

Cases have histories of ten events: answers, holds, a resolution. Folding them is nearly all of the
cost. A report over stored verdicts, as helpdesks have it, only counts, and counts other cases.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from entitlements.calendars import Calendar
from entitlements.outcomes import (
    CaseRecord,
    Verdict,
    measure_attainment,
    measure_backlog,
    measure_flow,
)
from entitlements.sla import Event, History, SlaPolicy, Target

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 5, tzinfo=UTC)
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


def stored(known: list[CaseRecord]) -> Counter[str]:
    """Count what a helpdesk stores when a case is resolved: elapsed days, pauses left out."""
    found: Counter[str] = Counter()
    for case in known:
        last = case.history.events[-1]
        if last.kind.value == "resolved":
            took = last.at - case.history.events[0].at
            found["met" if took <= timedelta(days=3) else "missed"] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer cases")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    sizes = (1_000, 10_000) if options.quick else (1_000, 10_000, 100_000)
    period = START, START + timedelta(days=120)
    figures: dict[str, float] = {}
    for size in sizes:
        known = list(cases(size))
        began = time.process_time()
        report = measure_attainment(known, *period, by=["customer"])
        spent = time.process_time() - began
        began = time.process_time()
        counted = stored(known)
        plain = time.process_time() - began
        began = time.process_time()
        flow, backlog = measure_flow(known, *period), measure_backlog(known, period[1])
        rest = time.process_time() - began
        whole = report.milestone("resolution")
        differ = abs(counted["met"] - whole.counts.get(Verdict.MET, 0))
        figures[f"{size} cases"] = spent
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{size:,} cases of ten events: {spent:.2f} s, {1e6 * spent / size:.0f} us a case")
        print(f"  stored verdicts {plain:.3f} s, {differ:,} met ones too many or too few")
        print(f"  flow and backlog {rest:.2f} s, {flow.opened:,} opened, {backlog.total:,} open")
        print(f"  {whole.share} kept; at most {memory} MiB")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
