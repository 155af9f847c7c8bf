"""Repository protocol of service records, and reading many of them page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Protocol

from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import StaleReadError
from entitlements.kernel.instants import text_of
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    RecordPlace,
    ServiceRecord,
)

RECORDS_PAGE: Final = 1_000
"""How many records are read at once."""


class ServiceRecords(Protocol):
    """Records of service; none is ever changed or removed."""

    def add(self, record: ServiceRecord) -> None:
        """Add a record, which follows the last one of its kind and id; one row, or two.

        Raises:
            StaleReadError: Its revision is not the next one, maybe because another unit has added
                one a moment ago, or it was recorded before the last one.
        """
        ...

    def find(
        self, kind: RecordKind | str, id: str, known_at: datetime | None = None
    ) -> ServiceRecord | None:
        """Return the last record of a thing that was known, also if retracted, or None; one row."""
        ...

    def history(self, kind: RecordKind | str, id: str) -> tuple[ServiceRecord, ...]:
        """Return all records of a thing, in their order."""
        ...

    def listed(
        self, wanted: RecordFilter, after: RecordPlace | None = None, most: int = RECORDS_PAGE
    ) -> tuple[ServiceRecord, ...]:
        """Return valid records, after a place, ordered by when they happened, then by id.

        Retracted ones are left out. A row for each.
        """
        ...


def every_record(records: ServiceRecords, wanted: RecordFilter) -> Iterator[ServiceRecord]:
    """Yield all valid records that a filter wants; no more than a page of them is in memory.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.ports import RecordFilter
    >>> with MemoryStore().begin("acme") as work:
    ...     [*every_record(work.service_records, RecordFilter(kind="outage"))]
    []
    """
    after, page = None, records.listed(wanted)
    while page:
        yield from page
        if len(page) < RECORDS_PAGE:
            return
        after = page[-1].place
        page = records.listed(wanted, after)


def check_follows(record: ServiceRecord, last: ServiceRecord | None) -> None:
    """Raise unless a record follows the last one of its kind and id.

    Raises:
        StaleReadError: It does not.
    """
    number = 0 if last is None else last.revision
    if instance_of(ServiceRecord, record).revision != number + 1:
        raise not_the_next(record)
    if last is not None and record.recorded < last.recorded:
        raise StaleReadError(
            f"{record.kind} `{record.id}` was recorded at `{text_of(last.recorded)}` "
            "before, which is later",
            field="recorded",
            hint="read it again, and record it with the present instant",
        )


def not_the_next(record: ServiceRecord) -> StaleReadError:
    """Return the error for a record whose revision is not the next one."""
    return StaleReadError(
        f"revision `{record.revision}` of {record.kind} `{record.id}` is not the next one",
        field="revision",
        hint="read it again, and record what follows",
    )
