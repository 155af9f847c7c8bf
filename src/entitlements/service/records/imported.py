"""Imported records: outages, surveys, complaints and notices of a document, taken into a store.

They are recorded and sealed like those of commands. No message is sent about them, because what
they say was said before, elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple

import attrs

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import Outage
from entitlements.aftersales.surveys import Survey
from entitlements.kernel.converters import as_tuple
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    UnknownIdError,
)
from entitlements.kernel.instants import text_of
from entitlements.ports.service_records.service_record import (
    VALUE_CLASSES,
    RecordKind,
    RecordValue,
    ServiceRecord,
    record_id,
)
from entitlements.ports.store import UnitOfWork
from entitlements.service.records.recording import add_record_at

IMPORTED: Final = (
    RecordKind.OUTAGE,
    RecordKind.MAINTENANCE,
    RecordKind.SURVEY,
    RecordKind.COMPLAINT,
    RecordKind.NOTICE,
)
"""Kinds of records that documents hold."""

_KINDS: Final = {VALUE_CLASSES[kind]: kind for kind in IMPORTED}
_INSTANTS: Final = {
    Outage: ("start", "end"),
    Survey: ("asked", "answered", "dismissed"),
    Complaint: ("received", "acknowledged", "answered"),
    SentNotice: ("sent", "acknowledged"),
}


def record_values(values: Iterable[RecordValue]) -> tuple[RecordValue, ...]:
    """Return `values`; raise unless each is one that documents hold, and none is there twice."""
    found = as_tuple(values)
    ids: set[tuple[RecordKind, str]] = set()
    for each in found:
        if type(each) not in _KINDS:
            raise InvalidValueError(f"`{each!r:.100}` is no record that a document holds")
        key = _KINDS[type(each)], record_id(each)
        if key in ids:
            raise DuplicateIdError(*key)
        ids.add(key)
    return found


class ImportedRecord(NamedTuple):
    """A record of a document, and what a store has of it.

    Attributes:
        value: The value.
        customer: Whom it is about; None for all customers.
        kind: What it is about.
        stored: The last record under its id; None if there is none.
    """

    value: RecordValue
    customer: str | None
    kind: RecordKind
    stored: ServiceRecord | None

    @property
    def changes_anything(self) -> bool:
        """Whether the store has no such record, or another one."""
        stored = self.stored
        return stored is None or stored.retracted or stored.value != self.value


def imported_record(
    work: UnitOfWork, value: RecordValue, customers: Collection[str]
) -> ImportedRecord:
    """Return a record of a document with what a store has of it.

    Args:
        work: A unit of work.
        value: The record.
        customers: Customers whose accounts the same document opens.

    Raises:
        UnknownIdError: The customer has no account, or a survey names neither a customer nor a
            case of the store.
    """
    kind, customer = _KINDS[type(value)], _customer(work, value)
    if isinstance(value, Survey):
        value = attrs.evolve(value, customer=customer)
    is_opened = customer is None or customer in customers
    if not is_opened and work.accounts.account(customer or "") is None:
        raise UnknownIdError("account", customer or "", path="customer")
    return ImportedRecord(value, customer, kind, work.service_records.find(kind, record_id(value)))


def _customer(work: UnitOfWork, value: RecordValue) -> str | None:
    match value:
        case Survey(customer=None, case=case):
            return work.cases.case(case).customer
        case Survey(customer=customer) | Complaint(customer=customer):
            return customer
        case SentNotice(notice=notice):
            return notice.customer
        case _:
            return None


def write_imported(work: UnitOfWork, record: ImportedRecord, at: datetime) -> None:
    """Record a value at an instant, and seal it.

    Raises:
        ConflictError: Something in it is dated later.
    """
    for name in _INSTANTS.get(type(record.value), ()):
        moment: datetime | None = getattr(record.value, name)
        if moment is not None and moment > at:
            raise ConflictError(
                f"{record.kind} `{record_id(record.value)}` is dated `{text_of(moment)}`, after "
                f"the load at `{text_of(at)}`",
                field=name,
                hint="only what has happened is recorded",
            )
    add_record_at(work, at, record.value, record.customer)
