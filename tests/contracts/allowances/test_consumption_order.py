"""The order in which grants are used, of a unit and of a pool."""

from random import Random

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.consumption_order import ConsumptionOrder
from entitlements.contracts.allowances.grants import Grant


def grant(id: str, **said: object) -> Grant:
    """Return a grant of 2026, in minutes."""
    usual = {"unit": "minutes", "amount": 5, "effective": "2026-01-01T00:00Z", "priority": 1}
    return Grant(id=id, **{**usual, **said})  # type: ignore[arg-type]


GRANTS = [
    grant("late", expires="2026-12-01T00:00Z", pool="p"),
    grant("soon", expires="2026-06-01T00:00Z", pool="q"),
    grant("never"),
    grant("first", priority=0, pool="p"),
    grant("case", unit="incidents", pool="p"),
]


def test_units_are_taken_by_priority_and_expiry() -> None:
    order = ConsumptionOrder().adding(GRANTS)
    assert order.for_unit(Unit.MINUTES) == ("first", "soon", "late", "never")
    assert order.for_unit(Unit.INCIDENTS) == ("case",)
    assert ConsumptionOrder().for_unit(Unit.MINUTES) == ()


def test_pools_keep_that_order() -> None:
    order = ConsumptionOrder().adding(GRANTS)
    assert order.for_unit(Unit.MINUTES, ("p",)) == ("first", "late")
    assert order.for_unit(Unit.MINUTES, ("q", "p")) == ("first", "soon", "late")
    assert order.for_unit(Unit.MINUTES, ("none",)) == ()


def test_grants_may_be_added_one_by_one_or_together_in_any_order() -> None:
    together = ConsumptionOrder().adding(GRANTS)
    for seed in range(20):
        order, mixed = ConsumptionOrder(), Random(seed).sample(GRANTS, len(GRANTS))  # noqa: S311 - a seed has to replay it
        for number, each in enumerate(mixed):
            shorter = order
            order = order.adding([each])
            assert order.for_unit(Unit.MINUTES, ("p",)) == ConsumptionOrder().adding(
                mixed[: number + 1]
            ).for_unit(Unit.MINUTES, ("p",))
            assert each.id not in shorter.for_unit(each.unit), "the order before is as it was"
        for unit in Unit:
            assert order.for_unit(unit) == together.for_unit(unit)
