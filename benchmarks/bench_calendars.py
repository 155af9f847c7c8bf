"""Arithmetic over business hours, beside libraries that people use for it.

python benchmarks/bench_calendars.py [--quick] [--json FILE]

Every system answers the same questions from the same open instants: when are n open hours used up?
Rounds are interleaved, so that a busy machine slows all of them; the minimum and the median over
the rounds are microseconds a call. `right` is the share of answers that equal a plain walk over
days, where an amount that ends at closing may also be answered with the next opening. Peers come
from the extra `bench`; a missing one is named.
"""

from __future__ import annotations

import argparse
import importlib
import json
import operator
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from entitlements.calendars import Calendar, Landing
from entitlements.calendars.timeline.blocks import BLOCK_LENGTH, BlockTimeline
from entitlements.calendars.timeline.compiled import CompiledTimeline
from entitlements.kernel.instants import from_micros, to_micros

HOUR = 3_600_000_000
YEAR = 365 * 24 * HOUR
ZONE = "America/New_York"
PEERS = ("pandas", "exchange_calendars", "businesstimedelta")
SPANS = {"day": 1, "month": 21, "year": 250, "10 years": 2500}
FIRST, LAST = 2016, 2037

Call = tuple[Callable[[Any, Any], Any], Any]
"""What to call with an instant, and the amount to call it with."""

Row = dict[str, Any]


def holidays(count: int = 12) -> list[date]:
    """Weekdays spread over each year, `count` of them."""
    days = []
    for year in range(FIRST, LAST + 1):
        found = 0
        for number in range(365):
            day = date(year, 1, 1) + timedelta(days=number)
            if found < count and number * count >= found * 260 * 1.4 and day.weekday() < 5:
                days.append(day)
                found += 1
    return days


KINDS = {
    "office": ("Mo-Fr 09:00-12:30,13:00-17:30", 8),
    "24x7": ("24/7", 24),
    "night": ("Mo-Fr 22:00-06:00", 8),
}


def calendar(kind: str) -> Calendar:
    return Calendar(zone=ZONE, week=KINDS[kind][0], holidays=[] if kind == "24x7" else holidays())


class Ours:
    name = "entitlements, datetimes"

    def __init__(self, kind: str) -> None:
        self.hours = calendar(kind)

    def start(self, at: datetime) -> Any:
        return at

    def adder(self, hours: int) -> Call:
        return self.hours.add, timedelta(hours=hours)

    def read(self, answer: Any) -> datetime:
        return answer.astimezone(UTC)


class OursInIntegers(Ours):
    name = "entitlements, integers"

    def start(self, at: datetime) -> Any:
        return to_micros(at)

    def adder(self, hours: int) -> Call:
        return self.hours.timeline.add, hours * HOUR

    def read(self, answer: Any) -> datetime:
        return from_micros(answer)


class DayWalk(Ours):
    """The loop that helpdesks write: one day after the other, windows as aware datetimes."""

    name = "plain day walk"

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.zone = ZoneInfo(ZONE)
        self.off = set() if kind == "24x7" else set(holidays())
        self.week = self.hours.week.windows

    def adder(self, hours: int) -> Call:
        return self.walk, timedelta(hours=hours)

    def walk(self, at: datetime, left: timedelta) -> datetime:
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        while True:
            for start, end in () if day in self.off else self.week[day.weekday()]:
                opening = max(self.wall(day, start), at)
                closing = self.wall(day, end)
                if opening < closing:
                    if left <= closing - opening:
                        return opening + left
                    left -= closing - opening
            day += timedelta(days=1)

    def wall(self, day: date, seconds: int) -> datetime:
        days, rest = divmod(seconds, 86_400)
        midnight = datetime.combine(day + timedelta(days=days), clock(), self.zone)
        return (midnight + timedelta(seconds=rest)).astimezone(UTC)


class Pandas:
    name = "pandas"

    def __init__(self, kind: str) -> None:
        self.pandas = importlib.import_module("pandas")
        windows = {"office": (["09:00", "13:00"], ["12:30", "17:30"]), "night": ("22:00", "06:00")}
        if kind not in windows:
            raise NotImplementedError("00:00-24:00 is refused")
        start, end = windows[kind]
        self.unit = self.pandas.offsets.CustomBusinessHour(
            start=start, end=end, holidays=holidays()
        )

    def start(self, at: datetime) -> Any:
        return self.pandas.Timestamp(at).tz_convert(ZONE)

    def adder(self, hours: int) -> Call:
        return operator.add, self.unit * hours

    def read(self, answer: Any) -> datetime:
        return answer.to_pydatetime().astimezone(UTC)


class Exchange:
    name = "exchange_calendars"

    def __init__(self, kind: str) -> None:
        self.pandas = importlib.import_module("pandas")
        module = importlib.import_module("exchange_calendars")
        years = {"start": f"{FIRST}-01-01", "end": f"{LAST}-12-31"}
        if kind == "24x7":
            self.calendar = module.get_calendar("24/7", side="left", **years)
            return
        free = [self.pandas.Timestamp(each) for each in holidays()]
        office = {
            "open_times": ((None, clock(9)),),
            "break_start_times": ((None, clock(12, 30)),),
            "break_end_times": ((None, clock(13)),),
            "close_times": ((None, clock(17, 30)),),
        }
        night = {
            "open_times": ((None, clock(22)),),
            "close_times": ((None, clock(6)),),
            "close_offset": 1,
        }
        fields = {
            "name": kind,
            "tz": ZoneInfo(ZONE),
            "adhoc_holidays": free,
            **(office if kind == "office" else night),
        }
        calendar_type = type(kind, (module.ExchangeCalendar,), fields)
        self.calendar = calendar_type(side="left", **years)

    def start(self, at: datetime) -> Any:
        return self.pandas.Timestamp(at)

    def adder(self, hours: int) -> Call:
        return partial(self.calendar.minute_offset, _parse=False), hours * 60

    def read(self, answer: Any) -> datetime:
        return answer.to_pydatetime().astimezone(UTC)


class BusinessTimeDelta:
    name = "businesstimedelta"

    def __init__(self, kind: str) -> None:
        module = importlib.import_module("businesstimedelta")
        if kind == "24x7":
            raise NotImplementedError("00:00-24:00 cannot be said exactly")
        # It localizes, so it takes zones of pytz only, which it depends on.
        self.zone = zone = importlib.import_module("pytz").timezone(ZONE)
        week = [0, 1, 2, 3, 4]
        work = module.WorkDayRule
        rules = [work(start_time=clock(22), end_time=clock(6), working_days=week, tz=zone)]
        if kind == "office":
            lunch = module.LunchTimeRule(
                start_time=clock(12, 30), end_time=clock(13), working_days=week, tz=zone
            )
            day = work(start_time=clock(9), end_time=clock(17, 30), working_days=week, tz=zone)
            rules = [day, lunch]
        off = module.HolidayRule(dict.fromkeys(holidays(), "off"), tz=zone)
        self.module, self.rules = module, module.Rules([*rules, off])

    def start(self, at: datetime) -> Any:
        return at.astimezone(self.zone)

    def adder(self, hours: int) -> Call:
        return operator.add, self.module.BusinessTimeDelta(self.rules, hours=hours)

    def read(self, answer: Any) -> datetime:
        return answer.astimezone(UTC)


SYSTEMS = (OursInIntegers, Ours, Exchange, Pandas, BusinessTimeDelta, DayWalk)


def built(kind: str, missing: dict[str, str]) -> list[Any]:
    systems = []
    for each in SYSTEMS:
        try:
            systems.append(each(kind))
        except ImportError as error:
            missing[each.name] = f"not installed: {error}"
        except NotImplementedError as error:
            missing[f"{each.name}, {kind}"] = f"cannot say it: {error}"
    return systems


def questions(hours: Calendar, count: int) -> list[datetime]:
    """Open whole minutes of two years, the same in every run."""
    chance = random.Random(20260322)  # noqa: S311 - questions, not secrets
    first = to_micros(datetime(2024, 1, 1, tzinfo=UTC))
    found: list[datetime] = []
    while len(found) < count:
        at = from_micros(first + chance.randrange(2 * YEAR // HOUR * 60) * HOUR // 60)
        if hours.is_open(at):
            found.append(at)
    return found


def share_right(system: Any, walk: DayWalk, starts: list[datetime], hours: int) -> float | str:
    right = 0
    for at in starts:
        expected = walk.walk(at, timedelta(hours=hours))
        later = walk.hours.add(at, timedelta(hours=hours), landing=Landing.NEXT_OPENING)
        try:
            call, amount = system.adder(hours)
            answer = system.read(call(system.start(at), amount))
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way
            return f"{type(error).__name__}"
        right += answer in {expected, later}
    return right / len(starts)


def timed(calling: Call, starts: list[Any]) -> float:
    call, amount = calling
    begin = time.perf_counter()
    for at in starts:
        call(at, amount)
    return (time.perf_counter() - begin) / len(starts) * 1e6


def compare(kind: str, span: str, systems: list[Any], rounds: int, budget: float) -> list[Row]:
    walk = DayWalk(kind)
    hours = SPANS[span] * KINDS[kind][1]
    starts = questions(walk.hours, 400)
    runs = []
    for system in systems:
        sample = starts[: 40 if SPANS[span] < 1000 else 6]
        row: Row = {"kind": kind, "span": span, "system": system.name, "times": []}
        row["right"] = share_right(system, walk, sample, hours)
        if not isinstance(row["right"], str):
            native = [system.start(at) for at in starts]
            call = system.adder(hours)
            timed(call, native if hours < 1000 else native[:2])
            once = max(timed(call, native[:2]), 0.1)
            wanted = max(2, int(budget * 1e6 / once))
            few = (native * (wanted // len(native) + 1))[:wanted]
            timed(call, few)
            runs.append((row, call, few))
        else:
            runs.append((row, None, []))
    for _ in range(rounds):
        for row, call, few in runs:
            if call is not None:
                row["times"].append(timed(call, few))
    for row, _, _ in runs:
        times = row.pop("times")
        row["least"] = min(times, default=None)
        row["median"] = statistics.median(times) if times else None
    return [row for row, _, _ in runs]


def table(rows: list[Row]) -> None:
    ours = {row["system"]: row["least"] for row in rows}
    head = (
        f"{'':28}{'least us':>12}{'median us':>12}{'right':>8}{'x integers':>12}{'x datetimes':>12}"
    )
    print(f"\n{rows[0]['kind']}, {rows[0]['span']}\n{head}")
    for row in rows:
        if row["least"] is None:
            print(f"{row['system']:28}{row['right']:>44}")
            continue
        ratios = "".join(
            f"{row['least'] / ours[name]:12.1f}" for name in (OursInIntegers.name, Ours.name)
        )
        right = f"{row['right']:8.0%}"
        print(f"{row['system']:28}{row['least']:12.2f}{row['median']:12.2f}{right}{ratios}")


def growth(rounds: int) -> Row:
    """How much slower for longer spans and for more exceptions, integers in and out."""
    office = OursInIntegers("office")
    starts = [to_micros(at) for at in questions(office.hours, 2000)]
    calls = {span: office.adder(days * 8) for span, days in SPANS.items()}
    by_span = interleaved(calls, starts, rounds)
    calls = {}
    for count in (0, 12, 50, 150):
        system = OursInIntegers("office")
        system.hours = Calendar(zone=ZONE, week=KINDS["office"][0], holidays=holidays(count))
        calls[str(count)] = system.adder(168)
    by_exceptions = interleaved(calls, starts, rounds)
    return {"span": by_span, "exceptions": by_exceptions}


def interleaved(calls: dict[str, Call], starts: list[int], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [timed(call, starts)] for name, call in calls.items()}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(timed(call, starts))
    return {name: min(each) for name, each in times.items()}


def cost(build: Callable[[], Any], years: float, rounds: int) -> Row:
    """Milliseconds of this process and KiB a year of what `build` returns.

    A build takes longer than a time slice of a busy machine, so elapsed time would include other
    processes.
    """
    build()
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        build()
        times.append(time.process_time() - begin)
    tracemalloc.start()
    kept = build()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return {"ms": min(times) / years * 1e3, "kib": size / years / 1024}


def stored(hours: Calendar, years: int) -> BlockTimeline:
    blocks = BlockTimeline(hours.open_time)
    blocks.open_time_before((104 + 2 * years) * BLOCK_LENGTH)
    return blocks


def working(hours: Calendar, years: int) -> CompiledTimeline:
    windows = CompiledTimeline(hours.open_time)
    first = to_micros(datetime(2024, 1, 1, tzinfo=UTC))
    for at in range(first, first + years * YEAR, 10 * 24 * HOUR):
        windows.earliest_with(windows.open_time_before(at))
    return windows


def building(rounds: int) -> Row:
    found: Row = {}
    for kind in KINDS:
        if kind != "24x7":
            hours = calendar(kind)
            blocks = cost(lambda hours=hours: stored(hours, 10), 20 * 189 / 365.25, rounds)
            found[f"{kind}, stored"] = blocks
            found[f"{kind}, working"] = cost(lambda hours=hours: working(hours, 10), 10, rounds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no spans of years")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    rounds, budget = (5, 0.003) if options.quick else (15, 0.01)
    spans = ["day", "month"] if options.quick else list(SPANS)
    missing: dict[str, str] = {}
    rows: list[Row] = []
    for kind in KINDS:
        systems = built(kind, missing)
        for span in spans:
            found = compare(kind, span, systems, rounds, budget)
            table(found)
            rows += found
    for name, why in missing.items():
        print(f"left out: {name}: {why}")
    grown = growth(3 * rounds)
    for name, each in grown.items():
        least = min(each.values())
        first = next(iter(each.values()))
        shown = ", ".join(f"{key}: {value * 1000:.0f} ns" for key, value in each.items())
        print(
            f"\ngrowth by {name}: {shown}; most over least {max(each.values()) / least:.2f}, "
            f"last over first {list(each.values())[-1] / first:.2f}"
        )
    costs = building(rounds)
    print("\nbuild, a calendar-year")
    for name, each in costs.items():
        print(f"{name:20}{each['ms']:10.3f} ms{each['kib']:10.1f} KiB")
    if options.json:
        figures = {"rows": rows, "growth": grown, "build": costs, "missing": missing}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
