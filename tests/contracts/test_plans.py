"""Plans: valid and refused fields."""

from typing import Any

import pytest

from entitlements.contracts import AccessRight, Allowance, Grace, Plan
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    UnknownIdError,
)

RIGHT = AccessRight(id="experts", group="dba", severities=["S1"], channels=["phone"])
CASES = Allowance(id="cases", unit="incidents", amount=5)


def plan(**said: Any) -> Plan:
    """Return a minimal plan with these fields."""
    usual: dict[str, Any] = {
        "id": "gold",
        "policy": "gold",
        "severities": ["S1", "S2"],
        "channels": ["phone", "web"],
        "rights": [RIGHT],
    }
    return Plan(**{**usual, **said})


def test_a_plan_is_known_by_its_id_and_version() -> None:
    assert plan(version="2026").key == ("gold", "2026")


def test_rights_and_allowances_are_found_by_id() -> None:
    found = plan(allowances=[CASES])
    assert found.right("experts") is found.rights[0]
    assert found.allowance("cases") is found.allowances[0]


def test_lists_become_tuples_and_frozen_sets() -> None:
    found = plan()
    assert found.severities == ("S1", "S2")
    assert found.channels == frozenset({"phone", "web"})
    assert hash(found) == hash(plan())


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        pytest.param(
            {"severities": []}, UnknownIdError, "no severity has the id `S1`", id="no scale"
        ),
        pytest.param({"channels": []}, InvalidValueError, "no channels", id="no channels"),
        pytest.param({"severities": ["S1", "S1"]}, DuplicateIdError, "S1", id="severity twice"),
        pytest.param({"rights": [RIGHT, RIGHT]}, DuplicateIdError, "experts", id="right twice"),
        pytest.param(
            {"allowances": [CASES, CASES]}, DuplicateIdError, "cases", id="allowance twice"
        ),
        pytest.param({"may_not_open": ["S7"]}, UnknownIdError, "S7", id="unknown severity"),
        pytest.param(
            {"rights": [AccessRight(id="r", group="g", severities=["S7"])]},
            UnknownIdError,
            "S7",
            id="right for an unknown severity",
        ),
        pytest.param(
            {"rights": [AccessRight(id="r", group="g", channels=["fax"])]},
            UnknownIdError,
            "fax",
            id="right for an unknown channel",
        ),
        pytest.param(
            {"rights": [AccessRight(id="r", group="g", allowance="hours")]},
            UnknownIdError,
            "hours",
            id="right on an unknown allowance",
        ),
        pytest.param(
            {"grace": Grace(days=3, rights=["all"])}, UnknownIdError, "all", id="unknown in grace"
        ),
        pytest.param(
            {"contact_limit": 0},
            InvalidValueError,
            "a limit must be at least 1, not `0`",
            id="no contacts",
        ),
        pytest.param(
            {"concurrency": 0},
            InvalidValueError,
            "a limit must be at least 1, not `0`",
            id="no cases",
        ),
        pytest.param({"id": "go\nld"}, InvalidValueError, "control character", id="bad id"),
    ],
)
def test_nonsense_is_refused(
    said: dict[str, Any], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        plan(**said)


def test_a_plan_without_severities_has_no_scale() -> None:
    found = plan(severities=[], rights=[AccessRight(id="desk", group="dba")])
    assert (found.severities, found.scale) == ((), (None,))
    assert plan().scale == ("S1", "S2")


def test_an_unknown_right_is_reported_with_the_nearest_name() -> None:
    with pytest.raises(UnknownIdError, match="did you mean `experts`"):
        plan().right("expert")


def test_a_grace_of_no_days_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="grace must be at least 1 day, not `0`"):
        Grace(days=0)
