"""Validity of a decision: the first instant at which it is another, and the first better one.

Everything that was read changes at known instants: contracts, contacts, hours, balances, cases. The
search goes from one instant at which the decision may change to the next, and decides again at
each. What cannot change it is passed over, so that also answers which hold for good are found.
"""

from __future__ import annotations

from typing import Final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.compiled.selection import select_right
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.access.validity.candidate import Candidate, Moment
from entitlements.access.validity.contest import (
    Contest,
    FirstAccess,
    FirstGrant,
    GroupGranted,
    RightDeferred,
    RightGranted,
    held_until,
    segments_of,
)
from entitlements.access.validity.crossings import MAX_AHEAD
from entitlements.access.validity.refusal import refused_until
from entitlements.access.validity.segments import lasting
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.kernel.instants import END_OF_TIME, to_micros

MAX_STEPS: Final = 8
"""After so many changes that leave the answer as it is, the search ends three years ahead."""


def valid_until(index: AccountIndex, question: DecisionQuestion) -> int | None:
    """Return the first later instant at which the decision is another, or None if it never is."""
    source, request, at = question
    decision, choice = select_right(index, question)
    now = outcome_of(decision)
    last, steps = at + MAX_AHEAD, 0
    while True:
        steps += 1
        at = max(at + 1, _same_until(Moment(index, request, at), decision, choice))
        if at > LAST_MICROS:
            return None
        decision, choice = select_right(index, (source, request, at))
        looked_at_enough = index.compares_responses or steps > MAX_STEPS
        if outcome_of(decision) != now or (at >= last and looked_at_enough):
            return at


def first_better(index: AccountIndex, question: DecisionQuestion) -> Granted | Deferred | None:
    """Return the first later decision that is better, or None if there is none, or none is found.

    The search ends three years ahead after `MAX_STEPS` changes that do not help. Better is access
    after a denial, and the group at once after a deferral.
    """
    source, request, at = question
    was_denied = isinstance(select_right(index, question)[0], Denied)
    contest: Contest = FirstAccess() if was_denied else FirstGrant()
    last, steps = at + MAX_AHEAD, 0
    while True:
        steps += 1
        moment = Moment(index, request, at)
        at = max(
            at + 1, held_until(moment, contest, segments_of(moment, contest.most), END_OF_TIME)
        )
        if at > LAST_MICROS or (at >= last and steps > MAX_STEPS):
            return None
        after = select_right(index, (source, request, at))[0]
        if isinstance(after, Granted) or (isinstance(after, Deferred) and was_denied):
            return after


def outcome_of(decision: Decision) -> tuple[object, ...]:
    """Return everything that a decision states, except the question it answers."""
    match decision:
        case Granted(promise=promise):
            return Granted, promise
        case Deferred(promise=promise, opens_at=opens):
            return Deferred, promise, opens
        case Denied(reasons=reasons):
            return Denied, reasons


def _same_until(moment: Moment, decision: Decision, choice: CompiledRight | None) -> int:
    """Return an instant up to which the decision is the same."""
    if isinstance(decision, Denied) or choice is None:
        return (
            refused_until(moment, decision.reasons) if isinstance(decision, Denied) else moment.at
        )
    index, request, _ = moment
    segments = segments_of(moment, 0)
    segment, evaluation = next(
        (segment, each)
        for segment in segments
        for each in segment.near
        if each.right is not None and each.right.promise.entitlement == choice.promise.entitlement
    )
    holder = Candidate(evaluation, moment)
    end = lasting(index, segment, evaluation, request, 0)
    contest: Contest
    if isinstance(decision, Deferred):
        contest = RightDeferred(moment, holder, to_micros(decision.opens_at))
    elif decision.entitlement.right is not None:
        contest = RightGranted(moment, holder)
        end = min(end, holder.hours_change())
        end = min(end, holder.balance_change(end))
    else:
        contest = GroupGranted(moment, holder)
        end = min(end, holder.balance_change(end) if index.compares_charges else end)
    return held_until(moment, contest, segments, end)
