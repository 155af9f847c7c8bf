from __future__ import annotations

from fractions import Fraction

import pytest

from entitlements.billing import WorkRules
from entitlements.billing.work.work_rules import OveragePayment
from entitlements.kernel import InvalidValueError, Money


def test_rules_hold_exact_factors_and_members() -> None:
    rules = WorkRules(id="x", unit_factors={"on_site": 2}, overage="next_grant")  # type: ignore[arg-type]
    assert dict(rules.unit_factors) == {"on_site": Fraction(2)}
    assert rules.overage is OveragePayment.NEXT_GRANT


@pytest.mark.parametrize(
    "fields",
    [
        {"unit_factors": {"on_site": 0}},
        {"unit_factors": {"on_site": 1.5}},
        {"unit_factors": {"": 2}},
        {"overage_hourly": Money(-1, "EUR")},
        {"overage_hourly": 120},
        {"overage": "forgiven"},
        {"rounding": "15m"},
    ],
)
def test_rules_without_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        WorkRules(id="x", **fields)  # type: ignore[arg-type]


def test_prices_of_overage_are_not_negative_and_in_one_currency() -> None:
    with pytest.raises(InvalidValueError, match="is negative") as negative:
        WorkRules(id="r", overage_incident=Money(-1, "EUR"))
    assert negative.value.path == "overage_incident"
    with pytest.raises(InvalidValueError, match="overage is in `EUR` and `USD`"):
        WorkRules(id="r", overage_hourly=Money(1, "USD"), overage_incident=Money(1, "EUR"))
    assert WorkRules(id="r", overage_incident=Money(1, "EUR")).currencies == {"EUR"}
