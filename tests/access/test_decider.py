"""The decider answers, explains, and computes how long the answer is valid."""

from datetime import date, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.small import (
    CASES,
    CATALOG,
    MONDAY,
    REQUEST,
    Case,
    with_account,
    with_contract,
    with_plan,
    with_product,
)

from entitlements.access import AccountDecider, Denied, Granted, decide
from entitlements.contracts import (
    Account,
    Delegation,
    Grace,
    Grant,
    Issue,
    LifeCycle,
    OpenCase,
    ProductVersion,
)
from entitlements.contracts.ledger.counted_cases import CountedCases
from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros, utc
from entitlements.testing.strategies.worlds.access import World, worlds

HOUR = timedelta(hours=1)


def terms(**said: object) -> AccountDecider:
    """Return the decider of the small world's account, with these fields changed."""
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


@given(worlds(), st.data())
def test_a_decider_of_an_account_that_has_grown_decides_as_a_new_one_does(
    world: World, data: st.DataObject
) -> None:
    account, catalog = world.account, world.catalog
    known = data.draw(st.integers(0, len(account.ledger)))
    opened = data.draw(st.integers(0, len(account.cases)))
    before = account.with_ledger(Ledger.of(account.ledger.entries[:known]))
    decider = AccountDecider(copy_with(before, cases=CountedCases(account.cases[:opened])), catalog)
    for request, at in world.questions:
        decider.decide_at(request, at)
    grown, new = decider.with_account(account), AccountDecider(account, catalog)
    for request, at in world.questions:
        assert grown.decide_at(request, at) == new.decide_at(request, at)
        assert grown.candidates(request, at) == new.candidates(request, at)
    assert grown.histories is decider.histories


def test_a_decider_of_an_account_with_other_records_shares_nothing() -> None:
    decider = terms()
    same = decider.account.with_ledger(Ledger())
    assert decider.with_account(same).histories is decider.histories
    contracts = tuple(attrs.evolve(each, months=1) for each in same.contracts)
    other = decider.with_account(attrs.evolve(same, contracts=contracts))
    assert other.histories is not decider.histories


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


def test_a_past_balance_follows_from_the_entries() -> None:
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


def warned(case: Case, at: str, version: str | None = None) -> list[tuple[str, str]]:
    """Return what a customer with access is warned of at an instant, with the day it happens."""
    request = attrs.evolve(case.request, version=version)
    answer = attrs.evolve(case, request=request, at=utc(at)).decision
    assert not isinstance(answer, Denied)
    return [(each.kind.value, f"{each.at:%m-%d %H:%M}") for each in answer.warnings]


def test_a_term_that_ends_within_thirty_days_is_a_warning() -> None:
    case = with_contract(months=3)
    assert warned(case, "2026-03-01T23:59:59.999999Z") == []
    assert warned(case, "2026-03-02T00:00Z") == [("expires_soon", "04-01 00:00")]


def test_grace_is_a_warning_that_says_when_the_grace_ends() -> None:
    case = attrs.evolve(with_plan(grace=Grace(days=40)), account=with_contract(months=2).account)
    assert warned(case, "2026-02-28T23:59Z") == [("expires_soon", "03-01 00:00")]
    assert warned(case, "2026-03-02T10:00Z") == [("in_grace", "04-10 00:00")]


def versions(**ends: date | None) -> dict[str, object]:
    """Return what a product says with versions `v1` and so on, whose support ends on these days."""
    return {"versions": [ProductVersion(id=id, end_of_support=end) for id, end in ends.items()]}


def supported(until: date) -> dict[str, object]:
    """Return what a product says that is supported until a day."""
    return {"life_cycle": LifeCycle(end_of_support=until)}


@pytest.mark.parametrize(
    ("product", "version", "day"),
    [
        pytest.param(supported(date(2026, 5, 30)), None, "05-31", id="ninety days"),
        pytest.param(supported(date(2026, 5, 31)), None, None, id="a day more"),
        pytest.param(versions(v1=date(2026, 5, 30), v2=None), "v1", "05-31", id="its version"),
        pytest.param(versions(v1=date(2026, 5, 30), v2=None), "v2", None, id="another version"),
        pytest.param(
            versions(v1=date(2026, 7, 1), v2=date(2026, 4, 9)), None, "04-10", id="one of them"
        ),
        pytest.param(
            versions(v1=date(2026, 7, 1), v2=date(2026, 4, 9)), "v1", None, id="not that one"
        ),
    ],
)
def test_support_that_ends_within_ninety_days_is_a_warning(
    product: dict[str, object], version: str | None, day: str | None
) -> None:
    """A version that is not stated may be the one whose support ends first."""
    expected = [] if day is None else [("support_ends_soon", f"{day} 00:00")]
    assert warned(with_product(**product), "2026-03-02T00:00Z", version) == expected
