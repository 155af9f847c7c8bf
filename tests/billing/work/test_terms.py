from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import attrs
import pytest

from entitlements.billing import ChargedCase, Rate, RateCard, WorkTerms
from entitlements.contracts import Grant
from entitlements.kernel import DuplicateIdError, InvalidValueError, Money, utc

START = utc("2026-01-01T00:00Z")
TERMS = WorkTerms(contract="C-1", line="main", zone="UTC", start=START)
CASE = ChargedCase(id="R-1", contract="C-1", line="main")
MINUTES = Grant(id="g", unit="minutes", amount=5, effective=START)
CARD = RateCard(id="c", currency="EUR", zone="UTC", rates=[Rate(id="all", hourly=Money(90, "EUR"))])


def test_terms_are_named_by_contract_and_line() -> None:
    assert TERMS.key == ("C-1", "main")


def test_factors_are_exact() -> None:
    assert attrs.evolve(TERMS, unit_factors={"site": 2}).unit_factors["site"] == Fraction(2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"end": START}, "not after"),
        ({"end": START - timedelta(days=1)}, "not after"),
        ({"grants": [attrs.evolve(MINUTES, unit="incidents")]}, "holds `incidents`"),
        ({"grants": ["g"]}, "is not a grant"),
        ({"unit_factors": {"site": 0}}, "must be greater than 0"),
        ({"unit_factors": {"site": -1}}, "must be greater than 0"),
        ({"unit_factors": {"site": 1.5}}, "must be an exact number"),
        ({"unit_factors": {"": 1}}, "id"),
        ({"unit_factors": [1]}, "is not a mapping"),
        ({"overage_hourly": Money(-1, "EUR")}, "is negative"),
        ({"overage_hourly": Money(1, "USD"), "rates": CARD}, "and the rates in `EUR`"),
        ({"overage_hourly": 90}, "is not a money"),
        ({"rounding": 15}, "is not a rounding"),
        ({"rates": "c"}, "is not a rate card"),
        ({"basis": "fixed"}, "is not a known charge basis"),
        ({"overage": "later"}, "is not a known overage payment"),
        ({"zone": "Berlin"}, "is not a time zone"),
    ],
)
def test_impossible_terms_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        attrs.evolve(TERMS, **changes)


def test_two_grants_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError):
        attrs.evolve(TERMS, grants=[MINUTES, attrs.evolve(MINUTES, amount=6)])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"follow_up_of": "R-1"}, "follows itself"),
        ({"consent": "yes"}, "is not a bool"),
        ({"prepaid_by": 7}, "is not text"),
    ],
)
def test_an_impossible_case_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        attrs.evolve(CASE, **changes)
