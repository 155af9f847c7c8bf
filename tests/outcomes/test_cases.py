from __future__ import annotations

from datetime import timedelta

import pytest
from tests.outcomes.test_attainment import case

from entitlements.kernel import EntitlementsError, UnknownIdError
from entitlements.outcomes import CaseRecord


def test_a_case_has_a_value_in_each_dimension() -> None:
    asked = case("R-1", [], customer="acme", severity="S1")
    assert (asked.value_of("customer"), asked.value_of("severity"), asked.value_of("agent")) == (
        "acme",
        "S1",
        None,
    )
    with pytest.raises(UnknownIdError, match="did you mean `customer`"):
        asked.value_of("custmer")


@pytest.mark.parametrize(
    "fields",
    [
        {"history": None},
        {"policy": "gold"},
        {"customer": ""},
        {"follows": "R-1"},
        {"warranty": -timedelta(1)},
    ],
)
def test_an_impossible_case_is_refused(fields: dict[str, object]) -> None:
    usual = case("R-1", [])
    stated = {
        "id": "R-1",
        "customer": "acme",
        "history": usual.history,
        "policy": usual.policy,
    }
    with pytest.raises(EntitlementsError):
        CaseRecord(**(stated | fields))  # type: ignore[arg-type]
