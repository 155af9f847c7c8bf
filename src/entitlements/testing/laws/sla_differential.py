"""Do clocks answer as their slow twin does, for a million steps from one seed?

Each case gets a policy with options at random and some ten events, a few of them late, doubled or
impossible. After every delivery the live case is compared with its history measured anew, and at
the end of each case with a walk through it. A difference raises `AssertionError` with its seed.
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
from entitlements.sla.options import (
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
from entitlements.testing.oracles.sla import Verdict, walk
from entitlements.testing.strategies.sla import DESKS, ORIGIN, REASONS, SEVERITIES, STEP

EVENTS_A_CASE: Final = 10
_POOL: Final = 400
_Word = TypeVar("_Word", bound=StrEnum)


def run(seed: int, steps: int) -> Counter[str]:
    """Take `steps` steps and return how often each state was seen and each thing compared.

    >>> run(seed=1, steps=50)["steps"]
    50

    Raises:
        AssertionError: An answer differs; the message names the seed and the case.
    """
    random = Random(seed)  # noqa: S311 - one seed, one story
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
    anew = Tracker(policy).measure(now)
    events = [
        Event.opened(
            now,
            severity=random.choice([*SEVERITIES, None]),
            channel=random.choice(["phone", "web"]),
        )
    ]
    tracker.append(events[0])
    for _ in range(EVENTS_A_CASE):
        if seen["steps"] >= steps:
            return
        now += random.choice([0, 1, 2, 3, 5, 9, 16, 33]) * STEP
        at = now - random.choice([0, 0, 0, 0, 0, 1, 7]) * STEP
        event = _event(random, at) if random.random() < 0.95 else random.choice(events)  # noqa: PLR2004 - one in twenty comes twice
        events.append(event)
        tracker.append(event)
        seen["steps"] += 1
        live, anew = tracker.measure(now), measure(policy, History(events), now, others=[other])
        _agree(live == anew, "the live case", live, anew)
    found = walk(policy, events, now, step=STEP, others=[other])
    hidden = policy.options.while_paused is PausedDueDisplay.HIDDEN
    for reading in anew:
        for mine, its in zip(_verdicts(anew, reading.name), found[reading.name], strict=True):
            seen[its.state] += 1
            shown = its
            if hidden and its.state == "paused":
                shown = attrs.evolve(its, due=None)
            _agree(mine == shown, reading.name, mine, shown)
    seen["walks"] += 1


def _verdicts(measured: Measurement, name: str) -> list[Verdict]:
    return [
        Verdict(
            each.state.value,
            each.started_at,
            each.due,
            each.completed_at or each.cancelled_at,
            each.breached_at is not None,
            each.elapsed,
            tuple(warning.at for warning in each.warnings),
        )
        for each in measured.cycles(name)
    ]


def _agree(claim: bool, *about: object) -> None:  # noqa: FBT001 - the claim is all it takes
    if not claim:
        raise AssertionError(*about)


def _one(random: Random, words: type[_Word]) -> _Word:
    return random.choice(list(words))


def _options(random: Random) -> ClockOptions:
    return ClockOptions(
        start=random.choice([ClockStart.OPENING, ClockStart.OPENING, ClockStart.SEVERITY_SET]),
        retroactive=random.choice([False, True]),
        severity_change=_one(random, SeverityChangeRule),
        terms_change=_one(random, TermsChangeRule),
        while_paused=_one(random, PausedDueDisplay),
        reopen=_one(random, ReopenRule),
        expiry=_one(random, ExpiryRule),
        next_response=_one(random, NextResponseStart),
        update_start=_one(random, UpdateStart),
        acknowledgement=_one(random, AcknowledgementRule),
        resolving=_one(random, ResolutionEffect),
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
            within=_within(random),
            calendar=random.choice(["one", "two"]),
            severities=severities,
            channels=random.choice([(), (), ("web",)]) if severities else (),
            conditions=random.choice([(), (), ("reachable",)]) if severities else (),
            paused_by=random.choice([None, None, (), ("customer",)]),
            starts_on="diagnosed" if name == "workaround" else None,
            recurrence=recurrence,
        )
        for severities in (("S1",), ("S2", "S3"), ())
    ]


def _within(random: Random) -> timedelta | BusinessDays | None:
    kind = random.randrange(10)
    if kind == 0:
        return None
    if kind == 1:
        return BusinessDays(random.randrange(1, 3), anchor=_one(random, Anchor))
    return random.randrange(2, 30) * STEP


def _event(random: Random, at: datetime) -> Event:  # noqa: PLR0911 - one line for each kind
    reason = random.choice(REASONS)
    match random.randrange(15):
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
        case 12:
            return Event.terms_changed(at, policy=random.choice([None, "silver", "gold"]))
        case 13:
            conditions = random.choice([None, (), ("reachable",)])
            channel = random.choice([None, "phone", "web"])
            return Event.terms_changed(at, conditions=conditions, channel=channel)
        case _:
            rare = (Event.acknowledged, Event.terms_expired, Event.closed, Event.cancelled)
            return random.choice(rare)(at)
