from __future__ import annotations

import pytest
from hypothesis import given

from entitlements.adapters.sql.rows.service_record_rows import record_from_row, record_to_row
from entitlements.kernel.errors import UnreadableError
from entitlements.ports import ServiceRecord
from entitlements.testing.strategies.service_records import service_records


@given(service_records())
def test_a_record_travels_through_a_row(record: ServiceRecord) -> None:
    row = record_to_row(record)
    assert record_from_row(row) == record
    with pytest.raises(UnreadableError, match="no service records are of this kind"):
        record_from_row({**row, "kind": "rumour"})
