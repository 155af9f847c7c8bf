"""Recording: a record of service, its link in the chain of the tenant, and its message.

All of it is written in the transaction of the command. The link seals what was recorded, so that a
row that was changed later is found.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

import attrs

from entitlements.billing.work.work_logs import WorkLog
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.data.records import Record
from entitlements.kernel.errors import TooEarlyError, UnknownIdError
from entitlements.kernel.instants import text_of
from entitlements.ports.records import DecisionRecord
from entitlements.ports.rules.chain_links import next_link
from entitlements.ports.service_records.service_record import (
    RecordKind,
    RecordValue,
    ServiceRecord,
)
from entitlements.ports.store import UnitOfWork
from entitlements.service.transaction import Transaction

RECORD_KINDS: Final = frozenset(each.value for each in RecordKind)
"""The kinds of links that seal a record."""


def add_record(
    transaction: Transaction,
    value: RecordValue,
    customer: str | None,
    *,
    retracted: bool = False,
    inputs: Any = None,
) -> ServiceRecord:
    """Record a value at the instant of the transaction, and seal it.

    Args:
        transaction: The transaction.
        value: What is recorded; it follows what was recorded under its id before.
        customer: Whom it is about; None for all customers.
        retracted: Whether it takes back what was recorded before.
        inputs: What it was made from beside the facts, to make it again.

    Raises:
        TooEarlyError: It would be recorded before the last record under its id.
    """
    return add_record_at(
        transaction.work, transaction.at, value, customer, retracted=retracted, inputs=inputs
    )


def add_record_at(
    work: UnitOfWork,
    at: datetime,
    value: RecordValue,
    customer: str | None,
    *,
    retracted: bool = False,
    inputs: Any = None,
) -> ServiceRecord:
    """Do what `add_record` does in a unit of work, at an instant."""
    if isinstance(value, WorkLog):
        value = attrs.evolve(value, recorded=at, retracted=retracted)
    record = ServiceRecord(value=value, customer=customer, recorded=at, retracted=retracted)
    last = work.service_records.find(record.kind, record.id)
    if last is not None:
        if at < last.recorded:
            raise TooEarlyError(
                f"{record.kind} `{record.id}` was recorded at `{text_of(last.recorded)}`, "
                f"after `{text_of(at)}`",
                hint="a correction is recorded later",
            )
        record = attrs.evolve(record, revision=last.revision + 1)
    work.service_records.add(record)
    _seal(work, at, record, inputs)
    return record


def send(transaction: Transaction, topic: str, body: Any, case: str | None = None) -> None:
    """Add a message whose body is an object of one of the documented classes."""
    text = json.dumps(Record(type(body)).write(body), sort_keys=True)
    transaction.add_text(topic, text, case or "")


def known_value(work: UnitOfWork, kind: RecordKind, id: str) -> ServiceRecord:
    """Return the last record of something that was not retracted.

    Raises:
        UnknownIdError: There is none.
    """
    found = work.service_records.find(kind, id)
    if found is None or found.retracted:
        raise UnknownIdError(kind.value.replace("_", " "), id)
    return found


def _seal(work: UnitOfWork, at: datetime, record: ServiceRecord, inputs: Any) -> None:
    link = next_link(
        work.tenant,
        work.decisions.head(),
        at=at,
        kind=record.kind.value,
        subject=record.case or record.customer or record.id,
        body=sealed_text(record, inputs),
    )
    work.decisions.append(link)


def sealed_text(record: ServiceRecord, inputs: Any = None) -> str:
    """Return the body of the link that seals a record."""
    made_from = "" if inputs is None else f'"inputs":{plain_text(inputs)},'
    return f'{{"id":{plain_text(record.id)},{made_from}"record":{plain_text(record)}}}'


def sealed_record(work: UnitOfWork, link: DecisionRecord) -> ServiceRecord | None:
    """Return the stored record that a link seals, or None if there is none any more."""
    body = json.loads(link.body)
    number = body["record"].get("revision", 1)
    for each in work.service_records.history(link.kind, body["id"]):
        if each.revision == number:
            return each
    return None
