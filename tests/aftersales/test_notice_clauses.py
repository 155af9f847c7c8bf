from __future__ import annotations

from typing import Any

import pytest

from entitlements.aftersales import NoticeClause, NoticePeriod
from entitlements.kernel import InvalidValueError

MONTH = NoticePeriod(months=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "expiry"},
        {"kind": "expiry", "period": MONTH, "unit": "minutes", "below": 1},
        {"kind": "low_balance", "period": MONTH},
        {"kind": "low_balance", "unit": "minutes"},
        {"kind": "low_balance", "unit": "minutes", "below": 0},
        {"kind": "low_balance", "unit": "minutes", "below": 5, "period": MONTH},
        {"kind": "hint", "period": MONTH},
        {"kind": "expiry", "period": 30},
        {"kind": "expiry", "period": MONTH, "plans": [7]},
    ],
)
def test_a_clause_that_says_nothing_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        NoticeClause(**fields)
