from typing import Any

import pytest

from entitlements.contracts import ITIL_PRIORITIES, Plan, PriorityMatrix
from entitlements.kernel.errors import InvalidValueError, UnknownIdError

LEVELS = ("high", "medium", "low")


def test_the_itil_matrix_is_symmetric_and_falls_with_impact_and_urgency() -> None:
    found = [[int(ITIL_PRIORITIES.priority(i, u)) for u in LEVELS] for i in LEVELS]
    assert found == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]


def test_unknown_levels_are_named() -> None:
    with pytest.raises(UnknownIdError, match="no impact has the id `huge`"):
        ITIL_PRIORITIES.priority("huge", "low")
    with pytest.raises(UnknownIdError, match="no urgency has the id `later`"):
        ITIL_PRIORITIES.priority("low", "later")


def test_a_plan_has_a_matrix_over_its_severities() -> None:
    fields: dict[str, Any] = {"id": "gold", "policy": "gold", "channels": ["web"], "rights": []}
    plan = Plan(severities=["S1"], priority_matrix={"site": {"now": "S1"}}, **fields)
    assert plan.priority_matrix is not None
    assert plan.priority_matrix.priority("site", "now") == "S1"
    with pytest.raises(UnknownIdError, match="no severity has the id `S2`") as unknown:
        Plan(severities=["S1"], priority_matrix={"site": {"now": "S2"}}, **fields)
    with pytest.raises(InvalidValueError, match="is empty") as empty:
        Plan(severities=["S1"], priority_matrix={}, **fields)
    assert {unknown.value.path, empty.value.path} == {"priority_matrix"}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param({}, "is empty", id="no rows"),
        pytest.param({"high": {}}, "is empty", id="no urgencies"),
        pytest.param({"high": {"now": "1"}, "low": {"soon": "2"}}, "differ in", id="a hole"),
        pytest.param({"high": "1"}, "is not a priority matrix", id="no matrix"),
        pytest.param([], "is not a priority matrix", id="a list"),
    ],
)
def test_a_matrix_has_a_priority_for_each_pair(rows: object, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        PriorityMatrix(rows)  # type: ignore[arg-type]
