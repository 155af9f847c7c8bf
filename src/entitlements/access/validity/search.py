"""Validity of a decision: the first instant at which it is another, and the first better one.

Everything that was read changes at known instants: contracts, contacts, hours, balances, cases. The
search goes from one instant at which the decision may change to the next, and decides again at
each. What cannot change it is passed over, so that also answers which hold for good are found.
"""

from __future__ import annotations

from typing import Final

from entitlements.access.compiled.account_index import AccountIndex
from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.compiled.selection import select_right
from entitlements.access.decision import Decision, DecisionQuestion, Deferred, Denied, Granted
from entitlements.access.reasons import REASON_BIT
from entitlements.access.validity.all_time.factors import Asked, Factor, Factors, first_of, is_of
from entitlements.access.validity.candidate import CandidateState, DecisionInput
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
from entitlements.access.validity.refusal import refused_until
from entitlements.access.validity.segments import Segment, lasting
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.kernel.instants import END_OF_TIME, to_micros

FEW_STEPS: Final = 4
"""After so many changes that leave the answer as it is, all that it depends on is followed."""


def valid_until(index: AccountIndex, question: DecisionQuestion) -> int | None:
    """Return the first later instant at which the decision is another, or None if it never is."""
    source, request, at = question
    decision, choice = select_right(index, question)
    now = outcome_of(decision)

    def is_other(at: int) -> bool:
        return outcome_of(select_right(index, (source, request, at))[0]) != now

    for _ in range(FEW_STEPS):
        at = max(at + 1, _same_until(DecisionInput(index, request, at), decision, choice))
        if at > LAST_MICROS:
            return None
        decision, choice = select_right(index, (source, request, at))
        if outcome_of(decision) != now:
            return at
    found = _first_other(DecisionInput(index, request, at), decision, choice, is_other)
    return found if found <= LAST_MICROS else None


def _first_other(
    given: DecisionInput, decision: Decision, choice: CompiledRight | None, is_other: Asked
) -> int:
    """Return the first instant at which the decision is another, however far away that is."""
    failures = 0
    if isinstance(decision, Denied):
        failures = sum(REASON_BIT[each] for each in decision.reasons)
    factors = Factors(given, failures.bit_count())
    every = factors.every
    if failures and all(each.failures == failures for each in every):
        return factors.cover(failures, is_other)
    if not isinstance(decision, Granted) or choice is None:
        parts = [factors.in_order()]
    elif decision.entitlement.right is None:
        parts = factors.one_by_one(every)
        charged = given.account.compares_charges
        parts.insert(0, factors.in_order(hours=False, pools=charged))
    else:
        parts = _until_preceded(given, factors, choice)
    return first_of(parts, given.at, is_other)


def _until_preceded(given: DecisionInput, factors: Factors, choice: CompiledRight) -> list[Factor]:
    """Return what ends a grant of a right: itself, and each right that ever comes before it."""
    holders = [each for each in factors.every if is_of(each, choice)]
    contests = [RightGranted(given, CandidateState(each, given)) for each in holders]
    others = (each for each in factors.every if not is_of(each, choice))
    rivals = [each for each in others if any(contest.is_rival(each) for contest in contests)]
    return [*factors.one_by_one(holders), *factors.one_by_one(rivals, holders[0])]


def first_better(index: AccountIndex, question: DecisionQuestion) -> Granted | Deferred | None:
    """Return the first later decision that is better, or None if there is none.

    Better is access after a denial, and the group at once after a deferral.
    """
    source, request, at = question
    was_denied = isinstance(select_right(index, question)[0], Denied)
    contest: Contest = FirstAccess() if was_denied else FirstGrant()

    def better(at: int) -> Granted | Deferred | None:
        after = select_right(index, (source, request, at))[0]
        if isinstance(after, Granted) or (isinstance(after, Deferred) and was_denied):
            return after
        return None

    for _ in range(FEW_STEPS):
        given = DecisionInput(index, request, at)
        segments = segments_of(given, contest.most)
        at = max(at + 1, held_until(given, contest, segments, END_OF_TIME))
        if at > LAST_MICROS:
            return None
        after = better(at)
        if after is not None:
            return after
    factors = Factors(DecisionInput(index, request, at), contest.most)
    each = factors.one_by_one(factors.every)
    found = first_of(each, at, lambda at: better(at) is not None)
    return None if found > LAST_MICROS else better(found)


def outcome_of(decision: Decision) -> tuple[object, ...]:
    """Return everything that a decision states, except the question it answers."""
    match decision:
        case Granted(promise=promise):
            return Granted, promise
        case Deferred(promise=promise, opens_at=opens):
            return Deferred, promise, opens
        case Denied(reasons=reasons):
            return Denied, reasons


def _same_until(given: DecisionInput, decision: Decision, choice: CompiledRight | None) -> int:
    """Return an instant up to which the decision is the same."""
    if isinstance(decision, Denied):
        return refused_until(given, decision.reasons)
    if choice is None:
        return given.at
    index, request, _ = given
    segment, evaluation = _holder(given, choice)
    holder = CandidateState(evaluation, given)
    end = lasting(index, segment, evaluation, request, 0)
    contest: Contest
    if isinstance(decision, Deferred):
        contest = RightDeferred(given, holder, to_micros(decision.opens_at))
    elif decision.entitlement.right is not None:
        contest = RightGranted(given, holder)
        end = min(end, holder.hours_change())
        end = min(end, holder.balance_change(end))
    else:
        contest = GroupGranted(given, holder)
        end = min(end, holder.balance_change(end) if index.compares_charges else end)
    return held_until(given, contest, segments_of(given, 0), end)


def _holder(given: DecisionInput, choice: CompiledRight) -> tuple[Segment, Evaluation]:
    """Return the candidate that was chosen, with its segment."""
    return next(
        (segment, each)
        for segment in segments_of(given, 0)
        for each in segment.near
        if is_of(each, choice)
    )
