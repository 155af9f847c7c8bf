"""Sweep of notices: what follows from the facts of a store and is due, recorded and sent once.

A notice and its message are written in one transaction, so that a sweep that is stopped anywhere
leaves neither or both, and the next one goes on. The relay delivers the message, after a crash
again with the same id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, final

import attrs

from entitlements.aftersales.notices import Notice, NoticeRegister, SentNotice
from entitlements.kernel.converters import frozen_map, instance_of, tuple_of
from entitlements.kernel.errors import EntitlementsError, StorageError, UnreadableError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.instants import instant_or_none
from entitlements.outcomes.notices.due import AHEAD, is_near, lead_time, notices_of
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import RecordFilter, RecordKind
from entitlements.ports.store import UnitOfWork
from entitlements.service.desk import Desk
from entitlements.service.records.after_sales import send_once
from entitlements.service.transaction import Transaction

_PAGE: Final = 1_000


def _notices(values: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple_of(Notice, values)


@final
@attrs.frozen(kw_only=True)
class NoticeSweep:
    """What one sweep did.

    Attributes:
        sent: The notices that it entered into the register, with their messages.
        broken: The customers whose facts could not be read, each with the reason.
    """

    sent: tuple[Notice, ...] = attrs.field(default=(), converter=_notices)
    broken: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)


def sweep_notices(
    desk: Desk, at: datetime | None = None, *, ahead: timedelta = AHEAD
) -> NoticeSweep:
    """Send every notice of a tenant that is due, each of them once; call it once a day or oftener.

    What is due follows from the latest catalog of the store, its notice clauses, and the accounts.
    Each customer has a transaction of its own: facts that cannot be read stop no other customer.

    Args:
        desk: The desk of the tenant.
        at: The instant; None for the present.
        ahead: How long before its latest day a notice is due, in whole days.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.service import Desk
    >>> desk = Desk(MemoryStore(), "my company")
    >>> len(sweep_notices(desk).sent)  # no accounts, no notices
    0

    Raises:
        InvalidValueError: `ahead` is negative.
        StorageError: The store failed; what was sent before is in the register.
    """
    context, moment = instance_of(Desk, desk).context, instant_or_none(at)
    sent: list[Notice] = []
    broken: dict[str, str] = {}
    for customer in _customers(desk):
        one = _OfCustomer(customer, lead_time(ahead))
        try:
            # For most customers nothing is due, and they are read without a lock.
            if context.query(partial(one.due, at=moment)):
                sent += context.execute(one.send, moment)
        except EntitlementsError as error:
            if isinstance(error, StorageError) and not isinstance(error, UnreadableError):
                raise
            broken[customer] = str(error)
    return NoticeSweep(sent=sent, broken=broken)


def notice_register(
    desk: Desk, customer: str | None = None, *, known_at: datetime | None = None
) -> NoticeRegister:
    """Return the register of a tenant: what was sent, when, and what was acknowledged.

    Args:
        desk: The desk of the tenant.
        customer: Only the notices to this customer; None for all.
        known_at: Leave out what was recorded later; None for everything.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.service import Desk
    >>> desk = Desk(MemoryStore(), "my company")
    >>> len(notice_register(desk))
    0
    """
    wanted = RecordFilter(
        kind=RecordKind.NOTICE,
        customer=optional_identifier(customer),
        known_at=instant_or_none(known_at),
    )
    return instance_of(Desk, desk).context.query(
        lambda work: NoticeRegister(
            each.value
            for each in every_record(work.service_records, wanted)
            if isinstance(each.value, SentNotice)
        )
    )


@final
@attrs.frozen
class _OfCustomer:
    """The notices of one customer."""

    customer: str
    ahead: timedelta

    def due(self, work: UnitOfWork, at: datetime | None) -> list[Notice]:
        """Return what is due and not in the register."""
        account = work.accounts.account(self.customer)
        if account is None:
            return []
        edition, now = work.catalog.edition(), at or work.now()
        needed = notices_of(account, edition.catalog, edition.notice_clauses, now)
        sent = work.service_records
        return [
            each
            for each in needed
            if is_near(each, now, self.ahead) and sent.find(RecordKind.NOTICE, each.id) is None
        ]

    def send(self, transaction: Transaction) -> list[Notice]:
        """Send what is due, with the account locked, and return what was sent."""
        transaction.work.accounts.lock(self.customer)
        due = self.due(transaction.work, transaction.at)
        sent = [each for each in due if send_once(transaction, each)]
        transaction.changed = bool(sent)
        return sent


def _customers(desk: Desk) -> Iterator[str]:
    page = desk.context.query(_page)
    while page:
        yield from page
        page = desk.context.query(partial(_page, after=page[-1]))


def _page(work: UnitOfWork, after: str = "") -> Sequence[str]:
    """Return the next customers; none if nothing has to be notified."""
    number = work.catalog.number()
    if not number or not work.catalog.edition(number).notice_clauses:
        return ()
    return work.accounts.customers(after=after, most=_PAGE)
