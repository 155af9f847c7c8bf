"""Desk commands as values, each with an id that makes it safe to repeat.

The caller chooses the id. The same id with the same content gets the first reply again, and nothing
is done. The instant at which a command is given is no part of its content, because a retry comes
later than the first attempt.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeAlias, final

import attrs

from entitlements.kernel.converters import instance_of, remark, utc_or_none, whole_number
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifiers, optional_identifier
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request
from entitlements.ports.records import events_of, request_of
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.service.commands.record_commands import RecordCommand
from entitlements.sla.case_history.events import Event, EventKind
from entitlements.sla.case_history.history import History
from entitlements.sla.case_history.ticket_states import TicketState, check_reason, ticket_state


class CommandKind(TextEnum):
    """The kinds of desk commands."""

    ADMIT = "admit"
    RECORD_EVENT = "record_event"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ASSIGN = "assign"
    SYNC = "sync"
    ADOPT = "adopt"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CANCEL = "cancel"


_COMMANDS: dict[EventKind, str] = {
    EventKind.OPENED: "AdmitRequest",
    EventKind.RESOLVED: "ResolveCase",
    EventKind.REOPENED: "ReopenCase",
    EventKind.CANCELLED: "CancelCase",
}


def _fence(value: int) -> int:
    return whole_number(value, "fence")


@final
@attrs.frozen(kw_only=True)
class AdmitRequest:
    """Decide about a request; if it is accepted, open a case with the request's id.

    >>> asked = Request(
    ...     id="R-1", customer="acme", contact="dana", product="db", severity="S1", channel="phone"
    ... )
    >>> AdmitRequest(id="k-1", request=asked).case
    'R-1'
    """

    kind: ClassVar[CommandKind] = CommandKind.ADMIT
    id: str = attrs.field(converter=identifier)
    request: Request = attrs.field(converter=request_of)

    @property
    def case(self) -> str:
        """Id of the case that it opens."""
        return self.request.id


@final
@attrs.frozen(kw_only=True)
class RecordEvent:
    """Record an event of a case: an answer, a message, a pause, a change of severity.

    Resolving, reopening and cancelling a case are separate commands, because they do more.

    Attributes:
        contact: The customer's contact who asks for a change of severity; None where the desk makes
            it. What a contact raises is refused unless the contact may open such a case.

    >>> RecordEvent(id="k-1", case="R-1", event=Event.responded("2026-03-02T09:40Z")).kind.value
    'record_event'
    """

    kind: ClassVar[CommandKind] = CommandKind.RECORD_EVENT
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    event: Event = attrs.field()
    contact: str | None = attrs.field(default=None, converter=optional_identifier)

    @contact.validator
    def _asks_for_a_severity(self, _: attrs.Attribute[str | None], contact: str | None) -> None:
        if contact is not None and self.event.kind is not EventKind.SEVERITY_CHANGED:
            raise InvalidValueError(
                f"event `{self.event.kind}` of case `{self.case}` names contact `{contact}`",
                hint="only a change of severity is asked for by a contact",
            )

    @event.validator
    def _is_not_a_command(self, _: attrs.Attribute[Event], event: Event) -> None:
        if instance_of(Event, event).kind in _COMMANDS:
            raise InvalidValueError(
                f"event `{event.kind}` cannot be recorded for case `{self.case}`",
                hint=f"use the command `{_COMMANDS[event.kind]}`",
            )


@final
@attrs.frozen(kw_only=True)
class OfferCase:
    """Offer the work of a case to agents.

    Attributes:
        agents: Ids of agents, each of them eligible for the work; routing selects one if empty.
        override: Who allows the named agents to take it without being eligible, and why. It never
            lifts an obligation.

    >>> OfferCase(id="k-2", case="R-1", agents=["ada", "bob"]).agents
    ('ada', 'bob')
    """

    kind: ClassVar[CommandKind] = CommandKind.OFFER
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agents: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    @override.validator
    def _names_agents(
        self, _: attrs.Attribute[AssignmentOverride | None], override: AssignmentOverride | None
    ) -> None:
        if override is not None and not self.agents:
            raise InvalidValueError(
                f"an override for case `{self.case}` names no agent",
                hint="name the agents in `agents`",
            )


@final
@attrs.frozen(kw_only=True)
class AcceptOffer:
    """Accept the offer that was made to an agent under `fence`.

    >>> AcceptOffer(id="k-2", case="R-1", agent="ada", fence=1).fence
    1
    """

    kind: ClassVar[CommandKind] = CommandKind.ACCEPT
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=_fence)


@final
@attrs.frozen(kw_only=True)
class DeclineOffer:
    """Decline the offer that was made to an agent under `fence`.

    >>> DeclineOffer(id="k-2", case="R-1", agent="ada", fence=1, reason="on a call").reason
    'on a call'
    """

    kind: ClassVar[CommandKind] = CommandKind.DECLINE
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=_fence)
    reason: str = attrs.field(default="", converter=remark)


@final
@attrs.frozen(kw_only=True)
class TransferCase:
    """Return the work of an assignee, identified by `fence`, to the queue for another agent.

    >>> TransferCase(id="k-3", case="R-1", fence=1).case
    'R-1'
    """

    kind: ClassVar[CommandKind] = CommandKind.TRANSFER
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    fence: int = attrs.field(converter=_fence)


@final
@attrs.frozen(kw_only=True)
class AssignCase:
    """Assign the work of a case to an agent, who takes it or is given it; no offer is needed.

    Attributes:
        agent: Id of the agent, who must be eligible for the work.
        override: Who allows the agent to have it without being eligible, and why. It never lifts
            an obligation.

    >>> AssignCase(id="k-3", case="R-1", agent="ada").agent
    'ada'
    """

    kind: ClassVar[CommandKind] = CommandKind.ASSIGN
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)


@final
@attrs.frozen(kw_only=True)
class SyncCase:
    """The helpdesk says in which state the ticket of a case is; the clocks follow.

    The same state twice is once. States may arrive in any order if each has its `since`.

    Attributes:
        state: The state of the ticket.
        since: When it came into the state, or was seen in it; None for the instant of the command.
        reason: The pause reason of a ticket that waits, as the policy names it; the name of the
            state if None.

    >>> SyncCase(id="k-4", case="R-1", state="pending").state
    TicketState.PENDING
    """

    kind: ClassVar[CommandKind] = CommandKind.SYNC
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    state: TicketState = attrs.field(converter=ticket_state)
    since: datetime | None = attrs.field(default=None, converter=utc_or_none)
    reason: str | None = attrs.field(default=None, converter=optional_identifier)

    @reason.validator
    def _fits_the_state(self, _: attrs.Attribute[str | None], reason: str | None) -> None:
        check_reason(self.state, reason)


@final
@attrs.frozen(kw_only=True)
class AdoptCase:
    """Take over a case that was opened elsewhere, with what has happened to it so far.

    Nothing is decided, no units are reserved or consumed, and what the clocks showed before is not
    announced. The terms are those of the contract line at the opening. It is recorded in the chain.

    Attributes:
        request: The request; its id becomes the id of the case.
        events: What happened, beginning with the opening.
        contract: Id of the contract.
        line: Id of the contract line.
        group: Id of the group in whose queue the work is put; None if it is done elsewhere.
        by: Id of the person or program that took it over, or None.
        origin: Where it was opened, such as `zendesk 4711`; empty for nothing to say.

    >>> asked = Request(
    ...     id="R-9", customer="acme", contact="dana", product="db", severity="S1", channel="phone"
    ... )
    >>> opened = Event.opened("2026-03-02T09:00Z", severity="S1", channel="phone")
    >>> AdoptCase(id="k-9", request=asked, events=[opened], contract="C-1", line="1").case
    'R-9'

    Raises:
        InvalidValueError: The events do not begin with the opening, or one could not have happened.
    """

    kind: ClassVar[CommandKind] = CommandKind.ADOPT
    id: str = attrs.field(converter=identifier)
    request: Request = attrs.field(converter=request_of)
    events: tuple[Event, ...] = attrs.field(converter=events_of)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    by: str | None = attrs.field(default=None, converter=optional_identifier)
    origin: str = attrs.field(default="", converter=remark)

    @events.validator
    def _happened(self, _: attrs.Attribute[tuple[Event, ...]], events: tuple[Event, ...]) -> None:
        history = History(events)
        if not events or history.events[0].kind is not EventKind.OPENED:
            raise InvalidValueError(
                f"the events of case `{self.case}` do not begin with `opened`",
                hint="pass all of its events",
            )
        for each in history.rejected:
            raise InvalidValueError(f"an event of case `{self.case}`: {each.reason}")

    @property
    def case(self) -> str:
        """Id of the case that it opens."""
        return self.request.id


@final
@attrs.frozen(kw_only=True)
class ResolveCase:
    """Resolve a case: the work is done.

    Attributes:
        used: Units that the work took, where the plan consumes them at the resolution; None for
            all that are reserved.
        by: Id of the person who resolved it, or None.

    >>> ResolveCase(id="k-4", case="R-1", used=45, by="ada").used
    45
    """

    kind: ClassVar[CommandKind] = CommandKind.RESOLVE
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    used: int | None = attrs.field(default=None)
    by: str | None = attrs.field(default=None, converter=optional_identifier)

    @used.validator
    def _is_a_quantity(self, _: attrs.Attribute[int | None], used: int | None) -> None:
        if used is not None:
            whole_number(used, f"use of `{self.case}`")


@final
@attrs.frozen(kw_only=True)
class ReopenCase:
    """Reopen a resolved case: the clocks run again, and the work returns to the queue.

    >>> ReopenCase(id="k-5", case="R-1").case
    'R-1'
    """

    kind: ClassVar[CommandKind] = CommandKind.REOPEN
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)


@final
@attrs.frozen(kw_only=True)
class CancelCase:
    """Cancel a case; units that it reserved or consumed are returned.

    >>> CancelCase(id="k-6", case="R-1").case
    'R-1'
    """

    kind: ClassVar[CommandKind] = CommandKind.CANCEL
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)


CaseCommand: TypeAlias = (
    RecordEvent
    | OfferCase
    | AcceptOffer
    | DeclineOffer
    | TransferCase
    | AssignCase
    | SyncCase
    | AdoptCase
    | ResolveCase
    | ReopenCase
    | CancelCase
)
DeskCommand: TypeAlias = AdmitRequest | CaseCommand | RecordCommand


def content_text(command: DeskCommand) -> str:
    """Return the content of a command, which is all but its id, as canonical JSON text.

    >>> content_text(ReopenCase(id="k", case="R-1"))
    '{"case":"R-1","command":"reopen"}'
    """
    fields = _content_fields(type(command))  # type: ignore[arg-type] # a class is hashable
    return f"{{{','.join(label + plain_text(getattr(command, name)) for name, label in fields)}}}"


@cache
def _content_fields(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the fields that are the content of a command, each with its label, by their labels."""
    named = {each.name: each.name for each in attrs.fields(kind) if each.name != "id"}
    named |= {"command": "kind"}
    return tuple((named[label], f"{plain_text(label)}:") for label in sorted(named))
