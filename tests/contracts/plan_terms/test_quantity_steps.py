"""Quantity steps: limits and amounts of a plan by the quantity that a contract line bought."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.small import CATALOG, CONTRACT, LINE, MONDAY, PLAN, REQUEST

from entitlements.access import Denied, Granted, RemedyKind, decide
from entitlements.contracts import Account, Allowance, Amendment, OpenCase, line_histories
from entitlements.contracts.lines.plan_grants import plan_grants
from entitlements.contracts.plan_terms.quantity_steps import (
    MAX_LINE_QUANTITY,
    QuantityStep,
    falling_steps,
    larger_quantities,
    numbers_for,
    quantity_steps,
)
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)

PACKS = [QuantityStep(quantity=1, per=1, contact_limit=3)]
STEPS = [
    QuantityStep(quantity=1, contact_limit=1, concurrency=1),
    QuantityStep(quantity=25, contact_limit=4, amounts={"cases": 20}),
    QuantityStep(quantity=50, per=25, contact_limit=4),
]


@pytest.mark.parametrize(
    ("steps", "quantity", "expected"),
    [
        pytest.param(PACKS, 1, {"contact_limit": 3}, id="one pack of three"),
        pytest.param(PACKS, 4, {"contact_limit": 12}, id="four packs of three"),
        pytest.param(STEPS, 24, {"contact_limit": 1, "concurrency": 1}, id="below a step"),
        pytest.param(
            STEPS,
            25,
            {"contact_limit": 4, "concurrency": 1, "amount of cases": 20},
            id="at a step; what it leaves out is that of the step before",
        ),
        pytest.param(
            STEPS,
            99,
            {"contact_limit": 12, "concurrency": 1, "amount of cases": 20},
            id="four for every 25, rounded down",
        ),
        pytest.param(STEPS[1:], 3, {}, id="below the first step"),
    ],
)
def test_the_last_step_up_to_the_quantity_states_each_number(
    steps: list[QuantityStep], quantity: int, expected: dict[str, int]
) -> None:
    assert numbers_for(steps, quantity) == expected


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"quantity": 0, "contact_limit": 1}, InvalidValueError, "quantity must be at least 1"),
        ({"quantity": 1}, InvalidValueError, "states no number"),
        ({"quantity": 1, "per": 2, "contact_limit": 1}, InvalidValueError, "per `2`"),
        ({"quantity": 1, "per": 0, "contact_limit": 1}, InvalidValueError, "per must be"),
        ({"quantity": 1, "contact_limit": 0}, InvalidValueError, "a limit must be at least 1"),
        ({"quantity": 1, "amounts": {"cases": -1}}, InvalidValueError, "amount must be at least"),
        ({"quantity": MAX_LINE_QUANTITY + 1, "contact_limit": 1}, LimitExceededError, "quantity"),
    ],
)
def test_a_step_without_sense_is_refused(
    said: dict[str, Any], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        QuantityStep(**said)


def test_two_steps_from_one_quantity_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="quantity"):
        quantity_steps([*PACKS, QuantityStep(quantity=1, concurrency=2)])


def test_a_step_of_an_allowance_that_the_plan_does_not_have_is_refused_with_its_place() -> None:
    with pytest.raises(UnknownIdError) as caught:
        attrs.evolve(PLAN, quantity_steps=[QuantityStep(quantity=1, amounts={"hours": 1})])
    assert caught.value.path == "quantity_steps[0].amounts"


def test_steps_that_do_not_rise_are_found() -> None:
    falling = quantity_steps([*STEPS[:2], QuantityStep(quantity=30, contact_limit=2)])
    assert list(falling_steps(falling, {})) == [
        "the contact limit falls from 4 to 2 at the quantity 30"
    ]
    assert list(falling_steps(PACKS, {"contact_limit": 5})) == [
        "the contact limit falls from 5 to 3 at the quantity 1"
    ]
    assert list(falling_steps(STEPS, {"contact_limit": 1})) == []


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(1, 60),
    st.integers(0, 60),
)
def test_more_of_steps_that_rise_never_gives_less(
    begins: list[int], quantity: int, more: int
) -> None:
    steps = [QuantityStep(quantity=each, contact_limit=each) for each in begins]
    fewer = numbers_for(steps, quantity).get("contact_limit", 0)
    assert fewer <= numbers_for(steps, quantity + more).get("contact_limit", 0)


def test_the_next_quantities_are_the_steps_and_the_multiples() -> None:
    assert larger_quantities(STEPS, 24) == [25, 50, 75, 100]
    assert larger_quantities(STEPS[:2], 25) == []


def _crowded(quantity: int, **said: Any) -> tuple[Account, Any]:
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, **said)])
    line = attrs.evolve(LINE, quantity=quantity)
    cases = [OpenCase(id=f"K{n}", contract="C", line="1", opened=MONDAY) for n in range(3)]
    contract = attrs.evolve(CONTRACT, lines=[line])
    return Account(customer="acme", contracts=[contract], cases=cases), catalog


def test_a_line_that_buys_more_may_have_more_contacts_and_the_remedy_says_how_many() -> None:
    account, catalog = _crowded(
        1, quantity_steps=[QuantityStep(quantity=1, per=1, contact_limit=1)]
    )
    second = attrs.evolve(REQUEST, contact="emil")
    refused = decide(second, catalog, account, MONDAY)
    assert isinstance(refused, Denied)
    (more,) = [each for each in refused.remedies if each.kind is RemedyKind.RAISE_QUANTITY]
    (bought,) = more.adds
    assert isinstance(bought, Amendment)
    assert bought.lines[0].quantity == 2
    assert isinstance(more.leads_to, Granted)
    two, catalog = _crowded(2, quantity_steps=[QuantityStep(quantity=1, per=1, contact_limit=1)])
    assert isinstance(decide(second, catalog, two, MONDAY), Granted)


def test_open_cases_and_the_units_of_an_allowance_follow_the_quantity() -> None:
    steps = [
        QuantityStep(quantity=1, concurrency=3, amounts={"cases": 5}),
        QuantityStep(quantity=10, concurrency=4, amounts={"cases": 60}),
    ]
    said: dict[str, Any] = {
        "quantity_steps": steps,
        "allowances": [Allowance(id="cases", unit="incidents", amount=1)],
    }
    nine, catalog = _crowded(9, **said)
    ten, _ = _crowded(10, **said)
    assert isinstance(decide(REQUEST, catalog, nine, MONDAY), Denied)
    assert isinstance(decide(REQUEST, catalog, ten, MONDAY), Granted)
    for account, amount in ((nine, 5), (ten, 60)):
        (history,) = line_histories(account, catalog)
        assert [each.amount for each in plan_grants(history, MONDAY)] == [amount]
