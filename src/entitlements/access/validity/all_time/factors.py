"""Factors: what an answer depends on, divided into parts that can be looked at one by one.

A grant ends when its own right ends or when any right before it begins, whatever the others do. So
each of these rights is followed for itself, which is less work than to follow all at once, and
repeats much sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import Final, TypeAlias, final

from entitlements.access.compiled.evaluation import Evaluation
from entitlements.access.compiled.lines import CompiledRight
from entitlements.access.validity.all_time.combinations import first_other
from entitlements.access.validity.all_time.orders import OrderStates
from entitlements.access.validity.all_time.weekly import (
    DatedStates,
    HoursStates,
    PoolWeeks,
    WeeklyStates,
)
from entitlements.access.validity.balances import counts, next_balance_change
from entitlements.access.validity.candidate import CandidateState, DecisionInput
from entitlements.access.validity.crossings import PromisedResponse
from entitlements.access.validity.segments import identity, segment_at, segments_after
from entitlements.calendars.timeline.zones import LAST_MICROS
from entitlements.kernel.instants import END_OF_TIME

Factor: TypeAlias = tuple[WeeklyStates, ...]
Asked: TypeAlias = Callable[[int], bool]
"""Whether an answer is another at an instant."""

MAX_HOLDERS: Final = 8
"""Of how many candidates that could hold a denial the one that does so longest is taken."""


@final
class Factors:
    """The candidates that ever have few dated failures, and what each of them depends on.

    Args:
        given: What is asked, and from when on.
        most: Candidates of more failures, those of hours and balance left out, do not matter.

    Attributes:
        every: The candidates of all segments, each once.
    """

    __slots__ = ("_given", "_hours", "_lines", "_most", "_orders", "_pools", "every")

    def __init__(self, given: DecisionInput, most: int) -> None:
        index, request, at = given
        self._given, self._most = given, most
        self._hours: dict[int, list[WeeklyStates]] = {}
        self._pools: dict[Hashable, list[WeeklyStates]] = {}
        self._lines: dict[int, list[WeeklyStates]] = {}
        self._orders: dict[Hashable, WeeklyStates] = {}
        every: dict[Hashable, Evaluation] = {}
        for line in index.request_class(request).lines:
            segment = segment_at(index, line, request, at, most)
            segments = [(at, segment), *segments_after(index, segment, request, END_OF_TIME, most)]
            named = [(at, [*map(identity, each.near)], each.near) for at, each in segments]
            states = DatedStates((start, tuple(names)) for start, names, _ in named)
            self._lines[line.number] = [] if states.is_constant else [states]
            for _, names, near in named:
                every |= {(line.number, name): each for name, each in zip(names, near, strict=True)}
        self.every = list(every.values())

    def one_by_one(
        self, candidates: Iterable[Evaluation], holder: Evaluation | None = None
    ) -> list[Factor]:
        """Return a factor for each of the candidates; those that depend on the same have one.

        Args:
            candidates: The candidates.
            holder: One that each of them has to come before.
        """
        held = () if holder is None else (holder,)
        factors = ((*self.together([each]), *self._order_of([each, *held])) for each in candidates)
        lines = self._lines[holder.line.number] if holder else []
        found = {
            tuple(map(id, factor)): factor
            for each in factors
            if (factor := _distinct([*each, *lines]))
        }
        return sorted(found.values(), key=_period)

    def together(
        self, candidates: Iterable[Evaluation], *, hours: bool = True, pools: bool = True
    ) -> Factor:
        """Return all that some candidates depend on, but for their order, as one factor."""
        found: list[WeeklyStates] = []
        for each in candidates:
            found += self._lines[each.line.number]
            if each.right is not None:
                found += self._hours_of(each.right) if hours else []
                found += self._pool_of(each.right) if pools else []
        return _distinct(found)

    def in_order(self, *, hours: bool = True, pools: bool = True) -> Factor:
        """Return all that the candidates and their order depend on, as one factor."""
        every = self.together(self.every, hours=hours, pools=pools)
        return (*every, *self._order_of(self.every))

    def cover(self, failures: int, is_other: Asked) -> int:
        """Return when the first denial for other reasons comes, if all candidates have the same.

        The reasons hold while any of the candidates is open and has units. So a few are followed,
        and another one is added whenever none of them is and has.
        """
        index, request, at = self._given
        held: list[Evaluation] = []

        def is_uncovered(at: int) -> bool:
            places = {_place(each) for each in held}
            return all(_place(each) not in places for each in self._free(held, failures, at))

        while True:
            at = first_other(self.together(held), at, LAST_MICROS + 1, is_uncovered)
            if at > LAST_MICROS or is_other(at) or not is_uncovered(at):
                return at
            given = DecisionInput(index, request, at)
            free = islice(self._free(self.every, failures, at), MAX_HOLDERS)
            held.append(max((CandidateState(each, given) for each in free), key=_lasts).evaluation)

    def _free(self, those: Iterable[Evaluation], failures: int, at: int) -> Iterator[Evaluation]:
        """Yield the candidates on the lines of some that have these failures only at an instant."""
        index, request, _ = self._given
        for line in {each.line.number: each.line for each in those}.values():
            for each in segment_at(index, line, request, at, self._most).near:
                if (
                    each.failures == failures
                    and not CandidateState(each, DecisionInput(index, request, at)).failures
                    & ~failures
                ):
                    yield each

    def _order_of(self, candidates: Iterable[Evaluation]) -> list[WeeklyStates]:
        """Return the order of the first responses of some candidates, if it matters and changes."""
        index, request, at = self._given
        if not index.compares_responses:
            return []
        responses: dict[Hashable, CompiledRight | None] = {}
        for each in candidates:
            right = each.right
            key = right and index.response.key(right.promise.entitlement, request)
            responses.setdefault(key, right)
        if len(responses) == 1:
            return []
        keys = frozenset(responses)
        if keys not in self._orders:
            promised = [
                PromisedResponse(index.response, each, request) for each in responses.values()
            ]
            self._orders[keys] = OrderStates(promised, at)
        return [self._orders[keys]]

    def _hours_of(self, right: CompiledRight) -> list[WeeklyStates]:
        if right.hours is None:
            return []
        key = id(right.timeline)
        if key not in self._hours:
            states = HoursStates(right, right.hours, self._given.at)
            self._hours[key] = [] if states.is_constant(self._given.at) else [states]
        return self._hours[key]

    def _pool_of(self, right: CompiledRight) -> list[WeeklyStates]:
        index, request, at = self._given
        if not counts(index, right):
            return []
        key = right.line.number, right.promise.charge, right.allowance
        if key not in self._pools:
            change = next_balance_change(index, right, request, at, END_OF_TIME)
            states = [] if change == END_OF_TIME else [PoolWeeks(index, right, request, at)]
            self._pools[key] = [*states]
        return self._pools[key]


def first_of(factors: Iterable[Factor], at: int, is_other: Asked) -> int:
    """Return the first instant at which an answer is another; after all instants for never.

    It has to be another exactly when one of the factors alone makes it so. If there is too much to
    look at, an instant is returned up to which it is the same.
    """
    until = LAST_MICROS + 1
    for factor in factors:
        until = first_other(factor, at, until, is_other)
    return until


def is_of(candidate: Evaluation, right: CompiledRight) -> bool:
    """Return whether a candidate is this right, in whatever segment."""
    entitlement = right.promise.entitlement
    return candidate.right is not None and candidate.right.promise.entitlement == entitlement


def _distinct(states: Iterable[WeeklyStates]) -> Factor:
    return tuple({id(each): each for each in states}.values())


def _place(each: Evaluation) -> Hashable:
    return each.line.number, each.right and each.right.promise.entitlement


def _lasts(candidate: CandidateState) -> int:
    change = candidate.hours_change()
    return min(change, candidate.balance_change(change))


def _period(factor: Factor) -> int:
    return max(each.period for each in factor)
