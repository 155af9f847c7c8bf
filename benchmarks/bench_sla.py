"""SLA clocks computed from histories, beside the loops that they replace.

python benchmarks/bench_sla.py [--quick] [--json FILE]

The peers are the day loops of Frappe Helpdesk and ERPNext, restated in their barest form: they
need no database here, which flatters them. `right` is the share of cases in which a deadline
equals that of a walk through the case in half hours. Rounds are interleaved, so that a busy
machine slows all of them; figures are microseconds, minimum and median over the rounds.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.calendars import Calendar
from entitlements.sla import ClockOptions, Event, History, SlaPolicy, Target, Tracker, measure
from entitlements.sla.options.clock_options import PausedDueDisplay
from entitlements.testing.oracles.sla import walk

HOUR, STEP = timedelta(hours=1), timedelta(minutes=30)
ZONE = ZoneInfo("Europe/Berlin")
HOLIDAYS = [date(2026, 4, 3), date(2026, 4, 6)]
DESK = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", holidays=HOLIDAYS)
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICY = SlaPolicy(
    id="gold",
    calendars={"desk": DESK},
    targets=[
        Target(milestone="first_response", within=4 * HOUR, calendar="desk", paused_by=[]),
        Target(milestone="next_response", within=4 * HOUR, calendar="desk"),
        Target(milestone="update", within=8 * HOUR, calendar="desk"),
        Target(milestone="resolution", within=400 * HOUR, calendar="desk", warn=[0.5, 0.75]),
    ],
)
OPENING = SlaPolicy(
    id="opening",
    calendars={"desk": DESK},
    targets=[
        Target(milestone=name, within=hours * HOUR, calendar="desk")
        for name, hours in (("first_response", 1), ("update", 2), ("plan", 4), ("resolution", 8))
    ],
)

Row = dict[str, Any]
Case = tuple[datetime, list[tuple[datetime, datetime]]]
"""An opening and its holds."""


def history(count: int, span: timedelta) -> History:
    """A conversation of `count` events: messages, answers, pauses and changes of severity."""
    gap = span / count
    turn = ("customer_replied", "responded", "paused", "resumed", "severity_changed")
    events = [Event.opened(START, severity="S1")]
    for number in range(1, count):
        at = START + gap * number
        kind = turn[number % len(turn)]
        extra = {
            "paused": ("customer",),
            "severity_changed": (f"S{number % 3 + 1}",),
        }.get(kind, ())
        events.append(getattr(Event, kind)(at, *extra))
    return History(events)


def timed(calls: dict[str, Callable[[], object]], rounds: int, seconds: float) -> dict[str, Row]:
    """Time each call in interleaved rounds, about `seconds` for each of them in all."""
    repeats: dict[str, int] = {}
    for name, call in calls.items():
        began = time.perf_counter()
        call()
        once = max(1e-7, time.perf_counter() - began)
        repeats[name] = max(1, int(seconds / rounds / once))
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            found[name].append((time.perf_counter() - began) / repeats[name] * 1e6)
    return {
        name: {"min_us": min(each), "median_us": statistics.median(each)}
        for name, each in found.items()
    }


def loop_due(start: datetime, amount: timedelta) -> datetime:
    """The day loop of both peers: one window a day, a list of holidays, local time."""
    at, left = start.astimezone(ZONE).replace(tzinfo=None), amount
    while True:
        day = at.date()
        if day.weekday() < 5 and day not in HOLIDAYS:
            opens = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 - that is how they do it
            begin, closes = max(at, opens), opens + 8 * HOUR
            if begin < closes:
                if closes - begin >= left:
                    return (begin + left).replace(tzinfo=ZONE).astimezone(UTC)
                left -= closes - begin
        at = datetime(day.year, day.month, day.day) + 24 * HOUR  # noqa: DTZ001 - as above


def loop_between(start: datetime, end: datetime) -> timedelta:
    """Working time between two instants, by the same day loop."""
    at, stop = (each.astimezone(ZONE).replace(tzinfo=None) for each in (start, end))
    total, day = timedelta(), at.date()
    while day <= stop.date():
        if day.weekday() < 5 and day not in HOLIDAYS:
            opens = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 - that is how they do it
            total += max(timedelta(), min(stop, opens + 8 * HOUR) - max(at, opens))
        day += timedelta(days=1)
    return total


def frappe(case: Case, target: timedelta) -> datetime:
    """Frappe Helpdesk: the working time of all holds is added to the target."""
    opened, holds = case
    return loop_due(opened, target + sum((loop_between(*each) for each in holds), timedelta()))


def erpnext(case: Case, target: timedelta) -> datetime:
    """ERPNext: the last hold is added to the date as wall clock."""
    opened, holds = case
    return loop_due(opened, target) + (holds[-1][1] - holds[-1][0] if holds else timedelta())


def ours(policy: SlaPolicy, case: Case) -> datetime | None:
    """The same case through the events."""
    opened, holds = case
    return measure(policy, events_of(case), holds[-1][1] if holds else opened)["resolution"].due


def events_of(case: Case) -> History:
    opened, holds = case
    events = [Event.opened(opened)]
    for start, end in holds:
        events += [Event.paused(start, "hold"), Event.resumed(end, "hold")]
    return History(events)


def cases(count: int, seed: int = 5) -> list[Case]:
    """Cases around the clock change and Easter with none, one or two holds, on half hours."""
    rng = random.Random(seed)  # noqa: S311 - the same cases every time
    found = []
    for _ in range(count):
        opened = START + rng.randrange(48 * 35) * STEP
        at, holds = opened, []
        for _ in range(rng.randrange(3)):
            at += rng.randrange(1, 30) * STEP
            end = at + rng.randrange(1, 60) * STEP
            holds.append((at, end))
            at = end
        found.append((opened, holds))
    return found


def promise(target: timedelta) -> SlaPolicy:
    return SlaPolicy(
        id="p",
        calendars={"desk": DESK},
        targets=[Target(milestone="resolution", within=target, calendar="desk")],
        options=ClockOptions(while_paused=PausedDueDisplay.AS_IF_RESUMED),
    )


def shares(count: int) -> dict[str, dict[str, float]]:
    """How often each way agrees with a walk: on the deadline, and on being late at some instant."""
    target = 12 * HOUR
    policy, rng = promise(target), random.Random(7)  # noqa: S311 - the same cases every time
    names = ("entitlements", "frappe", "erpnext")
    deadline, late = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for case in cases(count):
        opened, holds = case
        at = holds[-1][1] if holds else opened
        events = events_of(case)
        expected = walk(policy, events.events, at, step=STEP)["resolution"][-1].due
        deadline["entitlements"] += ours(policy, case) == expected
        deadline["frappe"] += frappe(case, target) == expected
        deadline["erpnext"] += erpnext(case, target) == expected
        asked = opened + rng.randrange(1, 48 * 6) * STEP
        found = walk(policy, events.events, asked, step=STEP)["resolution"][-1].state == "missed"
        known = opened, [each for each in holds if each[1] <= asked]
        late["entitlements"] += (
            measure(policy, events, asked)["resolution"].state == "missed"
        ) is found
        late["frappe"] += (asked > frappe(known, target)) is found
        late["erpnext"] += (asked > erpnext(known, target)) is found
    return {
        "deadline": {name: each / count for name, each in deadline.items()},
        "late or not": {name: each / count for name, each in late.items()},
    }


def live(count: int) -> Callable[[], object]:
    events = history(count, timedelta(days=60)).events

    def run() -> Tracker:
        tracker = Tracker(POLICY)
        for event in events:
            tracker.append(event)
        return tracker

    return run


def calls() -> dict[str, Callable[[], object]]:
    later = START + timedelta(days=4000)
    found: dict[str, Callable[[], object]] = {}
    for count in (10, 100, 1000):
        case = history(count, timedelta(days=60))
        case.entries  # noqa: B018 - the order of events is worked out once, and not timed here
        found[f"fold {count} events"] = partial(measure, POLICY, case, later)
        found[f"fold {count} events, unsorted"] = partial(
            lambda events: measure(POLICY, History(events), later), case.events
        )
    for name, span in (("1 day", 1), ("10 years", 3650)):
        case = history(100, timedelta(days=span))
        case.entries  # noqa: B018 - as above
        found[f"fold 100 events over {name}"] = partial(measure, POLICY, case, later)
    for count in (100, 1000, 4000):
        found[f"append {count} events one by one"] = live(count)
    compiled, nothing = OPENING.compiled, frozenset[str]()
    opened = Event.opened(START).micros
    targets = compiled.targets_for("S1", "", nothing)
    found["four deadlines of an opening"] = lambda: targets.due_instants(opened)
    held = cases(1, seed=3)[0][0], [(START + HOUR, START + 30 * HOUR)]
    policy = promise(12 * HOUR)
    found["one case with a hold, ours"] = lambda: ours(policy, (START, held[1]))
    found["one case with a hold, frappe"] = lambda: frappe((START, held[1]), 12 * HOUR)
    found["one case with a hold, erpnext"] = lambda: erpnext((START, held[1]), 12 * HOUR)
    wide = promise(2000 * HOUR)
    found["the same, 2,000 hours, ours"] = lambda: ours(wide, (START, held[1]))
    found["the same, 2,000 hours, frappe"] = lambda: frappe((START, held[1]), 2000 * HOUR)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds and cases")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    rounds, seconds, judged = (3, 0.1, 40) if options.quick else (9, 1.0, 400)
    rows = timed(calls(), rounds, seconds)
    print(f"{'':42} {'minimum':>12} {'median':>12}  us")
    for name, row in rows.items():
        print(f"{name:42} {row['min_us']:12.2f} {row['median_us']:12.2f}")
    right = shares(judged)
    for question, each in right.items():
        words = ", ".join(f"{name} {share:.1%}" for name, share in each.items())
        print(f"right in {judged} cases, {question}: {words}")
    ratios = {
        "1,000 events to 100": rows["fold 1000 events"]["min_us"]
        / rows["fold 100 events"]["min_us"],
        "10 years to 1 day": rows["fold 100 events over 10 years"]["min_us"]
        / rows["fold 100 events over 1 day"]["min_us"],
        "an append among 4,000 to one among 100": rows["append 4000 events one by one"]["min_us"]
        / rows["append 100 events one by one"]["min_us"]
        / 40,
        "frappe to ours, 2,000 hours": rows["the same, 2,000 hours, frappe"]["min_us"]
        / rows["the same, 2,000 hours, ours"]["min_us"],
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}")
    each = 4e6 / rows["fold 10 events"]["min_us"]
    print(f"milestones a second from histories of 10 events: {each:,.0f}")
    if options.json:
        options.json.write_text(
            json.dumps({"rows": rows, "right": right, "ratios": ratios}, indent=1), "utf-8"
        )


if __name__ == "__main__":
    main()
