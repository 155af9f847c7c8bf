"""Rows of service records."""

from __future__ import annotations

from entitlements.adapters.sql.errors import reading, whole
from entitlements.adapters.sql.rows.mapping import MAX_BIGINT, from_text, to_text
from entitlements.adapters.sql.session.session import Row
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.ports.service_records.service_record import (
    VALUE_CLASSES,
    RecordKind,
    ServiceRecord,
)

_KINDS = {kind.value: made for kind, made in VALUE_CLASSES.items()}


def record_to_row(record: ServiceRecord) -> Row:
    """Return a record as a row; no later record has replaced it."""
    return {
        "kind": record.kind.value,
        "id": record.id,
        "revision": record.revision,
        "customer": record.customer or "",
        "case": record.case or "",
        "happened": to_micros(record.happened),
        "known_from": to_micros(record.recorded),
        "known_to": MAX_BIGINT,
        "retracted": record.retracted,
        "body": to_text(record.value, VALUE_CLASSES[record.kind]),
    }


def record_from_row(row: Row) -> ServiceRecord:
    """Return the record in a row, after comparing the columns that it is found by.

    Raises:
        UnreadableError: The body cannot be read, or a column differs from it.
    """
    name = f"{row['kind']} `{row['id']}`"
    if row["kind"] not in _KINDS:
        raise UnreadableError(name, "no service records are of this kind")
    value = from_text(row["body"], _KINDS[row["kind"]], name)
    with reading(name):
        found = ServiceRecord(
            value=value,
            customer=row["customer"] or None,
            recorded=from_micros(whole(row["known_from"])),
            revision=whole(row["revision"]),
            retracted=bool(row["retracted"]),
        )
    for column, stated in {
        "kind": RecordKind(row["kind"]) is found.kind,
        "id": row["id"] == found.id,
        "case": row["case"] == (found.case or ""),
        "happened": whole(row["happened"]) == to_micros(found.happened),
    }.items():
        if not stated:
            raise UnreadableError(name, f"column `{column}` is not what its body says")
    return found
