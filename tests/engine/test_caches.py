"""What an engine keeps: shared by what is alike, found again, and never more than its bound."""

from __future__ import annotations

from datetime import timedelta

import attrs
from tests.engine.worlds import PREPAID, contract, facts, request

from entitlements.access import ChargeKind
from entitlements.contracts import Account, Allowance, Ledger, OpenCase, Reserve
from entitlements.engine import Engine
from entitlements.kernel.instants import utc

AT = utc("2026-03-02T10:00+01:00")


def world(allowance: Allowance, account: Account) -> Engine:
    plan = attrs.evolve(PREPAID, allowances=[allowance])
    catalog = attrs.evolve(facts().catalog, plans=[facts().catalog.plans[0], plan])
    return Engine(facts(catalog=catalog, accounts=[account]))


def prepared(engine: Engine) -> int:
    return len(engine._prepared)  # noqa: SLF001 - memory has no other sign


def kept(engine: Engine) -> int:
    return engine._deciders.held  # noqa: SLF001 - memory has no other sign


def test_promises_of_overage_are_prepared_once() -> None:
    allowance = Allowance(id="cases", unit="incidents", amount=0, over_use="allow_with_consent")
    engine = world(allowance, Account(customer="blox", contracts=[contract("blox", "prepaid")]))
    for number in range(200):
        asked = request(id=f"R-{number}", customer="blox", channel="web")
        answer = engine.assess(asked, AT)
        assert answer.charge is not None
        assert answer.charge.kind is ChargeKind.OVERAGE
    assert prepared(engine) == 1


def test_promises_of_a_warranty_are_prepared_once() -> None:
    allowance = Allowance(id="cases", unit="incidents", amount=5, warranty=timedelta(days=30))
    case = OpenCase(id="R-0", contract="C-blox", line="1", opened=AT - timedelta(days=2), closed=AT)
    account = Account(customer="blox", contracts=[contract("blox", "prepaid")], cases=[case])
    engine = world(allowance, account)
    for number in range(1, 200):
        asked = request(id=f"R-{number}", customer="blox", channel="web", follows="R-0")
        engine.assess(asked, AT + timedelta(minutes=number))
    assert prepared(engine) == 1


def test_customers_with_equal_promises_share_what_is_prepared() -> None:
    accounts = [Account(customer=f"c{n}", contracts=[contract(f"c{n}", "gold")]) for n in range(50)]
    engine = Engine(facts(accounts=accounts))
    for account in accounts:
        engine.assess(request(customer=account.customer), AT)
    assert prepared(engine) == 1


def test_a_question_asked_again_adds_nothing() -> None:
    engine = Engine(facts())
    sizes = []
    for minutes in (0, 1, 2, 60):
        engine.assess(request(), AT + timedelta(minutes=minutes))
        sizes.append((kept(engine), prepared(engine)))
    assert len(set(sizes)) == 1


def test_all_accounts_together_stay_within_one_bound() -> None:
    accounts = [Account(customer=f"c{n}", contracts=[contract(f"c{n}", "gold")]) for n in range(99)]
    engine = Engine(facts(accounts=accounts), keep=500)
    for contact in range(20):
        for account in accounts:
            engine.assess(request(customer=account.customer, contact=f"p{contact}"), AT)
            assert kept(engine) <= 500


def test_one_account_asked_in_many_ways_stays_within_the_bound_too() -> None:
    engine = Engine(facts(), keep=500)
    for number in range(2_000):
        engine.assess(request(contact=f"p{number}", conditions=[f"c{number}"]), AT)
        assert kept(engine) <= 500


def test_what_was_dropped_is_answered_the_same_again() -> None:
    accounts = [Account(customer=f"c{n}", contracts=[contract(f"c{n}", "gold")]) for n in range(30)]
    world = facts(accounts=accounts)
    small, large = Engine(world, keep=20), Engine(world)
    for _ in range(3):
        for account in accounts:
            asked = request(customer=account.customer)
            assert small.assess(asked, AT).to_dict() == large.assess(asked, AT).to_dict()


def test_overage_is_tried_under_no_key_that_an_entry_can_have() -> None:
    ledger = Ledger()
    engine = world(
        Allowance(id="cases", unit="incidents", amount=0, over_use="allow_with_consent"),
        Account(customer="blox", contracts=[contract("blox", "prepaid")], ledger=ledger),
    )
    asked = request(id="0", customer="blox", channel="web")
    first = engine.assess(asked, AT)
    numbered = [Reserve(key=str(n), unit="incidents", amount=1) for n in range(100)]
    for command in numbered:
        ledger = ledger.post(command, AT - timedelta(days=1)).ledger
    account = Account(customer="blox", contracts=[contract("blox", "prepaid")], ledger=ledger)
    later = engine.assess(attrs.evolve(asked, id="R-1"), AT, account=account)
    assert first.charge == later.charge
