"""Strategies for SLA policies and case histories.

All instants and amounts are whole half hours within some three weeks around a change of clocks, so
that the oracle can check them in steps of half an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

import attrs
from hypothesis import strategies as st

from entitlements.calendars import Anchor, BusinessDays, BusinessHours, Calendar, Landing
from entitlements.sla import (
    ClockOptions,
    Commitment,
    Event,
    History,
    Milestone,
    Recurrence,
    SlaPolicy,
    Target,
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

STEP: Final = timedelta(minutes=30)
ORIGIN: Final = datetime(2026, 3, 26, 6, 0, tzinfo=UTC)
"""The Thursday before the clocks of Europe go forward."""

SEVERITIES: Final = ("S1", "S2", "S3")
REASONS: Final = ("customer", "supplier", "change")
CHANNELS: Final = ("phone", "web")
KINDS: Final = ("incident", "question")
CONDITIONS: Final = ("reachable", "asked")

DESKS: Final = (
    Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-12:30,13:00-17:30", name="desk"),
    Calendar(zone="America/New_York", week="Mo-Fr 08:00-18:00; Sa 10:00-14:00", name="boston"),
    Calendar(zone="Asia/Kolkata", week="Mo-Sa 22:00-06:00", name="night"),
    Calendar(
        zone="Europe/Berlin",
        week="Mo-Fr 09:00-17:00",
        name="closed monday",
        holidays=[datetime(2026, 3, 30, tzinfo=UTC).date()],
    ),
    Calendar.always(),
)


def calendars() -> st.SearchStrategy[BusinessHours]:
    """Draw business hours: with a lunch break, on Saturdays, overnight, with a holiday."""
    return st.sampled_from(DESKS)


def instants(most: int = 240) -> st.SearchStrategy[datetime]:
    """Draw a half hour within `most` half hours of the origin."""
    return st.integers(0, most).map(lambda steps: ORIGIN + steps * STEP)


def amounts(most: int = 40) -> st.SearchStrategy[timedelta]:
    """Draw an even number of half hours, from two up to `most`."""
    return st.integers(1, most // 2).map(lambda steps: steps * 2 * STEP)


def warnings() -> st.SearchStrategy[list[Fraction | timedelta]]:
    """Draw a warning at half of the target, one half an hour before the deadline, both, or none."""
    choices: list[Fraction | timedelta] = [Fraction(1, 2), STEP]
    return st.lists(st.sampled_from(choices), max_size=2, unique=True)


@st.composite
def targets(draw: st.DrawFn, milestone: str) -> Target:
    """Draw a target for `milestone`, often for some severities or conditions only."""
    calendar = draw(st.sampled_from(["one", "two", None]))
    days = st.builds(BusinessDays, st.integers(1, 3), anchor=st.sampled_from(Anchor))
    amount: st.SearchStrategy[timedelta | BusinessDays | None] = amounts()
    within = draw(st.one_of(amount, amount, days if calendar else amount, st.none()))
    whole = within is None or isinstance(within, BusinessDays)
    cut_offs = (
        [None, None, "11:00", "12:30", "15:30"] if calendar and milestone != "update" else [None]
    )
    other = Commitment.BEST_EFFORT if within is None else Commitment.OBJECTIVE
    return Target(
        milestone=milestone,
        within=within,
        commitment=draw(st.sampled_from([Commitment.GUARANTEE, Commitment.GUARANTEE, other])),
        calendar=calendar,
        severities=draw(st.sampled_from([(), (), ("S1",), ("S1", "S2"), ("S3",)])),
        channels=draw(st.sampled_from([(), (), (), ("phone",)])),
        conditions=draw(st.sampled_from([(), (), (), ("reachable",)])),
        kinds=draw(st.sampled_from([(), (), (), ("incident",)])),
        warn=() if whole else draw(warnings()),
        paused_by=draw(st.sampled_from([None, None, (), ("customer",), ("supplier", "change")])),
        cut_off=draw(st.sampled_from(cut_offs)),
        exclusive=draw(st.sampled_from([False, False, True])),
    )


def options() -> st.SearchStrategy[ClockOptions]:
    """Draw clock options."""
    return st.builds(
        ClockOptions,
        start=st.sampled_from([ClockStart.OPENING, ClockStart.OPENING, ClockStart.SEVERITY_SET]),
        retroactive=st.booleans(),
        severity_change=st.sampled_from(SeverityChangeRule),
        terms_change=st.sampled_from(TermsChangeRule),
        while_paused=st.sampled_from(PausedDueDisplay),
        reopen=st.sampled_from(ReopenRule),
        expiry=st.sampled_from(ExpiryRule),
        next_response=st.sampled_from(NextResponseStart),
        update_start=st.sampled_from(UpdateStart),
        acknowledgement=st.sampled_from(AcknowledgementRule),
        resolving=st.sampled_from(ResolutionEffect),
        landing=st.sampled_from([Landing.CLOSING, Landing.NEXT_OPENING]),
        paused_by=st.sampled_from([{}, {}, {"first_response": ()}, {"resolution": ("customer",)}]),
    )


@st.composite
def policies(
    draw: st.DrawFn,
    id: str = "gold",
    choices: st.SearchStrategy[ClockOptions] | None = None,
) -> SlaPolicy:
    """Draw a policy whose milestones all have a target for every case."""
    made: list[Target] = []
    for name in (*Milestone, "workaround"):
        if name != Milestone.FIRST_RESPONSE and draw(st.booleans()):
            continue
        recurs = name in {Milestone.NEXT_RESPONSE, Milestone.UPDATE, "workaround"}
        choices_of = [None, None, *Recurrence] if recurs else [None]
        recurrence = draw(st.sampled_from(choices_of))
        own = [*draw(st.lists(targets(name), max_size=2))]
        own.append(Target(milestone=name, within=draw(amounts()), calendar="one"))
        starts_on = "diagnosed" if name == "workaround" else None
        made += [_with_start(each, recurrence, starts_on) for each in own]
    return SlaPolicy(
        id=id,
        targets=made,
        calendars={"one": draw(calendars()), "two": draw(calendars())},
        options=draw(options() if choices is None else choices),
    )


def _with_start(target: Target, recurrence: Recurrence | None, starts_on: str | None) -> Target:
    repeats = recurrence in {Recurrence.PERIODIC, Recurrence.SEQUENTIAL}
    cut_off = None if repeats else target.cut_off
    return attrs.evolve(target, recurrence=recurrence, starts_on=starts_on, cut_off=cut_off)


def events(most: int = 240, policy: str = "silver") -> st.SearchStrategy[Event]:
    """Draw an event of an open case, possible or not."""
    at = instants(most)
    return st.one_of(
        st.builds(Event.paused, at, st.sampled_from(REASONS)),
        st.builds(Event.resumed, at, st.sampled_from([None, *REASONS])),
        st.builds(Event.responded, at),
        st.builds(Event.customer_replied, at),
        st.builds(Event.severity_changed, at, st.sampled_from(SEVERITIES)),
        st.builds(Event.reached, at, st.sampled_from(["workaround", "diagnosed"])),
        st.builds(Event.resolved, at),
        st.builds(Event.reopened, at),
        st.builds(
            Event.terms_changed,
            at,
            policy=st.sampled_from([None, policy]),
            channel=st.sampled_from([None, *CHANNELS]),
            conditions=st.sampled_from([None, (), ("reachable",)]),
            request_kind=st.sampled_from([None, *KINDS]),
        ),
        st.builds(Event.condition_ended, at, st.sampled_from(CONDITIONS)),
        st.builds(Event.condition_met, at, st.sampled_from(CONDITIONS)),
        st.builds(Event.acknowledged, at),
        st.one_of(
            st.builds(Event.terms_expired, at),
            st.builds(Event.closed, at),
            st.builds(Event.cancelled, at),
        ),
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> History:
    """Draw a history with an opening and up to `most` further events, in any order."""
    opening = Event.opened(
        draw(instants(96)),
        severity=draw(st.sampled_from([*SEVERITIES, *SEVERITIES, None])),
        channel=draw(st.sampled_from(CHANNELS)),
        conditions=draw(st.sampled_from([(), ("reachable",)])),
        request_kind=draw(st.sampled_from([None, *KINDS])),
    )
    return History([opening, *draw(st.lists(events(), max_size=most))])
