from __future__ import annotations

from datetime import date

import attrs
import pytest

from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.instants import utc
from entitlements.loading.accounts.contract_text import (
    amendment_id,
    amendment_to,
    changes_nothing,
    day_of,
    text_on,
)

START, JUNE = date(2026, 1, 1), date(2026, 6, 15)
SILVER = ContractLine(id="1", plan="silver")
CONTRACT = Contract(
    id="C-1",
    customer="acme",
    zone="Europe/Berlin",
    start=START,
    lines=[SILVER],
    contacts=[NamedContact(contact="dana")],
)
TO_GOLD = Amendment(
    id="A-1",
    contract="C-1",
    effective=date(2026, 5, 1),
    lines=[ContractLine(id="1", plan="gold")],
)


@pytest.mark.parametrize(
    ("day", "plan", "sold"),
    [
        pytest.param(date(2026, 4, 30), "silver", START, id="before the amendment"),
        pytest.param(date(2026, 5, 1), "gold", date(2026, 5, 1), id="on its day"),
        pytest.param(JUNE, "gold", date(2026, 5, 1), id="after it"),
    ],
)
def test_a_line_says_what_its_last_amendment_says(day: date, plan: str, sold: date) -> None:
    text = text_on(day, CONTRACT, [TO_GOLD])
    assert text.lines == {"1": ContractLine(id="1", plan=plan, sold=sold)}
    assert text.contacts == CONTRACT.contacts


def test_an_amendment_makes_one_text_of_another() -> None:
    wanted = attrs.evolve(
        CONTRACT,
        lines=[attrs.evolve(SILVER, quantity=2), ContractLine(id="2", plan="gold")],
        contacts=[NamedContact(contact="eve")],
    )
    change = amendment_to(text_on(JUNE, wanted, []), CONTRACT, [], JUNE)
    assert {line.id: line.plan for line in change.lines} == {"1": "silver", "2": "gold"}
    assert change.contacts == wanted.contacts
    assert text_on(JUNE, CONTRACT, [change]).lines == text_on(JUNE, wanted, []).lines
    again = amendment_to(text_on(JUNE, wanted, []), CONTRACT, [change], JUNE)
    assert changes_nothing(again)


def test_a_line_that_keeps_its_plan_is_not_sold_again() -> None:
    wanted = text_on(JUNE, attrs.evolve(CONTRACT, lines=[attrs.evolve(SILVER, quantity=2)]), [])
    assert amendment_to(wanted, CONTRACT, [], JUNE).lines == (attrs.evolve(SILVER, quantity=2),)


def test_a_line_with_another_plan_keeps_the_day_of_sale_of_the_document() -> None:
    wanted = text_on(JUNE, attrs.evolve(CONTRACT, lines=[ContractLine(id="1", plan="gold")]), [])
    (line,) = amendment_to(wanted, CONTRACT, [], JUNE).lines
    assert (line.plan, line.sold) == ("gold", START)


def test_lines_that_are_not_wanted_are_removed() -> None:
    wanted = text_on(JUNE, attrs.evolve(CONTRACT, lines=[]), [])
    assert amendment_to(wanted, CONTRACT, [], JUNE).removed == {"1"}


def test_the_day_is_that_of_the_contract_s_zone_and_not_before_its_start() -> None:
    assert day_of(CONTRACT, utc("2026-06-14T22:30Z")) == JUNE
    assert day_of(CONTRACT, utc("2025-12-01T00:00Z")) == START


def test_the_id_of_an_amendment_is_that_of_its_day_and_fits() -> None:
    assert amendment_id(CONTRACT, JUNE) == "load 2026-06-15 C-1"
    long = attrs.evolve(CONTRACT, id="x" * 200)
    assert len(amendment_id(long, JUNE)) <= 200
