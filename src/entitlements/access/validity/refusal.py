"""Validity of a denial: until when one candidate has its reasons, and no other has fewer."""

from __future__ import annotations

from heapq import nlargest
from typing import Final, NamedTuple, final

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.access.validity.candidate import CandidateState, DecisionInput
from entitlements.access.validity.contest import Comparison, held_until, segments_of
from entitlements.access.validity.hours import all_closed_from
from entitlements.access.validity.segments import Segment, lasting
from entitlements.kernel.instants import END_OF_TIME

MAX_HOLDERS: Final = 8
"""Of how many candidates with the reasons of a denial the one that has them longest is taken."""


@final
class Refused:
    """A denial for some reasons: they hold while one candidate has them and no other has fewer.

    Args:
        given: What is asked, and when.
        holder: The candidate with these failures; of several, the last in the order.
        failures: The failures that are the reasons.
    """

    def __init__(self, given: DecisionInput, holder: CandidateState, failures: int) -> None:
        self.most = failures.bit_count()
        self._failures = failures
        self._order = Comparison(given, holder)

    def is_rival(self, evaluation: Evaluation) -> bool:
        """Return whether it may have fewer failures, or others that come before."""
        if not evaluation.failures or evaluation.failures.bit_count() < self.most:
            return True
        return evaluation.failures != self._failures and self._order.may_come_before(evaluation)

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may give access, or other reasons."""
        reasons = self._reasons_until(rival, until)
        return reasons if rival.static else min(reasons, rival.access_change(until))

    def _reasons_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may have as few failures, and other ones."""
        found = 0
        if rival.hours and self._is_beaten(rival, rival.static | rival.hours):
            found = rival.hours_change()
        if found >= until:
            return found
        open_failures = rival.static | rival.balance
        if open_failures == self._failures or self._is_beaten(rival, open_failures):
            found = max(found, rival.balance_change(until))
        elif open_failures.bit_count() == self.most and self._order.comes_after(rival):
            balance = rival.balance_change(until)
            found = max(found, self._order.held_until(rival, min(until, balance)))
        if found:
            return found
        may_decide = rival.failures != self._failures and rival.failures.bit_count() <= self.most
        if may_decide and not self._order.comes_after(rival):
            return 0  # it decides before this holder, and after another one
        until = min(until, rival.hours_change())
        return self._order.held_until(rival, min(until, rival.balance_change(until)))

    def _is_beaten(self, rival: CandidateState, failures: int) -> bool:
        count = failures.bit_count()
        if count != self.most:
            return count > self.most
        return not self._order.may_come_before(rival.evaluation)


class _Holder(NamedTuple):
    """A candidate with the reasons of a denial, but for its hours, and its segment."""

    segment: Segment
    candidate: CandidateState


def refused_until(given: DecisionInput, reasons: tuple[Reason, ...]) -> int:
    """Return an instant up to which a denial has the same reasons."""
    if not given.account.histories:
        return END_OF_TIME
    failures = sum(REASON_BIT[each] for each in reasons)
    segments = segments_of(given, failures.bit_count())
    near = [
        _Holder(segment, CandidateState(each, given))
        for segment in segments
        for each in segment.near
    ]
    holders = [each for each in near if each.candidate.failures == failures]
    first = min(holders, key=lambda each: each.candidate.precedence())
    last, end = max(
        ((each, _end(given, each)) for each in _longest(holders)), key=lambda each: each[1]
    )

    def held(holder: _Holder, end: int) -> int:
        contest = Refused(given, holder.candidate, failures)
        return held_until(given, contest, segments, end)

    until = held(last, end)
    if until < end and last is not first:
        until = max(until, held(first, _end(given, first)))
    turns = _in_turns(near, failures) if until == last.candidate.hours_change() else []
    if len(turns) > 1 and given.account.settled_places is None:
        end = min(_end_but_for_hours(given, each) for each in turns)
        end = min(end, all_closed_from([each.candidate.right for each in turns], given.at))
        lowest = max(turns, key=lambda each: each.candidate.precedence())
        until = max(until, held(lowest, end))
    return until


def _longest(holders: list[_Holder]) -> list[_Holder]:
    return nlargest(MAX_HOLDERS, holders, key=lambda each: each.segment.end)


def _end(given: DecisionInput, holder: _Holder) -> int:
    """Return until when a candidate has its failures."""
    return min(_end_but_for_hours(given, holder), holder.candidate.hours_change())


def _end_but_for_hours(given: DecisionInput, holder: _Holder) -> int:
    index, request, _ = given
    segment, candidate = holder
    end = lasting(index, segment, candidate.evaluation, request, candidate.failures.bit_count())
    return min(end, candidate.balance_change(end))


def _in_turns(near: list[_Holder], failures: int) -> list[_Holder]:
    """Return candidates that have the reasons whenever they are open, one for each calendar."""
    found: dict[int, _Holder] = {}
    for each in near:
        candidate = each.candidate
        if candidate.static | candidate.balance == failures:
            found.setdefault(id(candidate.right and candidate.right.timeline), each)
    return list(found.values())
