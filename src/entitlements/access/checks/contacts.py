"""Named contacts and delegations: who may open cases under a contract, when, and in which roles.

A delegate never has more rights than the giver: it takes a chain of active delegations, each of
which may be passed on far enough, from a named contact who may delegate, and has that contact's
roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.access.checks.contact_limits import ContactPeriod, within_contact_limit
from entitlements.access.checks.line import missing_facts_failures
from entitlements.access.reasons import REASON_BIT, Reason
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.account import Account, AccountPart, records_as_known
from entitlements.contracts.dates.day_boundaries import day_end, day_start
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory, LineState, LineTerms
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.records.parties import MAX_DELEGATION_LINKS, Delegation, NamedContact
from entitlements.kernel.instants import (
    END_OF_TIME,
    START_OF_TIME,
    from_micros,
    micros_or_end,
    to_micros,
)
from entitlements.kernel.periods.spans import (
    Intervals,
    clip,
    contains,
    intersection,
    union,
)

_NEVER: Final[Intervals] = ()


class ContactTerms(NamedTuple):
    """What a line says of the contacts of its contract.

    Attributes:
        limit: How many may open cases; None for all.
        lead_time: How long after its day an addition counts; None for at once.
        hours: Name of the calendar of the lead time in the catalog, if it has one.
        unlimited: The roles whose contacts are outside the limit.
    """

    limit: int | None
    lead_time: LeadTime | None = None
    hours: str | None = None
    unlimited: frozenset[str] = frozenset()


def contact_terms(sold: LineState | LineTerms) -> ContactTerms:
    """Return what a line says of contacts, in a state or in a version of it."""
    plan, line = sold.plan, sold.line
    limit = plan.contact_limit if line.contact_limit is None else line.contact_limit
    lead = plan.lead_time
    name = None if lead is None else lead.calendar
    hours = None if name is None else line.calendars.get(name, name)
    return ContactTerms(limit, lead, hours, plan.unlimited_roles)


class _ContactList(NamedTuple):
    """One list of contacts.

    Attributes:
        start: First instant at which it holds, in microseconds.
        end: First instant after it.
        named: When each person is named in it.
        periods: The same, from the end of the lead time on.
    """

    start: int
    end: int
    named: dict[str, list[ContactPeriod]]
    periods: dict[str, list[ContactPeriod]]


@final
@attrs.frozen
class _DelegationPeriod:
    """One delegation.

    Attributes:
        start: First instant, in microseconds.
        end: First instant after it.
        depth: How many times it may be passed on.
    """

    start: int
    end: int
    depth: int


@final
class ContactRights:
    """Who may open cases under one contract, for plans that agree in what they say of contacts.

    Args:
        account: The customer's records.
        delegations: The delegations of the contract that are not retracted.
        history: A line of the contract.
        terms: What the plan says of contacts.
        hours: The calendar of its lead time, if it has one.
    """

    __slots__ = ("_account", "_delegations", "_givers", "_lists", "_open_to_all", "_people")

    def __init__(
        self,
        account: Account,
        delegations: Iterable[Delegation],
        history: LineHistory,
        terms: ContactTerms,
        hours: BusinessHours | None = None,
    ) -> None:
        self._account = account
        self._delegations: dict[str, dict[str, list[_DelegationPeriod]]] = {}
        # What could not be loaded is not read, although some of it may be here.
        unknown = AccountPart.DELEGATIONS in account.unknown
        for each in () if unknown else delegations:
            of_receiver = self._delegations.setdefault(each.receiver, {})
            of_receiver.setdefault(each.giver, []).append(_delegation_period(each))
        self._lists = _lists(history, terms.lead_time, hours)
        open_to_all = history.contract.any_contact
        self._open_to_all = union(
            (each.start, each.end) for each in self._lists if open_to_all and not each.named
        )
        self._people, self._givers = _named(self._lists, terms)

    def failures_over_time(self, person: str) -> StepFunction[int]:
        """Return why `person` may not open cases, as failures that change with time."""
        allowed = union(
            [
                *self._open_to_all,
                *self._people.get(person, _NEVER),
                *self._delegated(person, 0, self._givers, {}),
            ]
        )
        steps: dict[int, int] = {}
        unknown = missing_facts_failures(self._account, [AccountPart.DELEGATIONS])
        for start, end, listed, counted in self._lists:
            named, active = (
                union(each.within(start, end) for each in some.get(person, ()))
                for some in (listed, counted)
            )
            within = [*named, *active, *clip(allowed, start, end)]
            for at in {start, *(edge for interval in within for edge in interval if edge < end)}:
                if contains(allowed, at):
                    steps[at] = 0
                else:
                    steps[at] = _failure(named, active, at, listed=person in listed) | unknown
        return StepFunction.of(steps.pop(START_OF_TIME), steps.items())

    def roles_over_time(self, person: str) -> StepFunction[frozenset[str]]:
        """Return the roles in which `person` may open cases, as they change with time.

        They are those of the entries that run while the person is within the limit, and those of
        every contact from whom a delegation leads to the person.
        """
        every = {
            role
            for _, _, _, listed in self._lists
            for some in listed.values()
            for each in some
            for role in each.roles
        }
        times = {role: self._times_of_role(role, person) for role in sorted(every)}
        edges = {START_OF_TIME, *(at for spans in times.values() for span in spans for at in span)}
        steps = {
            at: frozenset(role for role, spans in times.items() if contains(spans, at))
            for at in edges
        }
        return StepFunction.of(steps.pop(START_OF_TIME), steps.items())

    def _times_of_role(self, role: str, person: str) -> Intervals:
        having: dict[str, list[tuple[int, int]]] = {}
        for start, end, _, listed in self._lists:
            for contact, periods in listed.items():
                mine = (each.within(start, end) for each in periods if role in each.roles)
                having.setdefault(contact, []).extend(mine)
        held = _unions(having)
        own = intersection(held.get(person, _NEVER), self._people.get(person, _NEVER))
        givers = {
            giver: intersection(times, held.get(giver, _NEVER))
            for giver, times in self._givers.items()
        }
        return union([*own, *self._delegated(person, 0, givers, {})])

    def _delegated(
        self,
        person: str,
        further: int,
        givers: Mapping[str, Intervals],
        known: dict[tuple[str, int], Intervals],
    ) -> Intervals:
        """Return when `person` holds a delegation of `givers` to be passed on `further` times."""
        if further == MAX_DELEGATION_LINKS or person not in self._delegations:
            return _NEVER
        if (person, further) not in known:
            found: list[tuple[int, int]] = []
            for giver, links in self._delegations[person].items():
                active = union((each.start, each.end) for each in links if each.depth >= further)
                given = self._delegated(giver, further + 1, givers, known)
                found += intersection(active, union([*givers.get(giver, _NEVER), *given]))
            known[person, further] = union(found)
        return known[person, further]


def delegations_by_contract(account: Account) -> dict[str, list[Delegation]]:
    """Return the delegations that are not retracted, by contract."""
    found: dict[str, list[Delegation]] = {}
    for each in records_as_known(account.delegations, None):
        found.setdefault(each.contract, []).append(each)
    return found


def _lists(
    history: LineHistory, lead_time: LeadTime | None, hours: BusinessHours | None
) -> list[_ContactList]:
    """Return each list of contacts in force."""
    zone, starts = history.contract.zone, history.contacts.starts
    found: list[_ContactList] = []
    counts_from: dict[str, int] | None = None
    for start, end, contacts in zip(
        starts, [*starts[1:], END_OF_TIME], history.contacts.values, strict=True
    ):
        over = START_OF_TIME
        if lead_time is not None and counts_from is not None:
            over = lead_time.over(_day(start, zone), zone, hours)
        before = counts_from or {}
        counts_from = {each.contact: before.get(each.contact, over) for each in contacts}
        named: dict[str, list[ContactPeriod]] = {}
        periods: dict[str, list[ContactPeriod]] = {}
        for position, each in enumerate(contacts):
            period = _contact_period(each, position, zone)
            named.setdefault(each.contact, []).append(period)
            begun = max(period.start, counts_from[each.contact])
            periods.setdefault(each.contact, []).append(period._replace(start=begun))
        found.append(_ContactList(start, end, named, periods))
    return found


def _day(start: int, zone: str) -> date:
    return from_micros(start).astimezone(ZoneInfo(zone)).date()


def _named(
    lists: Iterable[_ContactList], terms: ContactTerms
) -> tuple[dict[str, Intervals], dict[str, Intervals]]:
    """Return when each person may open cases as a contact, and when as one who may delegate."""
    people: dict[str, list[tuple[int, int]]] = {}
    givers: dict[str, list[tuple[int, int]]] = {}
    for start, end, _, periods in lists:
        for contact, times in _allowed(periods, terms, start, end).items():
            people.setdefault(contact, []).extend(times)
            giving = (each.within(start, end) for each in periods[contact] if each.may_delegate)
            givers.setdefault(contact, []).extend(intersection(times, union(giving)))
    return _unions(people), _unions(givers)


def _allowed(
    periods: Mapping[str, list[ContactPeriod]], terms: ContactTerms, start: int, end: int
) -> dict[str, Intervals]:
    """Return when each contact is within the limit, or has a role that is outside of it."""
    if not terms.unlimited:
        return within_contact_limit(periods, terms.limit, start, end)
    counted: dict[str, list[ContactPeriod]] = {}
    outside: dict[str, list[tuple[int, int]]] = {}
    for contact, some in periods.items():
        for each in some:
            if each.roles & terms.unlimited:
                outside.setdefault(contact, []).append(each.within(start, end))
            else:
                counted.setdefault(contact, []).append(each)
    for contact, times in within_contact_limit(counted, terms.limit, start, end).items():
        outside.setdefault(contact, []).extend(times)
    return _unions(outside)


def _unions(intervals: dict[str, list[tuple[int, int]]]) -> dict[str, Intervals]:
    return {contact: union(some) for contact, some in intervals.items()}


def _failure(named: Intervals, active: Intervals, at: int, *, listed: bool) -> int:
    if not listed:
        return REASON_BIT[Reason.CONTACT_NOT_NAMED]
    if not contains(named, at):
        return REASON_BIT[Reason.CONTACT_OUT_OF_DATES]
    if not contains(active, at):
        return REASON_BIT[Reason.CONTACT_IN_LEAD_TIME]
    return REASON_BIT[Reason.CONTACT_OVER_LIMIT]


def _contact_period(named: NamedContact, position: int, zone: str) -> ContactPeriod:
    return ContactPeriod(
        START_OF_TIME if named.start is None else day_start(named.start, zone),
        END_OF_TIME if named.end is None else day_end(named.end, zone),
        position,
        named.may_delegate,
        named.roles,
    )


def _delegation_period(delegation: Delegation) -> _DelegationPeriod:
    end = micros_or_end(delegation.end)
    return _DelegationPeriod(to_micros(delegation.start), end, delegation.depth)
