"""Differential test of SLA clocks against their oracle, for any number of steps from one seed.

Each case gets a policy with random options and some ten events, a few of them late, repeated or
impossible. After every event the tracker is compared with a new measurement of the history, and at
the end of each case with the oracle. A difference raises `AssertionError` with the seed.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

import attrs

from entitlements.calendars import Anchor, BusinessDays, Calendar, Landing
from entitlements.sla import (
    ClockOptions,
    Commitment,
    Event,
    History,
    Measurement,
    Milestone,
    Recurrence,
    SlaPolicy,
    Target,
    Tracker,
    measure,
)
from entitlements.sla.options.clock_options import (
    AcknowledgementRule,
    ClockStart,
    ExpiryRule,
    NextResponseStart,
    PausedDueDisplay,
    ReopenRule,
    ResolutionEffect,
    SeverityChangeRule,
    TermsChangeRule,
    UpdateStart,
)
from entitlements.testing.oracles.sla import ExpectedReading, walk
from entitlements.testing.strategies.sla import DESKS, ORIGIN, REASONS, SEVERITIES, STEP

EVENTS_PER_CASE: Final = 10
_POOL: Final = 400
_Member = TypeVar("_Member", bound=StrEnum)


def run(seed: int, steps: int) -> Counter[str]:
    """Run `steps` steps and return how often each state was seen, and the steps and walks run.

    >>> run(seed=1, steps=50)["steps"]
    50

    Raises:
        AssertionError: A reading differs; the message names the seed and the case.
    """
    random = Random(seed)  # noqa: S311 - a seed gives the same cases every time
    pool = [_policy(random, "gold") for _ in range(_POOL)]
    others = [_policy(random, "silver") for _ in range(_POOL)]
    seen: Counter[str] = Counter()
    case = 0
    while seen["steps"] < steps:
        case += 1
        try:
            _case(random, random.choice(pool), random.choice(others), seen, steps)
        except AssertionError as difference:
            raise AssertionError(f"seed {seed}, case {case}: {difference}") from None
    return seen


def _case(
    random: Random, policy: SlaPolicy, other: SlaPolicy, seen: Counter[str], steps: int
) -> None:
    tracker = Tracker(policy, others=[other])
    now = ORIGIN + random.randrange(60) * STEP
    measured = Tracker(policy).measure(now)
    events = [
        Event.opened(
            now,
            severity=random.choice([*SEVERITIES, None]),
            channel=random.choice(["phone", "web"]),
            request_kind=random.choice([None, "incident", "question"]),
        )
    ]
    tracker.append(events[0])
    for _ in range(EVENTS_PER_CASE):
        if seen["steps"] >= steps:
            return
        now += random.choice([0, 1, 2, 3, 5, 9, 16, 33]) * STEP
        at = now - random.choice([0, 0, 0, 0, 0, 1, 7]) * STEP
        event = _event(random, at) if random.random() < 0.95 else random.choice(events)  # noqa: PLR2004 - one in twenty is repeated
        events.append(event)
        tracker.append(event)
        seen["steps"] += 1
        live, measured = tracker.measure(now), measure(policy, History(events), now, others=[other])
        _agree(live == measured, "tracker", live, measured)
    found = walk(policy, events, now, step=STEP, others=[other])
    hidden = policy.options.while_paused is PausedDueDisplay.HIDDEN
    for reading in measured:
        for actual, expected in zip(
            _readings(measured, reading.name), found[reading.name], strict=True
        ):
            seen[expected.state] += 1
            shown = expected
            if hidden and expected.state == "paused":
                shown = attrs.evolve(expected, due=None)
            _agree(actual == shown, reading.name, actual, shown)
    seen["walks"] += 1


def _readings(measurement: Measurement, name: str) -> list[ExpectedReading]:
    return [
        ExpectedReading(
            each.state.value,
            each.started_at,
            each.due,
            each.completed_at or each.cancelled_at,
            each.breached_at is not None,
            each.elapsed,
            tuple(warning.at for warning in each.warnings),
            None if each.commitment is None else each.commitment.value,
        )
        for each in measurement.cycles(name)
    ]


def _agree(claim: bool, *about: object) -> None:  # noqa: FBT001 - the claim is all it takes
    if not claim:
        raise AssertionError(*about)


def _member(random: Random, members: type[_Member]) -> _Member:
    return random.choice(list(members))


def _options(random: Random) -> ClockOptions:
    return ClockOptions(
        start=random.choice([ClockStart.OPENING, ClockStart.OPENING, ClockStart.SEVERITY_SET]),
        retroactive=random.choice([False, True]),
        severity_change=_member(random, SeverityChangeRule),
        terms_change=_member(random, TermsChangeRule),
        while_paused=_member(random, PausedDueDisplay),
        reopen=_member(random, ReopenRule),
        expiry=_member(random, ExpiryRule),
        next_response=_member(random, NextResponseStart),
        update_start=_member(random, UpdateStart),
        acknowledgement=_member(random, AcknowledgementRule),
        resolving=_member(random, ResolutionEffect),
        landing=random.choice([Landing.CLOSING, Landing.NEXT_OPENING]),
        paused_by=random.choice([{}, {"first_response": ()}, {"resolution": ("customer",)}]),
    )


def _policy(random: Random, id: str) -> SlaPolicy:
    desks: list[Calendar] = [random.choice(DESKS), random.choice(DESKS)]
    targets = [
        target
        for name in (*Milestone, "workaround")
        for target in _targets(random, name, _recurrence(random, name))
    ]
    calendars = dict(zip(("one", "two"), desks, strict=True))
    return SlaPolicy(id=id, targets=targets, calendars=calendars, options=_options(random))


def _recurrence(random: Random, name: str) -> Recurrence | None:
    recurs = name in {Milestone.NEXT_RESPONSE, Milestone.UPDATE, "workaround"}
    return random.choice([None, *Recurrence]) if recurs else None


def _targets(random: Random, name: str, recurrence: Recurrence | None) -> list[Target]:
    return [
        Target(
            milestone=name,
            within=(within := _within(random)),
            commitment=_commitment(random, within),
            calendar=random.choice(["one", "two"]),
            severities=severities,
            channels=random.choice([(), (), ("web",)]) if severities else (),
            conditions=random.choice([(), (), ("reachable",)]) if severities else (),
            kinds=random.choice([(), (), ("incident",), ("question",)]) if severities else (),
            paused_by=random.choice([None, None, (), ("customer",)]),
            starts_on="diagnosed" if name == "workaround" else None,
            recurrence=recurrence,
            cut_off=_cut_off(random, name, recurrence),
            exclusive=random.random() < 0.2,  # noqa: PLR2004 - one in five
        )
        for severities in (("S1",), ("S2", "S3"), ())
    ]


def _cut_off(random: Random, name: str, recurrence: Recurrence | None) -> str | None:
    repeats = {Recurrence.PERIODIC, Recurrence.SEQUENTIAL}
    if recurrence in repeats or (name == Milestone.UPDATE and recurrence is None):
        return None
    return random.choice([None, "11:00", "12:30", "15:30", "26:00"])


def _commitment(random: Random, within: timedelta | BusinessDays | None) -> Commitment:
    other = Commitment.BEST_EFFORT if within is None else Commitment.OBJECTIVE
    return random.choice([Commitment.GUARANTEE, Commitment.GUARANTEE, other])


def _within(random: Random) -> timedelta | BusinessDays | None:
    kind = random.randrange(10)
    if kind == 0:
        return None
    if kind == 1:
        count = random.randrange(3)
        return BusinessDays(count, anchor=_member(random, Anchor) if count else Anchor.END)
    return random.randrange(2, 30) * STEP


def _event(random: Random, at: datetime) -> Event:  # noqa: PLR0911 - one line for each kind
    reason = random.choice(REASONS)
    match random.randrange(17):
        case 0 | 1:
            return Event.paused(at, reason)
        case 2 | 3:
            return Event.resumed(at, random.choice([None, None, reason]))
        case 4 | 5:
            return Event.responded(at)
        case 6 | 7:
            return Event.customer_replied(at)
        case 8:
            return Event.severity_changed(at, random.choice(SEVERITIES))
        case 9:
            return Event.resolved(at)
        case 10:
            return Event.reopened(at)
        case 11:
            return Event.reached(at, random.choice(["workaround", "diagnosed"]))
        case 12 | 13 | 14 | 15:
            return _change_of_terms(random, at)
        case _:
            rare = (Event.acknowledged, Event.terms_expired, Event.closed, Event.cancelled)
            return random.choice(rare)(at)


def _change_of_terms(random: Random, at: datetime) -> Event:
    match random.randrange(4):
        case 0:
            return Event.terms_changed(at, policy=random.choice([None, "silver", "gold"]))
        case 1:
            return Event.condition_ended(at, "reachable")
        case 2:
            return Event.condition_met(at, "reachable")
        case _:
            conditions = random.choice([None, (), ("reachable",)])
            kind = random.choice([None, None, "incident", "question"])
            channel = random.choice([None, "phone", "web"])
            return Event.terms_changed(
                at, conditions=conditions, channel=channel, request_kind=kind
            )
