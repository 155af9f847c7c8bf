"""Who may open cases under a contract, when: named contacts, the limit on them, delegations.

A delegate's right is never more than its giver's: it needs a chain of delegations that run, each
of which may be passed on far enough, from a contact who is named and may delegate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

import attrs

from entitlements.access.checks.contact_limits import ContactPeriod, within_contact_limit
from entitlements.access.checks.line import missing_facts_failures
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.contracts.account import Account, AccountPart, records_as_known
from entitlements.contracts.dates.day_boundaries import day_end, day_start
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.parties import MAX_DELEGATION_LINKS, Delegation, NamedContact
from entitlements.kernel.instants import END_OF_TIME, START_OF_TIME, micros_or_end, to_micros
from entitlements.kernel.intervals import (
    Intervals,
    clip,
    contains,
    intersection,
    union,
)

_NEVER: Final[Intervals] = ()


@final
@attrs.frozen
class _DelegationPeriod:
    """One delegation: from when to when, in microseconds, and how far it may be passed on."""

    start: int
    end: int
    depth: int


@final
class ContactRights:
    """Who may open cases under one contract, for plans with one limit.

    Args:
        account: The customer's records.
        delegations: Those of the contract that hold.
        history: A line of the contract.
        limit: How many named contacts may open cases; None for all.
    """

    __slots__ = ("_account", "_free", "_givers", "_links", "_lists", "_people")

    def __init__(
        self,
        account: Account,
        delegations: Iterable[Delegation],
        history: LineHistory,
        limit: int | None,
    ) -> None:
        self._account = account
        self._links: dict[str, dict[str, list[_DelegationPeriod]]] = {}
        for each in delegations:
            of_receiver = self._links.setdefault(each.receiver, {})
            of_receiver.setdefault(each.giver, []).append(_link(each))
        self._lists = _lists(history)
        everybody = history.contract.any_contact
        self._free = union((a, b) for a, b, named in self._lists if everybody and not named)
        self._people, self._givers = _named(self._lists, limit)

    def failures_over_time(self, person: str) -> StepFunction[int]:
        """Return why `person` may not open cases, as bits that change with time."""
        allowed = union(
            [*self._free, *self._people.get(person, _NEVER), *self._delegated(person, 0, {})]
        )
        steps: dict[int, int] = {}
        unknown = missing_facts_failures(self._account, [AccountPart.DELEGATIONS])
        for start, end, namings in self._lists:
            mine = namings.get(person, ())
            running = union(each.within(start, end) for each in mine)
            within = [*running, *clip(allowed, start, end)]
            for at in {start, *(edge for stretch in within for edge in stretch if edge < end)}:
                steps[at] = 0 if contains(allowed, at) else _refusal(mine, running, at) | unknown
        return StepFunction.of(steps.pop(START_OF_TIME), steps.items())

    def _delegated(
        self, person: str, further: int, known: dict[tuple[str, int], Intervals]
    ) -> Intervals:
        """Return when a right comes to `person` that can be passed on `further` times."""
        if further == MAX_DELEGATION_LINKS or person not in self._links:
            return _NEVER
        if (person, further) not in known:
            found: list[tuple[int, int]] = []
            for giver, links in self._links[person].items():
                running = union((each.start, each.end) for each in links if each.depth >= further)
                given = self._delegated(giver, further + 1, known)
                found += intersection(running, union([*self._givers.get(giver, _NEVER), *given]))
            known[person, further] = union(found)
        return known[person, further]


def delegations_by_contract(account: Account) -> dict[str, list[Delegation]]:
    """Return the delegations that hold, by the contract they are of."""
    found: dict[str, list[Delegation]] = {}
    for each in records_as_known(account.delegations, None):
        found.setdefault(each.contract, []).append(each)
    return found


def _lists(history: LineHistory) -> list[tuple[int, int, dict[str, list[ContactPeriod]]]]:
    """Return who is named by which list, from when to when the list holds."""
    zone, starts = history.contract.zone, history.contacts.starts
    found = []
    for start, end, contacts in zip(
        starts, [*starts[1:], END_OF_TIME], history.contacts.values, strict=True
    ):
        namings: dict[str, list[ContactPeriod]] = {}
        for place, each in enumerate(contacts):
            namings.setdefault(each.contact, []).append(_naming(each, place, zone))
        found.append((start, end, namings))
    return found


def _named(
    lists: Iterable[tuple[int, int, dict[str, list[ContactPeriod]]]], limit: int | None
) -> tuple[dict[str, Intervals], dict[str, Intervals]]:
    """Return when each person is a contact, and when one who may delegate."""
    people: dict[str, list[tuple[int, int]]] = {}
    givers: dict[str, list[tuple[int, int]]] = {}
    for start, end, namings in lists:
        for contact, times in within_contact_limit(namings, limit, start, end).items():
            people.setdefault(contact, []).extend(times)
            giving = (each.within(start, end) for each in namings[contact] if each.may_delegate)
            givers.setdefault(contact, []).extend(intersection(times, union(giving)))
    return _unions(people), _unions(givers)


def _unions(stretches: dict[str, list[tuple[int, int]]]) -> dict[str, Intervals]:
    return {contact: union(some) for contact, some in stretches.items()}


def _refusal(namings: Sequence[ContactPeriod], running: Intervals, at: int) -> int:
    if not namings:
        return REASON_BIT[Reason.CONTACT_NOT_NAMED]
    if not contains(running, at):
        return REASON_BIT[Reason.CONTACT_OUT_OF_DATES]
    return REASON_BIT[Reason.CONTACT_OVER_LIMIT]


def _naming(named: NamedContact, place: int, zone: str) -> ContactPeriod:
    return ContactPeriod(
        START_OF_TIME if named.start is None else day_start(named.start, zone),
        END_OF_TIME if named.end is None else day_end(named.end, zone),
        place,
        named.may_delegate,
    )


def _link(delegation: Delegation) -> _DelegationPeriod:
    end = micros_or_end(delegation.end)
    return _DelegationPeriod(to_micros(delegation.start), end, delegation.depth)
