from __future__ import annotations

import json

import pytest
from tests.service.records.acme_desk import OPENED, TENANT, opened_desk

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Outage
from entitlements.kernel import UnknownIdError
from entitlements.ports import RecordKind
from entitlements.service import RecordOutage
from entitlements.service.records.recording import known_value, sealed_record, sealed_text


def test_a_record_is_sealed_in_the_chain_of_the_tenant() -> None:
    store = MemoryStore()
    desk = opened_desk(store)
    down = Outage(id="O-1", service="db", start=OPENED)
    desk.execute(RecordOutage(id="k-1", outage=down), OPENED)
    with store.begin(TENANT) as work:
        (link,) = work.decisions.about("O-1")
        (record,) = work.service_records.history("outage", "O-1")
        assert (link.kind, link.subject, link.at) == ("outage", "O-1", OPENED)
        assert link.body == sealed_text(record)
        assert sealed_record(work, link) == record
        assert json.loads(link.body) == {
            "id": "O-1",
            "record": {
                "recorded": "2026-03-02T09:00:00Z",
                "value": {"id": "O-1", "service": "db", "start": "2026-03-02T09:00:00Z"},
            },
        }
        assert known_value(work, RecordKind.OUTAGE, "O-1") == record
        with pytest.raises(UnknownIdError, match="outage"):
            known_value(work, RecordKind.OUTAGE, "O-2")
