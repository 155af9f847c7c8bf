from __future__ import annotations

import attrs
import pytest
from tests.engine.statements.acme import acme

from entitlements.contracts import Account, Grant, Issue, Ledger, Reserve, Void, line_histories
from entitlements.contracts.account import OpenCase
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
