"""Notices: what a customer has to be informed of, by when, and what was sent and acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import check_day, day_end
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    instance_of,
    remark,
    tuple_of,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import by_id, identifier, key
from entitlements.kernel.instants import instant_of, to_micros, utc
from entitlements.kernel.mixins.text_enum import TextEnum


class NoticeKind(TextEnum):
    """What a customer is informed of.

    `LAUNCH`: a product is sold and supported. `END_OF_SALE`, `END_OF_SUPPORT`, `END_OF_LIFE`: the
    last day of a phase of a product, or of one of its versions. `PLAN_CHANGE`: the terms of a
    contract line change. `RENEWAL`: a contract goes on unless notice is given. `EXPIRY`: a contract
    ends. `LOW_BALANCE`: little is left of prepaid units.
    """

    LAUNCH = "launch"
    END_OF_SALE = "end_of_sale"
    END_OF_SUPPORT = "end_of_support"
    END_OF_LIFE = "end_of_life"
    PLAN_CHANGE = "plan_change"
    RENEWAL = "renewal"
    EXPIRY = "expiry"
    LOW_BALANCE = "low_balance"


def _kind(value: NoticeKind | str) -> NoticeKind:
    return enum_member(NoticeKind, value)


def _facts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(remark, as_tuple(values)))


@final
@attrs.frozen(kw_only=True)
class Notice:
    """One thing that one customer has to be informed of.

    Attributes:
        kind: What it is about.
        customer: Who has to be informed.
        subject: The contract, product, version or unit that it is about.
        effective: The day that the notice is about: the last day of support or of a term, the first
            day of changed terms.
        send_by: The latest day on which it can be sent and is in time.
        clause: Under which clause of the agreement it is due.
        zone: The zone in which its days begin and end, that of the contract.
        because: The facts from which it follows, as sentences.

    >>> end = date(2027, 6, 30)
    >>> notice = Notice(kind="end_of_support", customer="acme", subject="db", effective=end,
    ...                 send_by=date(2026, 6, 30), clause="12")
    >>> sent = NoticeRegister().with_sent([notice], utc("2026-06-01T00:00Z"))
    >>> notice in NoticeRegister(), notice in sent
    (False, True)

    Raises:
        InvalidValueError: A date is none, or `send_by` lies after `effective`.
    """

    kind: NoticeKind = attrs.field(converter=_kind)
    customer: str = attrs.field(converter=identifier)
    subject: str = attrs.field(converter=identifier)
    effective: date
    send_by: date
    clause: str = attrs.field(default="", converter=remark)
    zone: str = attrs.field(default="UTC", converter=zone_name)
    because: tuple[str, ...] = attrs.field(default=(), converter=_facts)

    def __attrs_post_init__(self) -> None:
        check_day(instance_of(date, self.effective), "the effective day")
        check_day(instance_of(date, self.send_by), "the day of sending")
        if self.send_by > self.effective:
            raise InvalidValueError(
                f"notice is sent by `{self.send_by}`, after `{self.effective}`", path="send_by"
            )

    @property
    def id(self) -> str:
        """What makes it the same notice: kind, customer, subject and effective day.

        A day that moves is another notice, because the customer has to know the new one.
        """
        return key(self.kind.value, self.customer, self.subject, self.effective.isoformat())


@final
@attrs.frozen(kw_only=True)
class SentNotice:
    """A notice that was sent.

    Attributes:
        notice: The notice.
        sent: When it was sent.
        acknowledged: When the customer confirmed it; None if they did not.

    Raises:
        InvalidValueError: It is confirmed before it was sent.
    """

    notice: Notice
    sent: datetime = attrs.field(converter=utc)
    acknowledged: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        instance_of(Notice, self.notice)
        if self.acknowledged is not None and self.acknowledged < self.sent:
            raise InvalidValueError(
                f"notice `{self.id}` is confirmed before it was sent", path="acknowledged"
            )

    @property
    def id(self) -> str:
        """The id of the notice."""
        return self.notice.id

    @property
    def is_in_time(self) -> bool:
        """Whether it was sent by the end of the latest day."""
        return to_micros(self.sent) < day_end(self.notice.send_by, self.notice.zone)


def _entries(values: Iterable[SentNotice]) -> FrozenMap[str, SentNotice]:
    return by_id(SentNotice, "notice", values)


@final
@attrs.frozen
class NoticeRegister:
    """The notices that were sent, by id: each of them once.

    Attributes:
        entries: The sent notices by id; or an iterable of them.

    Raises:
        DuplicateIdError: A notice was sent twice.
    """

    entries: FrozenMap[str, SentNotice] = attrs.field(default=(), converter=_entries)

    def __contains__(self, notice: object) -> bool:
        """Return whether a notice was sent."""
        return instance_of(Notice, notice).id in self.entries

    def __iter__(self) -> Iterator[SentNotice]:
        """Iterate over the sent notices."""
        return iter(self.entries.values())

    def __len__(self) -> int:
        """Return how many were sent."""
        return len(self.entries)

    def with_sent(self, notices: Iterable[Notice], at: datetime) -> NoticeRegister:
        """Return the register with notices that were sent; those that were before stay as is."""
        now = instant_of(at)
        more = {
            each.id: SentNotice(notice=each, sent=now)
            for each in tuple_of(Notice, notices)
            if each.id not in self.entries
        }
        return NoticeRegister([*self.entries.values(), *more.values()])

    def with_acknowledged(self, id: str, at: datetime) -> NoticeRegister:
        """Return the register with the customer's confirmation of a notice; the first one stays.

        Raises:
            UnknownIdError: No such notice was sent.
            InvalidValueError: It was sent later.
        """
        now = instant_of(at)
        if id not in self.entries:
            raise UnknownIdError("sent notice", str(id), known=self.entries)
        entry = self.entries[id]
        if entry.acknowledged is not None:
            return self
        changed = attrs.evolve(entry, acknowledged=now)
        return NoticeRegister({**self.entries, id: changed}.values())
