"""Who may open cases under a contract, when: named contacts, the limit on them, delegations.

A delegate's right is never more than its giver's: it needs a chain of delegations that run, each
of which may be passed on far enough, from a contact who is named and may delegate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import final

import attrs

from entitlements.access.checks import known_bits
from entitlements.access.reasons import BIT, Reason
from entitlements.contracts.account import Account, Part, latest
from entitlements.contracts.dates import day_end, day_start
from entitlements.contracts.parties import DEEPEST_DELEGATION, Delegation, NamedContact
from entitlements.contracts.standing import LineHistory
from entitlements.contracts.steps import BEGINNING, END, Steps
from entitlements.kernel.instants import to_micros


@final
@attrs.frozen
class _Naming:
    """One naming of a contact: from when to when, in microseconds."""

    start: int
    end: int
    contact: str
    may_delegate: bool


@final
@attrs.frozen
class _Link:
    """One delegation: from when to when, in microseconds."""

    start: int
    end: int
    giver: str
    receiver: str
    depth: int


@final
class Contacts:
    """Who may open cases under one contract, for plans with one limit."""

    __slots__ = ("_account", "_history", "_limit", "_links", "_namings")

    def __init__(self, account: Account, history: LineHistory, limit: int | None) -> None:
        self._account = account
        self._history = history
        self._limit = limit
        self._links: dict[str, list[_Link]] = {}
        for each in latest(account.delegations, None):
            if each.contract == history.contract.id:
                self._links.setdefault(each.receiver, []).append(_link(each))
        # A tuple of contacts is shared by all standings in which it holds.
        self._namings = {
            id(listed): [_naming(each, history.contract.zone) for each in listed]
            for listed in {
                id(each.contacts): each.contacts for each in history.steps.values
            }.values()
        }

    def steps(self, person: str) -> Steps[int]:
        """Return why `person` may not open cases, as bits that change with time."""
        links = self._leading_to(person)
        people = {person, *(each.giver for each in links)}
        edges = {*self._history.steps.starts}
        for link in links:
            edges |= {link.start, link.end}
        for listed in self._namings.values():
            for named in listed:
                # With a limit, each other contact may take the person's place.
                if self._limit is not None or named.contact in people:
                    edges |= {named.start, named.end}
        starts = sorted(edge for edge in edges if BEGINNING < edge < END)
        first = self._bits(person, links, BEGINNING)
        return Steps.of(first, ((start, self._bits(person, links, start)) for start in starts))

    def _leading_to(self, person: str) -> list[_Link]:
        """Return the delegations through which the right can come to `person` at all."""
        found: list[_Link] = []
        reached, receivers = {person}, [person]
        for _ in range(DEEPEST_DELEGATION):
            links = [link for each in receivers for link in self._links.get(each, ())]
            found += links
            receivers = sorted({link.giver for link in links} - reached)
            reached.update(receivers)
        return found

    def _bits(self, person: str, links: Iterable[_Link], at: int) -> int:
        listed = self._history.steps.at(at).contacts
        if self._history.contract.any_contact and not listed:
            return 0
        namings = self._namings[id(listed)]
        running = [each for each in namings if each.start <= at < each.end]
        # Of more than the limit, those listed first are contacts.
        people = {*list(dict.fromkeys(each.contact for each in running))[: self._limit]}
        if person in people:
            return 0
        givers = {each.contact for each in running if each.may_delegate and each.contact in people}
        if _delegated(person, [each for each in links if each.start <= at < each.end], givers):
            return 0
        return _refusal(person, namings, running) | known_bits(self._account, [Part.DELEGATIONS])


def _refusal(person: str, namings: Iterable[_Naming], running: Iterable[_Naming]) -> int:
    if all(each.contact != person for each in namings):
        return BIT[Reason.CONTACT_NOT_NAMED]
    if all(each.contact != person for each in running):
        return BIT[Reason.CONTACT_OUT_OF_DATES]
    return BIT[Reason.CONTACT_OVER_LIMIT]


def _naming(named: NamedContact, zone: str) -> _Naming:
    return _Naming(
        BEGINNING if named.start is None else day_start(named.start, zone),
        END if named.end is None else day_end(named.end, zone),
        named.contact,
        named.may_delegate,
    )


def _link(delegation: Delegation) -> _Link:
    start, end = to_micros(delegation.start), delegation.end
    until = END if end is None else to_micros(end)
    return _Link(start, until, delegation.giver, delegation.receiver, delegation.depth)


def _delegated(person: str, running: Sequence[_Link], givers: AbstractSet[str]) -> bool:
    """Return whether `person` was given the right, through links that may be passed on so far."""
    reached = {person}
    for further in range(DEEPEST_DELEGATION):
        reached = {
            each.giver for each in running if each.receiver in reached and each.depth >= further
        }
        if not reached.isdisjoint(givers):
            return True
    return False
