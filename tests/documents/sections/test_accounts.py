from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.documents.examples import DOCUMENT, problems, read

from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.records.contract import Coverage
from entitlements.documents import parse_facts, write_facts
from entitlements.documents.sections.accounts import AccountShape, CoverageShape, ledger_of_grants
from entitlements.documents.shapes.scalars import WriteContext

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "coverage"),
    [
        ("account", Coverage()),
        ("{product: db}", Coverage(level="product", ids=["db"])),
        ("{product_group: [a, b]}", Coverage(level="product_group", ids=["a", "b"])),
    ],
)
def test_coverage_names_its_level(text: str, coverage: Coverage) -> None:
    assert read(CoverageShape(), text) == coverage
    assert (
        read(CoverageShape(), str(CoverageShape().write(coverage, WriteContext())).replace("'", ""))
        == coverage
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{product: db, site: x}", "a mapping is not a coverage"),
        ("{prodct: db}", "`prodct` is not a key here"),
        ("{product: []}", "coverage of level `product` has 0 ids"),
        ("db", "`db` is not a coverage"),
    ],
)
def test_coverage_of_two_levels_or_none_is_a_problem(text: str, expected: str) -> None:
    assert read(CoverageShape(), text)[0].startswith(expected)


def test_grants_are_written_until_an_entry_uses_them() -> None:
    account = parse_facts(DOCUMENT).accounts["acme"]
    written = AccountShape().write(account, WriteContext())
    assert "grants" in written  # type: ignore[operator]
    used = account.ledger.post(Reserve(key="R", unit="incidents", amount=1), NOON).ledger
    facts = parse_facts(DOCUMENT)
    moved = type(facts)(
        catalog=facts.catalog,
        policies=facts.policies,
        roster=facts.roster,
        accounts=[type(account)(customer="acme", contracts=account.contracts, ledger=used)],
    )
    text = write_facts(moved)
    assert "kind: reserve" in text
    assert parse_facts(text) == moved


def test_grants_are_issued_at_their_first_instant() -> None:
    late = Grant(id="a", unit="minutes", amount=1, effective="2026-02-01T00:00Z")
    early = Grant(id="b", unit="minutes", amount=2, effective="2026-01-01T00:00Z")
    ledger = ledger_of_grants((late, early))
    assert [each.at for each in ledger.entries] == [early.effective, late.effective]
    assert ledger.available("minutes", NOON) == 3


def test_an_account_has_grants_or_a_ledger() -> None:
    both = DOCUMENT.replace("    grants:", "    ledger: []\n    grants:")
    assert any("`grants` or a `ledger`, not both" in each for each in problems(both))


def test_the_customer_of_a_contract_is_by_default_that_of_the_account() -> None:
    other = DOCUMENT.replace("      - id: C-1", "      - id: C-1\n        customer: globex")
    (problem,) = problems(other)
    assert "no transfer brings it to `acme`" in problem
    moved = "{kind: transfer, id: T-1, contract: C-1, to: acme, at: 2026-01-01T00:00Z}"
    other = other.replace("    changes:\n", f"    changes:\n      - {moved}\n")
    facts = parse_facts(other)
    assert facts.accounts["acme"].contracts[0].customer == "globex"
    assert parse_facts(write_facts(facts)) == facts


@pytest.mark.parametrize("written", ["- id: acme", "- name: acme", '- customer: " acme"'])
def test_an_account_without_its_customer_is_one_problem(written: str) -> None:
    (problem,) = problems(DOCUMENT.replace("- customer: acme", written))
    assert "accounts[0]" in problem


def test_a_corrected_contract_has_the_same_id() -> None:
    contract = DOCUMENT[DOCUMENT.index("      - id: C-1") : DOCUMENT.index("    changes:")]
    second = contract.replace("months: 12", "months: 24\n        recorded: 2026-02-01T00:00Z")
    assert (
        len(parse_facts(DOCUMENT.replace(contract, contract + second)).accounts["acme"].contracts)
        == 2
    )
    assert problems(DOCUMENT.replace(contract, contract + contract.replace("12", "24"))) != []
