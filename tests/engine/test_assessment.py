"""Equal questions give equal answers, and answers can be stored without the account behind them."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import tries
from tests.engine.worlds import contract, facts, request

from entitlements.access import AccountDecider
from entitlements.contracts import Account, Issue, Ledger
from entitlements.contracts.allowances.grants import Grant
from entitlements.engine import Assessment, Engine
from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Roster, Router
from entitlements.testing.strategies.worlds.access import World, worlds

MONDAY_10 = utc("2026-03-02T10:00+01:00")
SATURDAY = utc("2026-03-07T10:00+01:00")
LARGEST = 16_384
"""Bytes of a stored answer in a small world: a decision, what was tried, and the readings."""

QUESTIONS = [
    pytest.param(request(), MONDAY_10, id="granted"),
    pytest.param(request(), SATURDAY, id="deferred"),
    pytest.param(request(contact="mallory"), MONDAY_10, id="denied"),
    pytest.param(request(customer="blox", channel="web"), MONDAY_10, id="prepaid"),
    pytest.param(request(customer="nobody"), MONDAY_10, id="unknown customer"),
]


def stored(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


def contents(answer: Assessment) -> tuple[object, ...]:
    decision = answer.decision
    return (
        answer.to_dict(), answer.explain(), decision.candidates, decision.provenance,
        answer.milestones, [each.warnings for each in answer.milestones],
        None if answer.route is None else answer.route.explain(),
    )  # fmt: skip


@pytest.mark.parametrize(("asked", "at"), QUESTIONS)
def test_equal_questions_give_equal_answers(asked: object, at: object) -> None:
    one, other = (Engine(facts()).assess(asked, at) for _ in range(2))  # type: ignore[arg-type]
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(("asked", "at"), QUESTIONS)
def test_a_stored_answer_says_everything_that_the_answer_said(asked: object, at: object) -> None:
    answer = Engine(facts()).assess(asked, at)  # type: ignore[arg-type]
    again = stored(answer)
    assert again == answer
    assert contents(again) == contents(answer)
    assert len(pickle.dumps(answer)) <= LARGEST
    assert contents(stored(again)) == contents(answer), "and can be stored again"


@pytest.mark.parametrize(("asked", "at"), QUESTIONS)
def test_a_copy_of_an_answer_is_that_answer(asked: object, at: object) -> None:
    answer = Engine(facts()).assess(asked, at)  # type: ignore[arg-type]
    assert copy.copy(answer) == copy.deepcopy(answer) == answer


def test_a_stored_answer_is_no_larger_for_a_longer_ledger_or_more_agents() -> None:
    ledger = Ledger()
    for number in range(300):
        grant = Grant(
            id=f"G-{number}", unit="incidents", amount=1, effective=MONDAY_10 - timedelta(days=9)
        )
        ledger = ledger.post(Issue(key=f"I-{number}", grant=grant), grant.effective).ledger
    account = Account(customer="acme", contracts=[contract("acme", "gold")], ledger=ledger)
    agents = [Agent(id=f"a{number}", groups=["dba"]) for number in range(300)]
    large = Engine(facts(accounts=[account], roster=Roster(agents=agents)))
    small = Engine(facts())
    sizes = [len(pickle.dumps(each.assess(request(), MONDAY_10))) for each in (small, large)]
    assert sizes[1] < sizes[0] + 300 * 25, "an id and a place for everybody considered"


def test_an_answer_of_a_live_router_can_be_stored() -> None:
    answer = Engine(facts()).assess(request(), MONDAY_10, roster=Router(facts().roster))
    again = stored(answer)
    assert again == answer
    assert again.route == answer.route


def test_an_answer_shows_itself_in_a_few_lines() -> None:
    for asked, at in [each.values for each in QUESTIONS]:
        assert len(repr(Engine(facts()).assess(asked, at))) < 1_200  # type: ignore[arg-type]


@given(worlds(), st.data())
@settings(max_examples=tries(8))
def test_decisions_of_any_world_are_values(world: World, data: st.DataObject) -> None:
    asked, at = data.draw(st.sampled_from(world.questions))
    terms = AccountDecider(world.account, world.catalog)
    decision, twin = (terms.decide_at(asked, at) for _ in range(2))
    assert decision == twin
    assert hash(decision) == hash(twin)
    again = stored(decision)
    assert again == decision == copy.deepcopy(decision)
    assert again.candidates == decision.candidates
    assert again.valid_until == decision.valid_until
