"""Terms answer, explain, and say how long the answer stands."""

from datetime import datetime, timedelta

import attrs
import pytest
from tests.access.small import CASES, CATALOG, MONDAY, REQUEST, with_account, with_plan

from entitlements.access import AccountDecider, Denied, Granted, decide
from entitlements.contracts import Account, Delegation, Grant, Issue, OpenCase
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros, utc

HOUR = timedelta(hours=1)


def terms(**said: object) -> AccountDecider:
    """Return the terms of the small world's account, but for this."""
    return AccountDecider(with_account(**said).account, CATALOG)


def test_one_call_and_kept_terms_agree() -> None:
    kept = terms()
    assert kept.decide(REQUEST, MONDAY) == decide(REQUEST, CATALOG, kept.account, MONDAY)
    assert kept.decide_at(REQUEST, to_micros(MONDAY)) == kept.decide(REQUEST, MONDAY)
    assert kept.catalog is CATALOG
    assert [each.line for each in kept.histories] == ["1"]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no time zone"):
        terms().decide(REQUEST, datetime(2026, 3, 2, 10))  # noqa: DTZ001 - that is the point


def test_terms_of_other_records_share_the_catalog() -> None:
    other = terms().with_account(Account(customer="acme"))
    assert isinstance(other.decide(REQUEST, MONDAY), Denied)
    assert other.catalog is CATALOG


@pytest.mark.parametrize(
    ("said", "until"),
    [
        pytest.param({}, "2026-03-02T17:00Z", id="the desk closes"),
        pytest.param(
            {
                "delegations": [
                    Delegation(
                        id="D", contract="C", giver="emil", receiver="zoe", start=MONDAY + HOUR
                    )
                ]
            },
            "2026-03-02T17:00Z",
            id="a delegation of others begins",
        ),
    ],
)
def test_an_answer_stands_until_a_fact_it_read_changes(said: dict[str, object], until: str) -> None:
    assert terms(**said).decide(REQUEST, MONDAY).valid_until == utc(until)


def test_a_delegate_is_asked_again_when_the_delegation_ends() -> None:
    link = Delegation(
        id="D", contract="C", giver="dana", receiver="zoe", start=MONDAY - HOUR, end=MONDAY + HOUR
    )
    asked = attrs.evolve(REQUEST, contact="zoe")
    answer = terms(delegations=[link]).decide(asked, MONDAY)
    assert isinstance(answer, Granted)
    assert answer.valid_until == MONDAY + HOUR


def test_the_digest_of_an_account_is_that_of_its_facts() -> None:
    cases = [OpenCase(id=id, contract="C", line="1", opened=MONDAY) for id in "AB"]
    one, other = (terms(cases=each).decide(REQUEST, MONDAY) for each in (cases, cases[::-1]))
    assert one.provenance.account == other.provenance.account
    less = terms(cases=cases[:1]).decide(REQUEST, MONDAY)
    assert less.provenance.account != one.provenance.account


def test_the_past_of_a_ledger_is_told_by_its_entries() -> None:
    grant = Grant(
        id="G", unit="incidents", amount=1, effective=MONDAY - HOUR, pool=pool_id("C", "1", "cases")
    )
    ledger = Ledger().post(Issue(grant=grant), MONDAY - HOUR).ledger
    hold = Reserve(key="K", unit="incidents", amount=1, pools=(pool_id("C", "1", "cases"),))
    ledger = ledger.post(hold, MONDAY + HOUR).ledger
    counted = with_plan(
        rights=[attrs.evolve(CATALOG.plans[0].rights[0], allowance="cases")], allowances=[CASES]
    )
    answer = AccountDecider(with_account(ledger=ledger).account, counted.catalog).decide(
        REQUEST, MONDAY
    )
    assert isinstance(answer, Granted)
    assert answer.valid_until == MONDAY + HOUR
