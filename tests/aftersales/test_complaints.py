from __future__ import annotations

from typing import Any

import pytest

from entitlements.aftersales import Complaint
from entitlements.kernel import InvalidValueError

NINE, TEN, ELEVEN = (f"2026-03-02T{hour:02}:00Z" for hour in (9, 10, 11))


def complaint(**fields: Any) -> Complaint:
    return Complaint(**{"id": "B-1", "customer": "acme", "received": TEN} | fields)


def test_an_answer_may_come_without_an_acknowledgement() -> None:
    found = complaint(answered=ELEVEN, is_upheld=False, cause="a wrong serial number")
    assert (found.acknowledged, found.is_upheld) == (None, False)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"acknowledged": NINE}, id="acknowledged before it came"),
        pytest.param({"answered": NINE, "is_upheld": True}, id="answered before it came"),
        pytest.param(
            {"received": NINE, "acknowledged": ELEVEN, "answered": TEN, "is_upheld": True},
            id="answered before it was acknowledged",
        ),
        pytest.param({"answered": ELEVEN}, id="an answer that does not say who was right"),
        pytest.param({"is_upheld": True}, id="upheld without an answer"),
        pytest.param({"answered": ELEVEN, "is_upheld": "yes"}, id="not yes or no"),
        pytest.param({"case": "R-1", "correction": "R-1"}, id="corrected by itself"),
        pytest.param({"cause": 7}, id="a cause that is no text"),
        pytest.param({"received": "2026-03-02T10:00"}, id="without a zone"),
    ],
)
def test_what_cannot_have_happened_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        complaint(**fields)
