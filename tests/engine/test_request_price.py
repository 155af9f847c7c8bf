"""Prices of requests as values; `test_priced_work` has how they are worked out."""

from __future__ import annotations

import pytest

from entitlements.access import ChargeKind
from entitlements.engine import RequestPrice
from entitlements.kernel import InvalidValueError, Money


def test_how_a_request_is_paid_for_may_be_text() -> None:
    assert RequestPrice(kind="overage", least=Money("0", "EUR")).kind is ChargeKind.OVERAGE


def test_an_unknown_way_to_pay_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="free"):
        RequestPrice(kind="free", least=Money("0", "EUR"))
