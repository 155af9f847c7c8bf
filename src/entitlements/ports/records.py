"""Stored records: case, work item, message, decision, command, lease of a group.

A change of a record is written as the value before and the value after, so that the second of two
writers is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.contracts.account import OpenCase
from entitlements.contracts.allowances.allowance import ConsumptionMoment, consumption_moment_of
from entitlements.kernel.converters import (
    MAX_INT64,
    as_text,
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import instant_of, to_micros, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.requests import Request
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.routing.offers.selections import AgentSelection, selections_of
from entitlements.routing.offers.work_state import WorkState
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History, HistoryEntry
from entitlements.sla.case_history.lifecycle import CaseStatus
from entitlements.sla.case_history.ticket_states import TicketStateChange

MAX_BODY = 16 * 2**20
_UNRESOLVED: Final = frozenset({EventKind.REOPENED, EventKind.CANCELLED})


def request_of(value: Request) -> Request:
    """Return `value`; raise `InvalidValueError` unless it is a request."""
    return instance_of(Request, value)


def _terms(value: FrozenTerms) -> FrozenTerms:
    return instance_of(FrozenTerms, value)


def events_of(values: Iterable[Event]) -> tuple[Event, ...]:
    """Return `values`; raise `InvalidValueError` unless they are events."""
    return tuple_of(Event, values)


def instants_of(values: Iterable[datetime]) -> tuple[datetime, ...]:
    """Return `values` in UTC; raise `InvalidValueError` unless they are instants."""
    return tuple(map(utc, as_tuple(values)))


def case_or_none(id: str) -> str:
    """Return the id of a case, or no text for none."""
    return id if id == "" else identifier(id)


def _states(values: Iterable[TicketStateChange]) -> tuple[TicketStateChange, ...]:
    return tuple_of(TicketStateChange, values)


def _status(value: CaseStatus | str) -> CaseStatus:
    return enum_member(CaseStatus, value)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(as_text, as_tuple(names)))


def body_text(text: str) -> str:
    """Return `text` if every store can store it unchanged.

    Raises:
        InvalidValueError: It is too long, holds a NUL, or half of a surrogate pair.
    """
    as_text(text)
    if len(text) > MAX_BODY:
        raise InvalidValueError(f"a body has `{len(text)}` characters, more than `{MAX_BODY}`")
    if "\0" in text:
        raise InvalidValueError("a body holds a NUL character", hint="write it as `\\u0000`")
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(
            "a body cannot be written in UTF-8", hint="it has half of a surrogate pair; replace it"
        ) from None
    return text


@final
@attrs.frozen(kw_only=True)
class FrozenTerms:
    """The terms of a case at its admission; a later edition does not change them.

    Attributes:
        edition: Number of the edition of the catalog.
        contract: Id of the contract.
        line: Id of the contract line.
        policy: Id of the SLA policy in that edition.
        calendars: Calendar of each calendar name in the policy.
        plan: Id of the plan in that edition, for the severity scale.
        plan_version: Version of the plan.
        consumption: When the reserved units are consumed; None if no units are counted.
    """

    edition: int
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    policy: str = attrs.field(converter=identifier)
    calendars: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)
    plan: str | None = attrs.field(default=None, converter=optional_identifier)
    plan_version: str | None = attrs.field(default=None, converter=optional_identifier)
    consumption: ConsumptionMoment | None = attrs.field(
        default=None, converter=attrs.converters.optional(consumption_moment_of)
    )


@final
@attrs.frozen(repr=False, kw_only=True)
class Case(ReprWithoutDefaults):
    """An admitted request and its events.

    Attributes:
        request: The request; its id is the id of the case.
        opened: Instant of the admission.
        terms: Terms at the admission.
        events: Events in the order in which they were recorded; none is ever removed.
        recorded: When each of them was recorded, by the clock of the host; if left out, when it
            happened.
        closed: When it stopped counting towards limits; None while it is open.
        next_due_at: When the next timeout or notice is due; None for never.
        alerts_sent: Names of the warnings and breaches about which messages were written.
        status: Its status when it was last written.
        severity: Its severity when it was last written; None for none.
        due: The earliest deadline that was not over when it was last written; None for none.
        ticket_states: What a helpdesk has reported of its ticket, in the order of the instants.
    """

    request: Request = attrs.field(converter=request_of)
    opened: datetime = attrs.field(converter=utc)
    terms: FrozenTerms = attrs.field(converter=_terms)
    events: tuple[Event, ...] = attrs.field(repr=short_repr, default=(), converter=events_of)
    recorded: tuple[datetime, ...] = attrs.field(repr=short_repr, converter=instants_of)
    closed: datetime | None = attrs.field(default=None, converter=utc_or_none)
    next_due_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    alerts_sent: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    status: CaseStatus = attrs.field(default=CaseStatus.OPEN, converter=_status)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
    due: datetime | None = attrs.field(default=None, converter=utc_or_none)
    ticket_states: tuple[TicketStateChange, ...] = attrs.field(default=(), converter=_states)

    @recorded.default
    def _when_they_happened(self) -> tuple[datetime, ...]:
        return tuple(each.at for each in self.events)

    @recorded.validator
    def _is_one_for_each(self, _: object, recorded: tuple[datetime, ...]) -> None:
        if len(recorded) != len(self.events):
            raise InvalidValueError(
                f"case `{self.id}` has `{len(self.events)}` events, and `{len(recorded)}` instants "
                "at which they were recorded",
                hint="add events with `with_events`",
                path="recorded",
            )

    def with_events(self, events: Iterable[Event], recorded: datetime) -> Case:
        """Return the case with more events, all of them recorded at one instant."""
        new, known = events_of(events), instant_of(recorded)
        return attrs.evolve(
            self,
            events=(*self.events, *new),
            recorded=(*self.recorded, *(known for _ in new)),
        )

    def as_known(self, known_at: datetime) -> Case | None:
        """Return the case with the events that were recorded by an instant; None without any.

        All else of it is as it was last written, such as its status and deadline.
        """
        at = instant_of(known_at)
        known = [pair for pair in zip(self.events, self.recorded, strict=True) if pair[1] <= at]
        if not known:
            return None
        return attrs.evolve(
            self, events=[each for each, _ in known], recorded=[when for _, when in known]
        )

    @property
    def id(self) -> str:
        """Id of the case, which is the id of its request."""
        return self.request.id

    @property
    def customer(self) -> str:
        """Id of the customer who asked."""
        return self.request.customer

    @property
    def counted(self) -> OpenCase:
        """The case as it counts towards the line's limit of open cases, and for follow-ups."""
        return OpenCase(
            id=self.id,
            contract=self.terms.contract,
            line=self.terms.line,
            product=self.request.product,
            opened=self.opened,
            closed=self.closed,
            resolved=self._resolved(),
            follows=self.request.follows,
        )

    def _resolved(self) -> datetime | None:
        """Return when the case was resolved; None if it is not, or was cancelled."""
        if self.closed is None:
            return None
        found = _last_resolution(History(self.events).entries)
        # A correction may have moved the event to before the opening or after the end.
        return None if found is None else max(self.opened, min(found, self.closed))

    def resolved_at(self, at: datetime) -> datetime | None:
        """Return since when the case was resolved at an instant; None if it was not."""
        found = _last_resolution(History(self.events).until(to_micros(at))[0])
        return None if found is None else max(self.opened, found)


def _last_resolution(entries: Iterable[HistoryEntry]) -> datetime | None:
    found: datetime | None = None
    for _, event, _, _ in entries:
        if event.kind is EventKind.RESOLVED:
            found = event.at
        elif event.kind in _UNRESOLVED:
            found = None
    return found


@final
@attrs.frozen(kw_only=True)
class WorkItem:
    """One piece of work, in the queue of a group or after it.

    Attributes:
        work: The work; its id is the id of the item.
        group: Id of the expert group.
        state: State of the work, with its offers, assignee and fence.
        next_due_at: When the next timeout is due; None for never.
        selections: Why agents got offers of it, the latest last.
    """

    work: Work
    group: str = attrs.field(converter=identifier)
    state: WorkState
    next_due_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    selections: tuple[AgentSelection, ...] = attrs.field(
        repr=short_repr, default=(), converter=selections_of
    )

    def __attrs_post_init__(self) -> None:
        instance_of(Work, self.work)
        if instance_of(WorkState, self.state).work != self.work.id:
            raise InvalidValueError(f"work `{self.work.id}` has the state of `{self.state.work}`")

    @property
    def id(self) -> str:
        """Id of the work item, which is the id of its case."""
        return self.work.id

    @property
    def queued(self) -> bool:
        """Whether it is waiting for an offer."""
        return self.state.status is WorkStatus.QUEUED

    @property
    def queue_key(self) -> tuple[int, int, int, str]:
        """Sort key of queued work: rank, deadline (none is last), opening, id."""
        due = MAX_INT64 if self.work.due is None else to_micros(self.work.due)
        return self.work.rank, due, to_micros(self.work.opened), self.id


@final
@attrs.frozen(kw_only=True)
class Message:
    """A message that leaves the outbox after the commit.

    Attributes:
        number: Assigned by the store; rises within one unit of work.
        topic: Topic, such as `case.granted`.
        at: Instant of what happened.
        body: JSON text, stored unchanged.
        case: Id of the case that it is about; messages of one case are delivered in their order.
            Empty for none.
    """

    number: int
    topic: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    body: str = attrs.field(converter=body_text)
    case: str = attrs.field(default="", converter=case_or_none)


@final
@attrs.frozen(kw_only=True)
class DecisionRecord:
    """One link in the hash chain of a tenant's decisions.

    Attributes:
        number: Position in the chain, from 1.
        at: Instant of the decision.
        kind: Kind of decision, such as `admit`.
        subject: What it is about, such as the id of a case.
        body: JSON text, stored byte for byte.
        previous: Digest of the link before; empty for the first.
        digest: Digest of this link, which depends on all links before it.
    """

    number: int
    at: datetime = attrs.field(converter=utc)
    kind: str = attrs.field(converter=identifier)
    subject: str = attrs.field(converter=identifier)
    body: str = attrs.field(converter=body_text)
    previous: str = ""
    digest: str = ""


@final
@attrs.frozen
class ChainHead:
    """The end of a chain: number and digest of its last link; 0 and empty for no link."""

    number: int = 0
    digest: str = ""


@final
@attrs.frozen(kw_only=True)
class ExecutedCommand:
    """A command that was carried out, and the reply to it.

    Attributes:
        id: Id of the command, chosen by the caller.
        digest: Digest of its content.
        at: When it was carried out.
        answer: JSON text, stored byte for byte.
    """

    id: str = attrs.field(converter=identifier)
    digest: str
    at: datetime = attrs.field(converter=utc)
    answer: str = attrs.field(default="{}", converter=body_text)


@final
@attrs.frozen(kw_only=True)
class GroupLease:
    """The lease of a group by one worker.

    Attributes:
        group: Id of the expert group.
        owner: Id of the worker; None after a release.
        term: Raised whenever the owner changes; a lease with an older term is refused.
        until: First instant at which another worker may take the group over.
    """

    group: str = attrs.field(converter=identifier)
    owner: str | None = attrs.field(converter=optional_identifier)
    term: int
    until: datetime = attrs.field(converter=utc)
