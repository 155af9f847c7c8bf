from __future__ import annotations

import pytest

from entitlements.aftersales import MaintenanceWindow, Outage
from entitlements.kernel import InvalidValueError, utc


def test_an_outage_lasts_until_its_end_is_known() -> None:
    lasting = Outage(id="O-1", service="db", start="2026-03-01T00:00Z")  # type: ignore[arg-type]
    assert lasting.end is None
    assert not lasting.is_unknown


@pytest.mark.parametrize("end", ["2026-03-01T00:00Z", "2026-02-28T23:59Z"])
def test_an_outage_that_ends_before_it_begins_is_refused(end: str) -> None:
    with pytest.raises(InvalidValueError, match="not after"):
        Outage(id="O-1", service="db", start=utc("2026-03-01T00:00Z"), end=utc(end))
    with pytest.raises(InvalidValueError, match="`M-1` ends at") as raised:
        MaintenanceWindow(id="M-1", start=utc("2026-03-01T00:00Z"), end=utc(end))
    assert raised.value.path == "end"
