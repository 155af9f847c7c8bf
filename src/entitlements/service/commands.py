"""What can a desk be told to do? Commands as values, each with an id of the caller's choice.

The id makes a command safe to repeat: the same id with the same content gets the answer it got
before, and nothing is done again. The instant at which a command is given is no part of its
content, because a retry comes later than its first try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias, final

import attrs

from entitlements.kernel.converters import instance_of, remark, whole_number
from entitlements.kernel.digests import canonical_json
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.ids import identifier, identifiers, optional_identifier
from entitlements.kernel.requests import Request
from entitlements.routing.agents.assignment_override import AssignmentOverride, optional_override
from entitlements.sla.case_history.events import Event, EventKind


class CommandKind(StrEnum):
    """The kinds of commands."""

    ADMIT = "admit"
    RECORD_EVENT = "record_event"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    TRANSFER = "transfer"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CANCEL = "cancel"


_OWN: dict[EventKind, str] = {
    EventKind.OPENED: "admit",
    EventKind.RESOLVED: "resolve",
    EventKind.REOPENED: "reopen",
    EventKind.CANCELLED: "cancel",
}


@final
@attrs.frozen(kw_only=True)
class AdmitRequest:
    """Decide about a request; if it is accepted, open its case under the request's id."""

    kind: ClassVar[CommandKind] = CommandKind.ADMIT
    id: str = attrs.field(converter=identifier)
    request: Request

    @property
    def case(self) -> str:
        """The case it opens."""
        return self.request.id


@final
@attrs.frozen(kw_only=True)
class RecordEvent:
    """Write down what happened to a case: an answer, a message, a pause, a change of severity.

    Resolving, reopening and cancelling are commands of their own, because they do more.
    """

    kind: ClassVar[CommandKind] = CommandKind.RECORD_EVENT
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    event: Event = attrs.field()

    @event.validator
    def _is_no_command(self, _: attrs.Attribute[Event], event: Event) -> None:
        if instance_of(Event, event).kind in _OWN:
            raise InvalidValueError(
                f"event `{event.kind}` is no mere event of case `{self.case}`",
                hint=f"use the command `{_OWN[event.kind]}`",
            )


@final
@attrs.frozen(kw_only=True)
class OfferCase:
    """Offer the work of a case to these agents; to whom routing says if none is named.

    Attributes:
        agents: To whom; each must be eligible for the work.
        override: Who lets those named take it although they are not eligible, and why. It never
            lifts an obligation.
    """

    kind: ClassVar[CommandKind] = CommandKind.OFFER
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agents: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    override: AssignmentOverride | None = attrs.field(default=None, converter=optional_override)

    @override.validator
    def _names_somebody(
        self, _: attrs.Attribute[AssignmentOverride | None], override: AssignmentOverride | None
    ) -> None:
        if override is not None and not self.agents:
            raise InvalidValueError(
                f"an override for case `{self.case}` names no agent", hint="say for whom it is"
            )


@final
@attrs.frozen(kw_only=True)
class AcceptOffer:
    """The agent takes the offer made under `fence`."""

    kind: ClassVar[CommandKind] = CommandKind.ACCEPT
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    fence: int


@final
@attrs.frozen(kw_only=True)
class DeclineOffer:
    """The agent refuses the offer made under `fence`."""

    kind: ClassVar[CommandKind] = CommandKind.DECLINE
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    agent: str = attrs.field(converter=identifier)
    fence: int
    reason: str = attrs.field(default="", converter=remark)


@final
@attrs.frozen(kw_only=True)
class TransferCase:
    """The assignee, proved by `fence`, hands the work on; it waits for the next offer."""

    kind: ClassVar[CommandKind] = CommandKind.TRANSFER
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)
    fence: int


@final
@attrs.frozen(kw_only=True)
class ResolveCase:
    """The work is done.

    Attributes:
        used: Units that the work took, where the plan counts them at the resolution; None for
            all that are held.
        by: Who resolved it.
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
    """The work was not done after all: the clocks go on, and it waits for an offer again."""

    kind: ClassVar[CommandKind] = CommandKind.REOPEN
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)


@final
@attrs.frozen(kw_only=True)
class CancelCase:
    """The case ends without being worked on to its end; its units come back."""

    kind: ClassVar[CommandKind] = CommandKind.CANCEL
    id: str = attrs.field(converter=identifier)
    case: str = attrs.field(converter=identifier)


DeskCommand: TypeAlias = (
    AdmitRequest
    | RecordEvent
    | OfferCase
    | AcceptOffer
    | DeclineOffer
    | TransferCase
    | ResolveCase
    | ReopenCase
    | CancelCase
)


def check_repeated_command(command: DeskCommand, kept: Mapping[str, Any]) -> None:
    """Raise unless the content that was `kept` under the command's id is this command's.

    Raises:
        ConflictError: It is another one; `field` names the first field that differs.
    """
    now = plain_content(command)
    for name in sorted({*now, *kept}, key=_command_first):
        if now.get(name) != kept.get(name):
            raise ConflictError(
                f"command `{command.id}` was given before with another `{name}`",
                field=name,
                hint="use another id for another command",
            )


def plain_content(command: DeskCommand) -> Mapping[str, Any]:
    """Return the content of a command, field by field, each as canonical text.

    >>> plain_content(Reopen(id="k", case="R-1"))
    {'command': '"reopen"', 'case': '"R-1"'}
    """
    found = {name: canonical_json(value) for name, value in _fields(command).items()}
    return {"command": canonical_json(command.kind), **found}


def _command_first(name: str) -> tuple[bool, str]:
    return name != "command", name


def _fields(command: DeskCommand) -> Mapping[str, object]:
    names: Iterable[str] = (each.name for each in attrs.fields(type(command)))
    return {name: getattr(command, name) for name in names if name != "id"}
