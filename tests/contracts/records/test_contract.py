"""Contracts and lines: valid and refused fields."""

from datetime import date
from typing import Any

import pytest

from entitlements.contracts import Constraint, Contract, ContractLine, NamedContact
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
)


def contract(**said: Any) -> Contract:
    """Return a minimal contract with these fields."""
    usual = {"id": "C", "customer": "acme", "zone": "UTC", "start": date(2026, 1, 31)}
    return Contract(**{**usual, **said})


@pytest.mark.parametrize(
    ("said", "last"),
    [
        pytest.param({}, None, id="open end"),
        pytest.param({"end": date(2026, 12, 31)}, date(2026, 12, 31), id="last day"),
        pytest.param({"months": 1}, date(2026, 2, 27), id="a month, clamped"),
        pytest.param({"months": 12}, date(2027, 1, 30), id="a year"),
        pytest.param({"start": date(2024, 2, 29), "months": 12}, date(2025, 2, 27), id="leap day"),
    ],
)
def test_the_last_day_as_signed(said: dict[str, Any], last: date | None) -> None:
    assert contract(**said).last_day == last


LINE = ContractLine(id="1", plan="gold")


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        pytest.param({"end": date(2026, 1, 1)}, InvalidValueError, "before it starts", id="ends"),
        pytest.param({"months": 0}, InvalidValueError, "`0` months", id="no months"),
        pytest.param(
            {"months": 3, "end": date(2026, 3, 1)},
            InvalidValueError,
            "both `months` and `end`",
            id="both",
        ),
        pytest.param(
            {"any_contact": True, "contacts": [NamedContact(contact="dana")]},
            InvalidValueError,
            "has `contacts` and `any_contact`",
            id="anybody and somebody",
        ),
        pytest.param({"zone": "Berln"}, InvalidValueError, "not a time zone", id="zone"),
        pytest.param({"replaces": "C"}, InvalidValueError, "replaces itself", id="itself"),
        pytest.param({"lines": [LINE, LINE]}, DuplicateIdError, "contract line", id="line twice"),
        pytest.param({"id": "C\x07"}, InvalidValueError, "control character", id="bell"),
        pytest.param({"id": "C" * 201}, LimitExceededError, "200 characters", id="long id"),
    ],
)
def test_nonsense_is_refused(
    said: dict[str, Any], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        contract(**said)


def test_a_term_past_the_calendar_is_refused_when_it_is_asked_for() -> None:
    with pytest.raises(LimitExceededError, match="years 2 to 9997"):
        _ = contract(months=1_000_000).last_day


def test_a_line_does_not_end_before_it_starts() -> None:
    with pytest.raises(InvalidValueError, match="line `1`"):
        ContractLine(id="1", plan="gold", start=date(2026, 2, 2), end=date(2026, 2, 1))


def test_a_line_may_limit_its_contacts_to_one_but_not_to_none() -> None:
    assert ContractLine(id="1", plan="gold", contact_limit=1).contact_limit == 1
    with pytest.raises(InvalidValueError, match="at least 1, not `0`"):
        ContractLine(id="1", plan="gold", contact_limit=0)


def test_a_line_covers_what_a_coverage_says() -> None:
    nothing: Any
    for nothing in ({"level": "product", "ids": ["db"]}, "db", None):
        with pytest.raises(InvalidValueError):
            ContractLine(id="1", plan="gold", coverage=nothing)


def test_a_constraint_names_something() -> None:
    with pytest.raises(InvalidValueError, match="has no values"):
        Constraint(kind="residency", values=[])
