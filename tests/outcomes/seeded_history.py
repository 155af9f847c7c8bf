"""Two years of cases whose true figures are known, because they were chosen before the events.

python -m tests.outcomes.seeded_history [--cases 100000] [--seed 1]

For each case it is first decided when it is answered, held and resolved, in minutes; the figures
follow from that by plain counting, without a clock, a history or a calendar. Then the events are
made, and `report` has to find the same figures.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from entitlements.aftersales import Complaint, Outage, Survey, SurveyKind
from entitlements.kernel import utc
from entitlements.outcomes import CaseRecord, Report, ReportRecords, Share, report
from entitlements.sla import Event, History, SlaPolicy, Target

START: Final = utc("2024-01-01T00:00Z")
END: Final = utc("2026-01-01T00:00Z")
WHOLE: Final = (END - START) // timedelta(minutes=1)
RESPONSE, RESOLUTION, WARRANTY = 240, 1440, 14_400
ZONE: Final = "Europe/Berlin"
POLICY: Final = SlaPolicy(
    id="two years",
    targets=[
        Target(milestone="first_response", within=timedelta(minutes=RESPONSE)),
        Target(milestone="resolution", within=timedelta(minutes=RESOLUTION)),
    ],
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Truth(NamedTuple):
    """What was decided about a case; instants in minutes since the start."""

    id: str
    severity: str
    opened: int
    answered: int | None
    holds: tuple[tuple[float, int, str], ...]
    resolved: float | None
    cancelled: int | None
    follows: str | None
    survey: tuple[float, int | None] | None
    complaint: tuple[float, float | None, bool] | None


def wall(start: float, counted: float, holds: tuple[tuple[float, int, str], ...]) -> float:
    """Return when so many minutes have passed since a start that no hold covers."""
    now, left = start, counted
    for begins, length, _ in holds:
        if now + left <= begins:
            break
        left -= begins - now
        now = begins + length
    return now + left


def decide(count: int, seed: int) -> Iterator[Truth]:
    """Choose what happens to each case."""
    dice = random.Random(seed)  # noqa: S311 - a seed has to replay it
    resolved: list[tuple[str, float]] = []
    for number in range(count):
        opened = number * (WHOLE - 10) // count
        late = dice.random() < 0.1
        answered = opened + (dice.randrange(241, 700) if late else dice.randrange(1, 240))
        fate = dice.random()
        holds: list[tuple[float, int, str]] = []
        now = answered + 0.5
        for _ in range(dice.choice([0, 0, 1, 2])):
            now += dice.randrange(1, 300)
            length = dice.randrange(1, 2000)
            holds.append((now, length, dice.choice(["customer", "vendor"])))
            now += length + 0.5
        done: float | None = None
        cancelled = None
        if fate < 0.03:
            answered, holds, cancelled = None, [], opened + dice.randrange(1, 200)  # type: ignore[assignment]
        elif fate < 0.06:
            answered, holds = None, []  # type: ignore[assignment]
        elif fate < 0.95:
            counted = 700 + (
                dice.randrange(1, 700) if dice.random() < 0.8 else dice.randrange(800, 4000)
            )
            done = wall(opened, counted, tuple(holds))
            holds = [each for each in holds if each[0] + each[1] < done]
            done = wall(opened, counted, tuple(holds))
        follows = None
        if resolved and dice.random() < 0.05:
            follows = dice.choice(resolved[-400:])[0]
        survey = complaint = None
        if done is not None and done < WHOLE - 1:
            resolved.append((f"R-{number}", done))
            if dice.random() < 0.3:
                survey = done + 1, dice.choice([None, *range(1, 6)])
        if dice.random() < 0.01:
            came = opened + 500.0
            complaint = (
                came,
                dice.choice([None, came + dice.randrange(1, 9000)]),
                dice.random() < 0.5,
            )
        severity = dice.choice(["S1", "S2", "S3"])
        yield Truth(
            f"R-{number}", severity, opened, answered, tuple(holds), done, cancelled, follows,
            survey, complaint,
        )  # fmt: skip


def case_of(truth: Truth) -> CaseRecord:
    """Make the events of a case; those after the end belong to it too."""
    events = [Event.opened(at(truth.opened), severity=truth.severity)]
    if truth.answered is not None:
        events.append(Event.responded(at(truth.answered)))
    for begins, length, reason in truth.holds:
        events.append(Event.paused(at(begins), reason, by="bob"))
        events.append(Event.resumed(at(begins + length), reason))
    if truth.cancelled is not None:
        events.append(Event.cancelled(at(truth.cancelled)))
    if truth.resolved is not None:
        events.append(Event.resolved(at(truth.resolved)))
    return CaseRecord(
        id=truth.id,
        customer="acme",
        severity=truth.severity,
        history=History(events),
        policy=POLICY,
        follows=truth.follows,
        warranty=timedelta(minutes=WARRANTY),
    )


def verdict(due: float, reached: float | None, truth: Truth) -> str:
    """Return the verdict of a promise at the end, from the instants alone."""
    if truth.cancelled is not None and truth.cancelled < min(due, WHOLE):
        return "cancelled"
    if reached is not None and reached < WHOLE and reached <= due:
        return "met"
    if due < WHOLE:
        return "missed"
    held = any(begins < WHOLE <= begins + length for begins, length, _ in truth.holds)
    return "paused" if held else "running"


def truths(known: list[Truth]) -> dict[tuple[str, str, str], Any]:
    """Count the true figures of both years, by section, name and measure."""
    found: Counter[tuple[str, str, str]] = Counter()
    held: Counter[str] = Counter()
    by_id = {each.id: each for each in known}
    for each in known:
        due = wall(each.opened, RESOLUTION, each.holds)
        found[
            "attainment", "first_response", verdict(each.opened + RESPONSE, each.answered, each)
        ] += 1
        found["attainment", "resolution", verdict(due, each.resolved, each)] += 1
        found["flow", "cases", "opened"] += 1
        over = min(each.resolved or WHOLE, each.cancelled or WHOLE)
        found["flow", "cases", "over" if over < WHOLE else "open_after"] += 1
        if over >= WHOLE:
            age = (WHOLE - each.opened) / 1440
            name = next((f"from_{days}d" for days in (30, 7, 1) if age > days), "under_1d")
            found["backlog", "cases", name] += 1
        for begins, length, reason in each.holds:
            held[reason] += round(60 * max(0, min(WHOLE, begins + length) - min(WHOLE, begins)))
        if each.resolved is not None and each.resolved < WHOLE:
            found["after_resolution", "cases", "resolved"] += 1
        found["after_resolution", "cases", "follow_ups"] += each.follows is not None
        found["after_resolution", "cases", "corrections"] += corrects(each, by_id)
        clock = at(each.opened).astimezone(ZoneInfo(ZONE))
        found["weekdays", f"{clock:%A}", "opened"] += 1
        found["hours", f"{clock:%H}:00", "opened"] += 1
        if each.complaint is not None and each.complaint[0] < WHOLE:
            found["complaints", "complaints", "received"] += 1
    figures: dict[tuple[str, str, str], Any] = dict(found)
    for reason, seconds in held.items():
        figures["pause_reasons", reason, "held_time"] = timedelta(seconds=seconds)
    return figures | satisfaction(known)


def corrects(case: Truth, by_id: dict[str, Truth]) -> bool:
    """Go through a chain from its beginning; what comes after a warranty was paid for."""
    chain = [case]
    while chain[0].follows is not None:
        chain.insert(0, by_id[chain[0].follows])
    paid = chain[0]
    for each in chain:
        if paid.resolved is not None and each.opened - paid.resolved >= WARRANTY:
            paid = each
    done = paid.resolved
    return paid is not case and done is not None and done <= case.opened < done + WARRANTY


def satisfaction(known: list[Truth]) -> dict[tuple[str, str, str], Any]:
    asked = [each.survey for each in known if each.survey is not None]
    scores = [score for when, score in asked if score is not None and when + 5 < WHOLE]
    sent = [each for each in asked if each[0] < WHOLE]
    return {
        ("satisfaction", "csat", "score"): Share(sum(each >= 4 for each in scores), len(scores)),
        ("satisfaction", "csat", "response_rate"): Share(len(scores), len(sent)),
    }


def records(known: list[Truth], seed: int) -> tuple[ReportRecords, Fraction]:
    """Make surveys, complaints and outages; count the minutes that are up one by one."""
    dice = random.Random(seed)  # noqa: S311 - a seed has to replay it
    down = bytearray(WHOLE)
    outages = []
    for number in range(200):
        start, length = dice.randrange(WHOLE), dice.randrange(1, 3000)
        for minute in range(start, min(WHOLE, start + length)):
            down[minute] = 1
        outages.append(
            Outage(id=f"O-{number}", service="db", start=at(start), end=at(start + length))
        )
    surveys = [
        Survey(
            case=each.id,
            kind=SurveyKind.CSAT,
            asked=at(each.survey[0]),
            answered=None if each.survey[1] is None else at(each.survey[0] + 5),
            score=each.survey[1],
        )
        for each in known
        if each.survey is not None
    ]
    complaints = [
        Complaint(
            id=f"B-{each.id}",
            customer="acme",
            case=each.id,
            received=at(each.complaint[0]),
            answered=None if each.complaint[1] is None else at(each.complaint[1]),
            is_upheld=None if each.complaint[1] is None else each.complaint[2],
        )
        for each in known
        if each.complaint is not None
    ]
    up = Fraction(WHOLE - sum(down), WHOLE)
    return ReportRecords(surveys=surveys, complaints=complaints, outages=outages), up


def differences(count: int, seed: int) -> tuple[list[str], Report]:
    """Return where the report differs from what was decided, and the report."""
    known = list(decide(count, seed))
    beside, up = records(known, seed)
    found = report((case_of(each) for each in known), START, END, records=beside, zone=ZONE)
    wrong = [f"{id}: {why}" for id, why in found.broken.items()]
    for (section, name, measure), value in truths(known).items():
        figure = found.figure(section, name, measure)
        if figure.value != value:
            wrong.append(f"{section} {name} {measure}: {figure.value}, and truly {value}")
    share = found.figure("availability", "db", "share").value
    if not isinstance(share, Share) or share.value != up:
        wrong.append(f"availability: {share}, and truly {up}")
    missed = Counter(
        each.severity
        for each in known
        if verdict(wall(each.opened, RESOLUTION, each.holds), each.resolved, each) == "missed"
    )
    groups = found.groups("attainment", "resolution", "missed")
    if {str(group): each.value for group, each in groups.items()} != missed:
        wrong.append(f"missed by severity: truly {missed}")
    return wrong, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.process_time()
    wrong, found = differences(options.cases, options.seed)
    spent = time.process_time() - began
    figures = f"{len(found.figures)} figures, {len(wrong)} wrong, {spent:.0f} s"
    sys.stdout.write("\n".join([*wrong, f"{options.cases:,} cases, {figures}", ""]))
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
