"""Contests: what decides at one instant, and until when no rival can take its place.

There is one contest for each kind of answer. Two failures never cancel out: those of hours and
balance are added to the ones of a segment. So a candidate can be dismissed for a whole segment, and
what is left is asked when its hours and its balance change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, final

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.validity.candidate import CandidateState, DecisionInput
from entitlements.access.validity.segments import Segment, identity, segment_at, segments_after


class Contest(Protocol):
    """What decides at one instant.

    Attributes:
        most: Candidates of a segment with more failures are no rivals.
    """

    @property
    def most(self) -> int:
        """Candidates with more failures than this are no rivals."""
        ...

    def is_rival(self, evaluation: Evaluation) -> bool:
        """Return whether a candidate could decide, if its hours and its balance allow it."""
        ...

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return an instant up to which a rival of this instant does not decide.

        Changes from `until` on need not be looked for.
        """
        ...


@final
class FirstAccess:
    """A denial, until a candidate may be granted or deferred."""

    most = 0

    def is_rival(self, evaluation: Evaluation) -> bool:  # noqa: ARG002 - see the protocol
        """Return True: every candidate that fails by hours and balance only."""
        return True

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may be granted or deferred."""
        return rival.access_change(until)


@final
class FirstGrant:
    """A deferral, until a candidate may be granted."""

    most = 0

    def is_rival(self, evaluation: Evaluation) -> bool:  # noqa: ARG002 - see the protocol
        """Return True: every candidate that fails by hours and balance only."""
        return True

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may be granted."""
        return rival.grant_change(until)


@final
class Comparison:
    """The order of rivals and the candidate that decides.

    Args:
        given: What is asked, and when.
        holder: The candidate that decides.
    """

    __slots__ = ("_holder", "_places", "_prefix")

    def __init__(self, given: DecisionInput, holder: CandidateState) -> None:
        self._holder = holder
        self._places = given.account.settled_places
        self._prefix = holder.evaluation.precedence[: self._places]

    def may_come_before(self, evaluation: Evaluation) -> bool:
        """Return whether a candidate may come before at some instant of its segment."""
        return evaluation.precedence[: self._places] <= self._prefix

    def comes_after(self, rival: CandidateState) -> bool:
        """Return whether a rival comes after now."""
        return rival.precedence() > self._holder.precedence()

    def held_until(self, rival: CandidateState, until: int) -> int:
        """Return when the order of first responses changes next, at most `until`."""
        return min(until, rival.crossing(self._holder, until))


@final
class RightGranted:
    """A grant under a right: rivals come before it and are closed, or give nothing."""

    most = 0

    def __init__(self, given: DecisionInput, holder: CandidateState) -> None:
        self._order = Comparison(given, holder)
        self._holder = holder.evaluation

    def is_rival(self, evaluation: Evaluation) -> bool:
        """Return whether it may come before the right that is granted."""
        return evaluation.right is not self._holder.right and self._order.may_come_before(
            evaluation
        )

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may be granted and come before."""
        found = rival.grant_change(until) if rival.failures else 0
        if found < until and not rival.balance and self._order.comes_after(rival):
            balance = rival.balance_change(until)
            found = max(found, self._order.held_until(rival, min(until, balance)))
        return found


@final
class GroupGranted:
    """A grant of a general group: no right is open and has units left."""

    most = 0

    def __init__(self, given: DecisionInput, holder: CandidateState) -> None:
        self._given = given
        self._holder = holder
        self._order = Comparison(given, holder)

    def is_rival(self, evaluation: Evaluation) -> bool:  # noqa: ARG002 - see the protocol
        """Return True: any right comes before a general group."""
        return True

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may be granted, or when its own general group may come before."""
        found = rival.grant_change(until)
        mine, right = self._holder.evaluation.right, rival.evaluation.right
        if mine is None or right is None or right.general in {None, mine.general}:
            return found
        if not self._order.may_come_before(rival.evaluation):
            return found
        found = min(found, until)
        if self._given.account.compares_charges:
            found = min(found, rival.balance_change(found))
        return self._order.held_until(rival, found)


@final
class RightDeferred:
    """A deferral until a right opens: no other is granted, opens before or has units before."""

    most = 0

    def __init__(self, given: DecisionInput, holder: CandidateState, opens: int) -> None:
        self._opens = opens
        self._order = Comparison(given, holder)

    def is_rival(self, evaluation: Evaluation) -> bool:  # noqa: ARG002 - see the protocol
        """Return True: every right is, the deferred one included."""
        return True

    def beaten_until(self, rival: CandidateState, until: int) -> int:
        """Return when it may be granted, or deferred to an earlier opening."""
        if not rival.opens_later:
            return rival.access_change(until)
        opens = rival.hours_change()
        if opens > self._opens:
            return opens
        balance = rival.balance_change(until)
        return balance if rival.balance else self._order.held_until(rival, min(opens, balance))


def segments_of(given: DecisionInput, most: int) -> list[Segment]:
    """Return the segment of every line now, with the candidates of at most `most` failures."""
    index, request, at = given
    lines = index.request_class(request).lines
    return [segment_at(index, line, request, at, most) for line in lines]


def held_until(
    given: DecisionInput, contest: Contest, segments: Iterable[Segment], until: int
) -> int:
    """Return an instant up to which no rival decides, at most `until`.

    Args:
        given: What is asked, and when.
        contest: What decides.
        segments: The segment of every line now.
        until: When what decides ends by itself.
    """
    index, request, _ = given
    for segment in segments:
        for each in segment.near:
            if contest.is_rival(each):
                until = min(until, contest.beaten_until(CandidateState(each, given), until))
        known = [identity(each) for each in segment.near]
        for start, later in segments_after(index, segment, request, until, contest.most):
            new = (each for each in later.near if identity(each) not in known)
            if any(map(contest.is_rival, new)):
                until = start
                break
    return until
