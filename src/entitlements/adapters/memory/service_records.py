"""Service records in a dictionary."""

from __future__ import annotations

from datetime import datetime
from typing import final

from entitlements.adapters.memory.case_changes import ChangeNumbers, note_change
from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.ids import identifier_or_key
from entitlements.kernel.instants import instant_or_none
from entitlements.ports.rules.arguments import page_length
from entitlements.ports.service_records.repository import RECORDS_PAGE, check_follows
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    RecordPlace,
    ServiceRecord,
    known_record,
    record_place,
)


@final
class MemoryServiceRecords:
    """`ServiceRecords` in a dictionary."""

    def __init__(
        self,
        kept: DictOverlay[tuple[RecordKind, str], tuple[ServiceRecord, ...]],
        changes: ChangeNumbers,
    ) -> None:
        self._kept = kept
        self._changes = changes

    def add(self, record: ServiceRecord) -> None:
        before = self.history(instance_of(ServiceRecord, record).kind, record.id)
        check_follows(record, before[-1] if before else None)
        self._kept.put((record.kind, record.id), (*before, record))
        note_change(self._changes, record.case)

    def find(
        self, kind: RecordKind | str, id: str, known_at: datetime | None = None
    ) -> ServiceRecord | None:
        return known_record(self.history(kind, id), known_at)

    def history(self, kind: RecordKind | str, id: str) -> tuple[ServiceRecord, ...]:
        return self._kept.get((enum_member(RecordKind, kind), identifier_or_key(id))) or ()

    def listed(
        self, wanted: RecordFilter, after: RecordPlace | None = None, most: int = RECORDS_PAGE
    ) -> tuple[ServiceRecord, ...]:
        moment = instant_or_none(instance_of(RecordFilter, wanted).known_at)
        place, most = record_place(after), page_length(most)
        known = (known_record(each, moment) for each in self._kept.values())
        found = [
            each
            for each in known
            if each is not None
            and not each.retracted
            and wanted.fits(each)
            and (place is None or each.place > place)
        ]
        return tuple(sorted(found, key=lambda each: each.place)[:most])
