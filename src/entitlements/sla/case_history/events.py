"""Case events: dated facts about one case, such as opened, responded, paused and resolved.

Whether an event may happen is decided in `lifecycle`, what it does to clocks in `clock`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import MAX_INT64, enum_member, whole_number
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import (
    identifier,
    identifier_or_key,
    identifier_set,
    optional_identifier,
)
from entitlements.kernel.instants import EPOCH, instant_of, text_of, to_micros, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request

Instant: TypeAlias = datetime | str


class EventKind(TextEnum):
    """The kinds of events, in the order in which events of one instant are applied."""

    OPENED = "opened"
    SEVERITY_CHANGED = "severity_changed"
    TERMS_CHANGED = "terms_changed"
    CONDITION_ENDED = "condition_ended"
    CONDITION_MET = "condition_met"
    TERMS_EXPIRED = "terms_expired"
    REOPENED = "reopened"
    CUSTOMER_REPLIED = "customer_replied"
    RESUMED = "resumed"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"
    REACHED = "reached"
    PAUSED = "paused"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"


def _kind(value: EventKind | str) -> EventKind:
    return enum_member(EventKind, value)


ONE_CONDITION: Final = frozenset({EventKind.CONDITION_ENDED, EventKind.CONDITION_MET})
"""The kinds of events that are about one condition and leave the others as they are."""

RANKS: Final = {kind: rank for rank, kind in enumerate(EventKind)}


def _optional_key(id: str | None) -> str | None:
    return None if id is None else identifier_or_key(id)


def _sequence(value: int) -> int:
    return whole_number(value, "sequence", least=-MAX_INT64)


def _conditions(value: Iterable[str] | None) -> frozenset[str] | None:
    return None if value is None else identifier_set(value)


@final
@attrs.frozen(repr=False, kw_only=True)
class Event(ReprWithoutDefaults):
    """One event of a case; made by the class methods, one for each kind.

    Equal events count once, however often they are delivered.

    Attributes:
        kind: What happened.
        at: When, in UTC.
        id: The caller's id of the event; needed only to correct it later.
        sequence: The order among events of one instant, if the source knows it; lower is earlier.
            Among equal ones the order of `EventKind` decides.
        by: Who did it; for information only.
        severity: The new severity.
        channel: The channel of the case.
        conditions: The conditions that the customer has declared; None for no change of them. The
            one that ends or is met, of an event about one condition.
        request_kind: The kind of the request; None for no change of it.
        policy: The id of the policy from this event on.
        name: The milestone or named event that was reached.
        reason: Why the case is paused.
        corrects: The id of the event that is corrected.
        replacement: The event that happened instead.
        micros: The instant as microseconds since 1970.
        order_rank: Which of two events is first: instant, sequence, rank of the kind.

    >>> Event.opened("2026-03-02T10:00+01:00", severity="S1").at.isoformat()
    '2026-03-02T09:00:00+00:00'
    """

    kind: EventKind = attrs.field(converter=_kind)
    at: datetime = attrs.field(converter=utc)
    id: str | None = attrs.field(default=None, converter=_optional_key)
    sequence: int = attrs.field(default=0, converter=_sequence)
    by: str | None = attrs.field(default=None, converter=optional_identifier)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
    channel: str | None = attrs.field(default=None, converter=optional_identifier)
    conditions: frozenset[str] | None = attrs.field(default=None, converter=_conditions)
    request_kind: str | None = attrs.field(default=None, converter=optional_identifier)
    policy: str | None = attrs.field(default=None, converter=optional_identifier)
    name: str | None = attrs.field(default=None, converter=optional_identifier)
    reason: str | None = attrs.field(default=None, converter=optional_identifier)
    corrects: str | None = attrs.field(default=None, converter=_optional_key)
    replacement: Event | None = None
    micros: int = attrs.field(init=False, repr=False, eq=False)
    order_rank: tuple[int, int, int] = attrs.field(init=False, repr=False, eq=False)

    @micros.default
    def _micros(self) -> int:
        return to_micros(self.at)

    @order_rank.default
    def _order_rank(self) -> tuple[int, int, int]:
        return self.micros, self.sequence, RANKS[self.kind]

    def __attrs_post_init__(self) -> None:
        if self.kind in ONE_CONDITION and len(self.conditions or ()) != 1:
            raise InvalidValueError(f"`{self.kind}` is about one condition", path="conditions")
        if self.replacement is not None:
            self._check_replacement(self.replacement)

    def _check_replacement(self, replacement: Event) -> None:
        if self.kind is not EventKind.CORRECTED:
            raise InvalidValueError(f"`{self.kind}` has no replacement; only a correction has one")
        if replacement.kind is EventKind.CORRECTED:
            raise InvalidValueError(
                "a correction cannot be replaced by a correction",
                hint="pass the event that did happen",
            )
        if replacement.at > self.at:
            raise InvalidValueError(
                f"the replacement at `{text_of(replacement.at)}` "
                f"is later than its correction at `{text_of(self.at)}`"
            )

    @classmethod
    def opened(
        cls,
        at: Instant,
        *,
        severity: str | None = None,
        channel: str | None = None,
        conditions: Iterable[str] = (),
        request_kind: str | None = None,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The customer opened the case; `severity` is None if none is set yet."""
        return cls(
            kind=EventKind.OPENED,
            at=at,
            severity=severity,
            channel=channel,
            conditions=conditions,
            request_kind=request_kind,
            id=id,
            by=by,
            sequence=sequence,
        )

    @classmethod
    def severity_changed(
        cls,
        at: Instant,
        severity: str,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The severity was set, for the first time or again."""
        kind = EventKind.SEVERITY_CHANGED
        return cls(kind=kind, at=at, severity=identifier(severity), id=id, by=by, sequence=sequence)

    @classmethod
    def terms_changed(
        cls,
        at: Instant,
        *,
        policy: str | None = None,
        channel: str | None = None,
        conditions: Iterable[str] | None = None,
        request_kind: str | None = None,
        id: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """Another policy, channel, kind or set of conditions applies; None leaves it unchanged."""
        return cls(
            kind=EventKind.TERMS_CHANGED,
            at=at,
            policy=policy,
            channel=channel,
            conditions=conditions,
            request_kind=request_kind,
            id=id,
            sequence=sequence,
        )

    @classmethod
    def condition_ended(
        cls,
        at: Instant,
        condition: str,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """One condition no longer holds, and the others are as before."""
        kind, one = EventKind.CONDITION_ENDED, [identifier(condition)]
        return cls(kind=kind, at=at, conditions=one, id=id, by=by, sequence=sequence)

    @classmethod
    def condition_met(
        cls,
        at: Instant,
        condition: str,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """One condition holds, again or for the first time, and the others are as before."""
        kind, one = EventKind.CONDITION_MET, [identifier(condition)]
        return cls(kind=kind, at=at, conditions=one, id=id, by=by, sequence=sequence)

    @classmethod
    def terms_expired(cls, at: Instant, *, id: str | None = None, sequence: int = 0) -> Event:
        """The agreement ended while the case was open."""
        return cls(kind=EventKind.TERMS_EXPIRED, at=at, id=id, sequence=sequence)

    @classmethod
    def customer_replied(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """The customer wrote or called."""
        return cls(kind=EventKind.CUSTOMER_REPLIED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def acknowledged(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """An automatic message confirmed the receipt."""
        return cls(kind=EventKind.ACKNOWLEDGED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def responded(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """An agent answered the customer."""
        return cls(kind=EventKind.RESPONDED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def reached(
        cls,
        at: Instant,
        name: str,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The milestone `name`, or a custom event of that name, was reached."""
        return cls(
            kind=EventKind.REACHED, at=at, name=identifier(name), id=id, by=by, sequence=sequence
        )

    @classmethod
    def paused(
        cls,
        at: Instant,
        reason: str,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The case is paused for a reason; several reasons may overlap."""
        return cls(
            kind=EventKind.PAUSED, at=at, reason=identifier(reason), id=id, by=by, sequence=sequence
        )

    @classmethod
    def resumed(
        cls,
        at: Instant,
        reason: str | None = None,
        *,
        id: str | None = None,
        by: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The pause for `reason` ended, or all pauses if it is None."""
        return cls(kind=EventKind.RESUMED, at=at, reason=reason, id=id, by=by, sequence=sequence)

    @classmethod
    def resolved(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """The agents resolved the case."""
        return cls(kind=EventKind.RESOLVED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def reopened(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """The case was reopened after its resolution."""
        return cls(kind=EventKind.REOPENED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def closed(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """The case was closed and cannot be reopened; an open case counts as resolved now."""
        return cls(kind=EventKind.CLOSED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def cancelled(
        cls, at: Instant, *, id: str | None = None, by: str | None = None, sequence: int = 0
    ) -> Event:
        """The case ended without a resolution: withdrawn, merged, spam."""
        return cls(kind=EventKind.CANCELLED, at=at, id=id, by=by, sequence=sequence)

    @classmethod
    def corrected(
        cls,
        at: Instant,
        corrects: str,
        *,
        replacement: Event | None = None,
        id: str | None = None,
        sequence: int = 0,
    ) -> Event:
        """The event with the id `corrects` did not happen, or happened as `replacement`.

        A measurement at an instant before the correction still counts the corrected event.

        Raises:
            InvalidValueError: `replacement` is a correction, or is later than this one.
        """
        return cls(
            kind=EventKind.CORRECTED,
            at=at,
            corrects=corrects,
            replacement=replacement,
            id=id,
            sequence=sequence,
        )


def opening_event(request: Request, at: datetime) -> Event:
    """Return the event with which the clocks of an accepted request start."""
    shared = _opened(request.severity, request.channel, request.conditions, request.kind)
    moment = instant_of(at)
    micros = to_micros(moment)
    order_rank = (micros, shared.sequence, RANKS[EventKind.OPENED])
    return copy_with(shared, at=moment, micros=micros, order_rank=order_rank)


@lru_cache(maxsize=1_024)
def _opened(
    severity: str | None, channel: str, conditions: frozenset[str], request_kind: str | None
) -> Event:
    """Return what the openings of like requests share; they differ in their instants."""
    return Event.opened(
        EPOCH,
        severity=severity,
        channel=channel,
        conditions=conditions,
        request_kind=request_kind,
    )
