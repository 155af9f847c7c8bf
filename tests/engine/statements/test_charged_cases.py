from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from tests.engine.statements.acme import acme

from entitlements.billing import Sheet, WorkLog
from entitlements.contracts import Account, Grant, Issue, Ledger, Reserve, Void, line_histories
from entitlements.contracts.account import OpenCase
from entitlements.documents import parse_facts
from entitlements.engine import statement
from entitlements.engine.statements.charged_cases import charged_cases
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.kernel import utc

AT = utc("2026-03-02T09:00Z")
CASE = OpenCase(id="R-1", contract="C-1", line="main", opened=AT)


def found(ledger: Ledger) -> tuple[str | None, bool]:
    account: Account = attrs.evolve(acme().accounts["acme"], cases=[CASE]).with_ledger(ledger)
    lines = sold_lines(acme(), line_histories(account, acme().catalog))
    (case,) = charged_cases(account, lines)
    return case.prepaid_by, case.consent


def ledger_of(unit: str, *commands: Void, consent: bool = False) -> Ledger:
    grant = Grant(id="g", unit=unit, amount=9, effective="2026-01-01T00:00Z")  # type: ignore[arg-type]
    reserve = Reserve(key="R-1", unit=unit, amount=1, consent=consent)  # type: ignore[arg-type]
    ledger = Ledger()
    for command in (Issue(grant=grant), reserve, *commands):
        ledger = ledger.post(command, AT).ledger
    return ledger


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        (Ledger(), (None, False)),
        (ledger_of("incidents"), ("g", False)),
        (ledger_of("incidents", Void(key="void", hold="R-1")), (None, False)),
        (ledger_of("minutes"), (None, False)),
        (ledger_of("minutes", consent=True), (None, True)),
    ],
)
def test_a_case_is_paid_as_a_whole_where_incidents_were_taken_for_it(
    ledger: Ledger, expected: tuple[str | None, bool]
) -> None:
    assert found(ledger) == expected


def test_cases_of_lines_that_were_never_in_force_are_left_out() -> None:
    account = attrs.evolve(acme().accounts["acme"], cases=[attrs.evolve(CASE, line="other")])
    lines = sold_lines(acme(), line_histories(account, acme().catalog))
    assert [*charged_cases(account, lines)] == []


# One incident is bought: the first case takes it, and the second one is beyond the grant.
BEYOND = """
    groups: desk
    plans:
      - id: gold
        severities: high
        channels: web
        group: desk
        first_response: 1h
        charge: time_and_materials
        allowance: cases
        allowances: {id: cases, unit: incidents, amount: 1, over_use: allow_with_consent}
        commercial: {rates: {default: 100 EUR/h} PRICE}
    accounts:
      - customer: acme
        contracts:
          - {id: C-1, zone: UTC, start: 2026-01-01, any_contact: true,
             lines: [{id: main, plan: gold}]}
        cases:
          - {id: R-1, contract: C-1, line: main, opened: 2026-03-02T09:00Z}
          - {id: R-2, contract: C-1, line: main, opened: 2026-03-03T09:00Z}
"""
WORK = [
    WorkLog(
        id=f"W-{number}",
        case=f"R-{number}",
        agent="ada",
        start="2026-03-04T09:00Z",
        end="2026-03-04T10:00Z",
    )
    for number in (1, 2)
]


def billed(price: str, *commands: Reserve | Void) -> Sheet:
    facts = parse_facts(BEYOND.replace("PRICE", price))
    account = facts.accounts["acme"]
    grant = Grant(
        id="one",
        unit="incidents",
        amount=1,
        effective="2026-01-01T00:00Z",
        over_use="allow_with_consent",
    )
    ledger = Ledger().post(Issue(grant=grant), AT).ledger
    for number, command in enumerate(commands):
        ledger = ledger.post(command, AT + timedelta(days=number)).ledger
    known = attrs.evolve(facts, accounts=[account.with_ledger(ledger)])
    return statement(known, "acme", date(2026, 3, 1), date(2026, 4, 1), WORK).sheet


def held(case: str) -> Reserve:
    return Reserve(key=case, unit="incidents", amount=1, consent=True)


def test_a_case_beyond_the_incidents_that_were_bought_has_its_price() -> None:
    priced = ", work: {overage_incident: 250 EUR}"
    sheet = billed(priced, held("R-1"), held("R-2"))
    assert [(each.source, each.kind, str(each.amount)) for each in sheet.lines] == [
        ("R-2", "overage", "250.00 EUR"),
        ("W-1", "prepaid", "0.00 EUR"),
        ("W-2", "prepaid", "0.00 EUR"),
    ]
    first = sheet.explain().splitlines()[0]
    assert first.startswith(
        "2026-03-03 09:00 UTC, case R-2: 1 incident beyond grant `one`; 250.00 EUR; "
    )
    returned = billed(priced, held("R-1"), held("R-2"), Void(key="void", hold="R-2"))
    assert [(each.source, str(each.amount)) for each in returned.lines] == [
        ("W-1", "0.00 EUR"),
        ("W-2", "100.00 EUR"),
    ]


def test_without_a_price_of_the_case_its_work_is_charged() -> None:
    sheet = billed("", held("R-1"), held("R-2"))
    assert [(each.source, str(each.amount)) for each in sheet.lines] == [
        ("W-1", "0.00 EUR"),
        ("W-2", "100.00 EUR"),
    ]
