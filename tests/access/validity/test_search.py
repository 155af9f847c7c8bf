"""Validity of an answer: it ends exactly when the answer changes."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final

import attrs
import pytest
from hypothesis import given, settings
from tests.access.compiled.test_balance_check import after, prepaid
from tests.access.small import (
    CATALOG,
    CONTRACT,
    LINE,
    MONDAY,
    PLAN,
    REQUEST,
    Case,
    with_account,
)
from tests.access.test_precedence import COUNTED
from tests.access.validity.until import compare, run
from tests.access.validity.until import uneven as uneven_of
from tests.effort import tries

from entitlements.access import (
    AccountDecider,
    Decision,
    Deferred,
    Denied,
    Granted,
    Reason,
    RemedyKind,
)
from entitlements.access.validity.all_time import combinations
from entitlements.contracts import (
    Account,
    Allowance,
    Amendment,
    Contract,
    Coverage,
    Cycle,
    Grant,
    Issue,
    OpenCase,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.requests import Request
from entitlements.testing.strategies.worlds.access import World, worlds
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_worlds

SEEDS: Final = tries(24, deep=400)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@settings(max_examples=tries(12))
@given(hostile_worlds())
def test_an_answer_in_a_hostile_world_holds_exactly_until_it_is_another(drawn: World) -> None:
    few = attrs.evolve(drawn, questions=drawn.questions[:2])
    assert compare(few, 3, Counter()) == []


@settings(max_examples=tries(12))
@given(worlds())
def test_an_answer_in_a_small_world_holds_exactly_until_it_is_another(drawn: World) -> None:
    few = attrs.evolve(drawn, questions=drawn.questions[:2])
    assert compare(few, 3, Counter()) == []


def test_a_seeded_loop_finds_exact_ends_of_every_kind_of_answer() -> None:
    reached, wrong = run(SEEDS, 43_000, 3)
    first = 43_000 + SEEDS
    while {each.partition(",")[0] for each in reached} != {"Granted", "Deferred", "Denied"}:
        assert first < 43_100, f"only {set(reached)} is reached"
        more, others = run(6, first, 3)
        reached, wrong, first = reached + more, wrong + others, first + 6
    assert wrong == []
    assert {each.partition(", ")[2] for each in reached} == {"ends", "for good"}


def grant(**said: object) -> Ledger:
    plain = {
        "id": "g",
        "unit": "incidents",
        "amount": 0,
        "effective": MONDAY,
        "pool": pool_id("C", "1", "cases"),
    }
    given = Grant(**{**plain, **said})  # type: ignore[arg-type]
    return Ledger().post(Issue(grant=given), given.effective).ledger


def test_a_denial_ends_when_a_grant_with_room_for_overage_begins() -> None:
    ledger = grant(effective=MONDAY + 3 * DAY, over_use="cap", cap=1)
    ledger = Ledger.of(attrs.evolve(each, at=MONDAY, recorded=MONDAY) for each in ledger.entries)
    answer = prepaid(ledger=ledger, amount=0, over_use="cap", cap=0).decision
    assert isinstance(answer, Denied)
    assert answer.valid_until == MONDAY + 3 * DAY
    assert RemedyKind.WAIT_UNTIL in {each.kind for each in answer.remedies}


def test_a_grant_of_access_ends_when_the_room_for_overage_does() -> None:
    ledger = grant(expires=MONDAY + 3 * DAY, over_use="cap", cap=1)
    answer = prepaid(ledger=ledger, amount=0, over_use="cap", cap=0).decision
    assert isinstance(answer, Granted)
    assert answer.valid_until == MONDAY + 3 * DAY


def test_a_denial_ends_when_a_hold_gives_overage_back() -> None:
    ledger = after(prepaid(amount=0, over_use="cap", cap=1), key="other", duration=2 * DAY)
    answer = prepaid(ledger=ledger, amount=0, over_use="cap", cap=1).decision
    assert isinstance(answer, Denied)
    assert answer.valid_until == MONDAY + 2 * DAY


def test_a_change_without_effect_does_not_end_an_answer() -> None:
    always = attrs.evolve(COUNTED, id="gold")
    contract = attrs.evolve(CONTRACT, months=None)
    account = Account(customer="acme", contracts=[contract])
    answer = AccountDecider(account, attrs.evolve(CATALOG, plans=[always])).decide(REQUEST, MONDAY)
    assert isinstance(answer, Granted)
    assert answer.valid_until is None


def test_a_denied_customer_learns_of_a_month_far_away_though_the_right_has_hours() -> None:
    plan = attrs.evolve(
        CATALOG.plans[0],
        rights=[attrs.evolve(CATALOG.plans[0].rights[0], allowance="cases")],
        allowances=[attrs.evolve(COUNTED.allowances[0], amount=1, recurrence=Cycle("month", 3))],
    )
    account = with_account().account
    assert account is not None
    terms = AccountDecider(account, attrs.evolve(CATALOG, plans=[plan]))
    spent = after(Case(account=account, catalog=terms.catalog))
    answer = terms.with_account(attrs.evolve(account, ledger=spent)).decide(
        attrs.evolve(REQUEST, id="R2"), MONDAY
    )
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.ALLOWANCE_SPENT,)
    waits = [each for each in answer.remedies if each.kind is RemedyKind.WAIT_UNTIL]
    assert [each.at for each in waits] == [utc("2026-04-01T00:00Z")]
    assert isinstance(waits[0].leads_to, Deferred)


def test_cases_count_whenever_they_were_opened_until_they_are_closed() -> None:
    plan = attrs.evolve(CATALOG.plans[0], concurrency=1)
    catalog = attrs.evolve(CATALOG, plans=[plan])
    later = OpenCase(id="K", contract="C", line="1", opened=MONDAY + DAY, closed=MONDAY + 2 * DAY)
    account = with_account(cases=[later]).account
    assert account is not None
    answer = AccountDecider(account, catalog).decide(REQUEST, MONDAY)
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.TOO_MANY_OPEN_CASES,)
    then = account.as_known(MONDAY)
    assert isinstance(AccountDecider(then, catalog).decide(REQUEST, MONDAY), Granted)
    closed = AccountDecider(account, catalog).decide(REQUEST, MONDAY + 2 * DAY)
    assert isinstance(closed, Granted)


def test_support_that_ends_ends_an_answer_without_a_version() -> None:
    product = attrs.evolve(
        CATALOG.products[0],
        versions=[attrs.evolve(CATALOG.products[0].versions[0], end_of_support=date(2026, 3, 2))],
    )
    plan = attrs.evolve(CATALOG.plans[0], rights=[attrs.evolve(COUNTED.rights[0], allowance=None)])
    catalog = attrs.evolve(CATALOG, products=[product], plans=[plan])
    answer = Case(catalog=catalog).decision
    assert isinstance(answer, Granted)
    assert answer.valid_until == utc("2026-03-03T00:00Z")
    assert to_micros(answer.valid_until) > to_micros(MONDAY)


def uneven(
    request: Request = REQUEST,
    contract: Contract | None = None,
    at: datetime = MONDAY,
    **said: Any,
) -> Decision:
    """Return the answer under an allowance whose number of grants changes all the time."""
    stated = {"recurrence": Cycle("month"), "lifetime": Cycle("week", 5), "amount": 1, **said}
    allowance = Allowance(**{"id": "cases", "unit": "incidents", **stated})
    right = attrs.evolve(PLAN.rights[0], hours=stated.pop("hours", None), allowance="cases")
    plan = attrs.evolve(PLAN, allowances=[allowance], rights=[right])
    endless = attrs.evolve(CONTRACT, months=None)
    account = Account(customer="acme", contracts=[contract or endless])
    return AccountDecider(account, attrs.evolve(CATALOG, plans=[plan])).decide(request, at)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="enough in any number"),
        pytest.param({"lifetime": Cycle("month", 5)}, id="a whole number of cycles"),
        pytest.param({"amount": 0, "over_use": "cap", "cap": 1}, id="overage"),
        pytest.param(
            {
                "recurrence": Cycle("week", 2),
                "lifetime": Cycle("month", 2),
                "amount": 0,
                "over_use": "cap",
                "cap": 1,
            },
            id="overage of fortnights",
        ),
    ],
)
def test_grants_that_overlap_unevenly_and_always_give_the_same_hold_for_good(
    said: dict[str, Any],
) -> None:
    """A month of 31 days has grants for four days more than five weeks after it."""
    answer = uneven(**said)
    assert isinstance(answer, Granted)
    assert answer.valid_until is None
    stranger = uneven(attrs.evolve(REQUEST, contact="zoe"), **said)
    assert isinstance(stranger, Denied)
    assert stranger.valid_until is None


def test_where_the_search_ends_an_answer_ends_early_and_not_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One of the answers above, with a bound that one allowance reaches and not only ten."""
    monkeypatch.setattr(combinations, "MAX_LOOKED_AT", 1_500)
    at = MONDAY
    for _ in range(3):
        answer = uneven(at=at, amount=0, over_use="cap", cap=1)
        assert isinstance(answer, Granted)
        assert answer.valid_until is not None
        assert answer.valid_until > at
        at = answer.valid_until


def test_terms_that_renew_themselves_do_not_end_an_answer() -> None:
    tacit = attrs.evolve(CONTRACT, renewal=RenewalTerms(months=12))
    assert uneven(contract=tacit).valid_until is None
    assert uneven(contract=tacit, lifetime=None).valid_until is None


@pytest.mark.parametrize("before", [0, 5])
def test_a_right_whose_cover_widens_gives_way_in_the_morning(before: int) -> None:
    """Up to then its line changed places month by month, and stayed the narrower one."""
    group = Coverage(level="product_group", ids=["systems"])
    product = Coverage(level="product", ids=["db"])
    plan = attrs.evolve(PLAN, id="always", rights=[attrs.evolve(PLAN.rights[0], hours=None)])
    line = attrs.evolve(LINE, plan="always", coverage=product)
    covers = [(group, product)[number % 2] for number in range(before)]
    changes = [
        Amendment(
            id=f"A{number}",
            contract="N",
            effective=date(2026, 4 + number, 1),
            lines=[attrs.evolve(line, coverage=cover)],
        )
        for number, cover in enumerate([*covers, Coverage()])
    ]
    endless = attrs.evolve(CONTRACT, months=None)
    contracts = [endless, attrs.evolve(endless, id="N", lines=[line])]
    products = [attrs.evolve(CATALOG.products[0], groups=["systems"])]
    catalog = attrs.evolve(
        CATALOG, plans=[PLAN, plan], products=products, precedence=["most_specific"]
    )
    account = Account(customer="acme", contracts=contracts, changes=changes)
    answer = AccountDecider(account, catalog).decide(REQUEST, utc("2026-03-02T20:00Z"))
    assert isinstance(answer, Granted)
    assert answer.entitlement.contract == "N"
    assert answer.valid_until == utc("2026-09-01T09:00Z" if before else "2026-04-01T09:00Z")


def test_an_answer_waits_for_a_day_decades_away() -> None:
    """Every fourteen years a grant begins, and the one before it ends a month later."""
    plan = attrs.evolve(
        PLAN,
        allowances=[
            Allowance(
                id="cases",
                unit="incidents",
                amount=1,
                cost=2,
                recurrence=Cycle("month", 7 * 24),
                lifetime=Cycle("month", 7 * 24 + 1),
            )
        ],
        rights=[attrs.evolve(PLAN.rights[0], allowance="cases")],
    )
    contract = attrs.evolve(CONTRACT, months=None)
    account = Account(customer="acme", contracts=[contract])
    answer = AccountDecider(account, attrs.evolve(CATALOG, plans=[plan])).decide(REQUEST, MONDAY)
    assert isinstance(answer, Denied)
    (wait,) = [each for each in answer.remedies if each.kind is RemedyKind.WAIT_UNTIL]
    assert wait.at == utc("2040-01-01T00:00Z")
    assert isinstance(wait.leads_to, Deferred)


def test_a_seeded_loop_finds_exact_ends_of_answers_about_uneven_grants() -> None:
    reached, wrong = run(tries(8, deep=150), 71_000, 1, uneven_of)
    assert wrong == []
    assert {each.partition(",")[0] for each in reached} >= {"Granted", "Denied"}
    assert {each.partition(", ")[2] for each in reached} == {"ends", "for good"}
