"""Who may open cases under a contract, when: named contacts, the limit on them, delegations.

A delegate's right is never more than its giver's: it needs a chain of delegations that run, each
of which may be passed on far enough, from a contact who is named and may delegate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import final

from entitlements.access.checks import known_bits
from entitlements.access.reasons import BIT, Reason
from entitlements.contracts.account import Account, Part, latest
from entitlements.contracts.dates import day_end, day_start
from entitlements.contracts.parties import DEEPEST_DELEGATION, Delegation, NamedContact
from entitlements.contracts.standing import LineHistory
from entitlements.contracts.steps import BEGINNING, END, Steps
from entitlements.kernel.instants import to_micros


@final
class Contacts:
    """Who may open cases under one contract, for plans with one limit."""

    __slots__ = ("_account", "_delegations", "_history", "_limit")

    def __init__(self, account: Account, history: LineHistory, limit: int | None) -> None:
        self._account = account
        self._history = history
        self._limit = limit
        self._delegations = [
            each
            for each in latest(account.delegations, None)
            if each.contract == history.contract.id
        ]

    def steps(self, person: str) -> Steps[int]:
        """Return why `person` may not open cases, as bits that change with time."""
        edges = {*self._history.steps.starts}
        for each in self._delegations:
            edges |= {to_micros(each.start), END if each.end is None else to_micros(each.end)}
        for standing in self._history.steps.values:
            for named in standing.contacts:
                edges |= {*_span(named, self._history.contract.zone)}
        starts = sorted(edge for edge in edges if BEGINNING < edge < END)
        first = self._bits(person, BEGINNING)
        return Steps.of(first, ((start, self._bits(person, start)) for start in starts))

    def _bits(self, person: str, at: int) -> int:
        listed = self._history.steps.at(at).contacts
        if self._history.contract.any_contact and not listed:
            return 0
        zone = self._history.contract.zone
        allowed = _allowed(listed, self._limit, zone, at)
        if any(each.contact == person for each in allowed):
            return 0
        givers = {each.contact for each in allowed if each.may_delegate}
        running = [each for each in self._delegations if _runs(each, at)]
        if _delegated(person, running, givers, 0):
            return 0
        return _refusal(person, listed, zone, at) | known_bits(self._account, [Part.DELEGATIONS])


def _refusal(person: str, listed: Iterable[NamedContact], zone: str, at: int) -> int:
    mine = [each for each in listed if each.contact == person]
    if not mine:
        return BIT[Reason.CONTACT_NOT_NAMED]
    if not any(_is_named(each, zone, at) for each in mine):
        return BIT[Reason.CONTACT_OUT_OF_DATES]
    return BIT[Reason.CONTACT_OVER_LIMIT]


def _allowed(
    listed: Iterable[NamedContact], limit: int | None, zone: str, at: int
) -> list[NamedContact]:
    """Return who is named at `at`; of more than the limit, those listed first."""
    named = [each for each in listed if _is_named(each, zone, at)]
    people = list(dict.fromkeys(each.contact for each in named))[:limit]
    return [each for each in named if each.contact in people]


def _is_named(named: NamedContact, zone: str, at: int) -> bool:
    start, end = _span(named, zone)
    return start <= at < end


def _span(named: NamedContact, zone: str) -> tuple[int, int]:
    first: date | None = named.start
    return (
        BEGINNING if first is None else day_start(first, zone),
        END if named.end is None else day_end(named.end, zone),
    )


def _runs(delegation: Delegation, at: int) -> bool:
    start = to_micros(delegation.start)
    return start <= at and (delegation.end is None or at < to_micros(delegation.end))


def _delegated(person: str, running: Sequence[Delegation], givers: set[str], further: int) -> bool:
    """Return whether `person` was given the right, to be passed on `further` more times."""
    if further >= DEEPEST_DELEGATION:
        return False
    return any(
        each.giver in givers or _delegated(each.giver, running, givers, further + 1)
        for each in running
        if each.receiver == person and each.depth >= further
    )
