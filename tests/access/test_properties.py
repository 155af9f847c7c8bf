"""What holds for every decision: the properties E1 to E16, over seeded worlds."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import attrs
import pytest
from tests.access.seeded import (
    accepted,
    answers,
    asked_one_by_one,
    brief,
    some_worlds,
    with_contracts,
)
from tests.access.small import CONTRACT, MONDAY, REQUEST, Case, with_account, with_contract

from entitlements.access import AccountDecider, Denied, Granted, Reason, decide
from entitlements.contracts import (
    Account,
    Block,
    Cancellation,
    Contract,
    ContractLine,
    Coverage,
    Plan,
    Renewal,
)
from entitlements.contracts.account import AccountPart
from entitlements.contracts.records.changes import BlockEffect
from entitlements.kernel.errors import ConflictError, EntitlementsError
from entitlements.kernel.instants import from_micros, utc
from entitlements.testing.strategies.worlds.access import World

TICK = timedelta(microseconds=1)
LATER = utc("2030-01-01T00:00Z")


def shuffled(world: World) -> Account:
    """Return the account with all its records in another order."""
    random, account = Random(1), world.account  # noqa: S311 - a seed has to replay it
    for name in ("contracts", "changes", "delegations", "assets", "cases"):
        records = list(getattr(account, name))
        random.shuffle(records)
        account = attrs.evolve(account, **{name: records})
    return with_contracts(account, lambda each: attrs.evolve(each, lines=each.lines[::-1]))


def plans_said(world: World, **said: object) -> World:
    """Return the world in which all plans say this."""
    plans = [attrs.evolve(plan, **said) for plan in world.catalog.plans]  # type: ignore[arg-type]
    return attrs.evolve(world, catalog=attrs.evolve(world.catalog, plans=plans))


def test_without_a_contract_nothing_is_granted() -> None:
    for world in some_worlds():
        for answer in answers(world, Account(customer="acme")):
            assert isinstance(answer, Denied)
            assert answer.reasons[0] in {Reason.NO_CONTRACT, Reason.CUSTOMER_UNKNOWN}


def test_the_same_question_has_the_same_answer_to_the_byte() -> None:
    for world in some_worlds()[:15]:
        for terms, request, at, answer in asked_one_by_one(world):
            again = decide(request, world.catalog, world.account, from_micros(at))
            assert repr(again) == repr(answer) == repr(terms.decide_at(request, at))
            assert again.candidates == answer.candidates
            assert again == answer


def test_provenance_is_the_same_for_equal_facts() -> None:
    answer, again = Case().decision, Case().decision
    assert answer.provenance == again.provenance
    other = with_contract(months=11).decision.provenance
    assert other.account != answer.provenance.account
    assert other.catalog == answer.provenance.catalog


def test_the_order_of_facts_is_irrelevant() -> None:
    for world in some_worlds():
        assert answers(world, shuffled(world)) == answers(world)


def test_duplicate_facts_are_irrelevant() -> None:
    for world in some_worlds():
        twice = {
            name: 2 * tuple(getattr(world.account, name))
            for name in ("contracts", "changes", "delegations", "assets", "cases")
        }
        assert answers(world, attrs.evolve(world.account, **twice)) == answers(world)


def test_an_unrelated_contract_changes_nothing() -> None:
    elsewhere = ContractLine(
        id="1", plan="gold", plan_version="1", coverage=Coverage(level="product", ids=["no such"])
    )
    for drawn in some_worlds():
        # A line of a plan that an add-on needs is not unrelated, whatever it covers; one that would
        # suspend a default plan is, because it covers nothing that is asked.
        plans = [attrs.evolve(plan, requires_plan=[]) for plan in drawn.catalog.plans]
        world = attrs.evolve(drawn, catalog=attrs.evolve(drawn.catalog, plans=plans))
        other = attrs.evolve(CONTRACT, id="Z", lines=[elsewhere])
        more = attrs.evolve(world.account, contracts=(*world.account.contracts, other))
        before, after = answers(world), answers(world, more)
        assert [accepted(each) for each in after] == [accepted(each) for each in before]


def test_contracts_of_another_customer_are_refused_without_a_transfer() -> None:
    theirs = attrs.evolve(CONTRACT, id="Z", customer="other")
    for world in some_worlds():
        if AccountPart.CHANGES in world.account.unknown:
            continue  # a transfer may be among what could not be loaded
        with pytest.raises(ConflictError, match="no transfer brings it to `acme`"):
            attrs.evolve(world.account, contracts=(*world.account.contracts, theirs))


def test_terms_answer_for_their_own_customer_only() -> None:
    for world in some_worlds():
        terms = AccountDecider(world.account, world.catalog)
        for request, at in world.questions:
            answer = terms.decide_at(attrs.evolve(request, customer="other"), at)
            assert brief(answer) == ("denied", (Reason.CUSTOMER_UNKNOWN,))
            assert (answer.candidates, answer.remedies, answer.valid_until) == ((), (), None)


def test_more_coverage_never_turns_a_grant_into_a_denial() -> None:
    def covered(contract: Contract) -> Contract:
        line = ContractLine(id="Z", plan="silver", plan_version="1")
        return attrs.evolve(contract, lines=(*contract.lines, line))

    for drawn in some_worlds():
        # The line may be of a better plan that suspends a default one.
        plans = [attrs.evolve(plan, suspended_by=[]) for plan in drawn.catalog.plans]
        world = attrs.evolve(drawn, catalog=attrs.evolve(drawn.catalog, plans=plans))
        after = answers(world, with_contracts(world.account, covered))
        for one, other in zip(answers(world), after, strict=True):
            assert isinstance(one, Denied) or not isinstance(other, Denied)


@pytest.mark.parametrize("effects", [["access"], ["consumption"], ["change"], [*BlockEffect]])
def test_a_block_never_turns_a_denial_into_a_grant(effects: list[str]) -> None:
    for world in some_worlds():
        start = from_micros(world.questions[0][1])
        block = Block(id="Z", start=start, end=start + timedelta(days=90), effects=effects)
        after = answers(world, attrs.evolve(world.account, changes=(*world.account.changes, block)))
        for one, other in zip(answers(world), after, strict=True):
            assert isinstance(other, Denied) or not isinstance(one, Denied)


def test_a_lower_severity_than_an_allowed_one_is_allowed() -> None:
    # Where no right is for chosen severities and none may not be opened; else the plan decides.
    for world in some_worlds():
        plans = [
            attrs.evolve(
                plan,
                may_not_open=[],
                opened_by={},
                rights=[attrs.evolve(right, severities=[]) for right in plan.rights],
                allowances=[attrs.evolve(each, severities=[]) for each in plan.allowances],
            )
            for plan in world.catalog.plans
        ]
        level = attrs.evolve(world, catalog=attrs.evolve(world.catalog, plans=plans))
        for terms, request, at, answer in asked_one_by_one(level):
            if not isinstance(answer, Denied):
                lower = attrs.evolve(request, severity="S3")
                assert not isinstance(terms.decide_at(lower, at), Denied)


def test_a_plan_that_gives_more_in_every_cell_allows_at_least_as_much() -> None:
    def better(plan: Plan) -> Plan:
        free = {"severities": [], "channels": [], "products": [], "conditions": []}
        rights = [attrs.evolve(right, hours=None, allowance=None, **free) for right in plan.rights]
        grace = None if plan.grace is None else attrs.evolve(plan.grace, rights=[])
        return attrs.evolve(
            plan,
            rights=rights,
            grace=grace,
            service=None,
            may_not_open=[],
            channels=["phone", "web", "chat"],
            contact_limit=None,
            concurrency=None,
        )

    for world in some_worlds():
        plans = [better(plan) for plan in world.catalog.plans]
        more = attrs.evolve(world, catalog=attrs.evolve(world.catalog, plans=plans))
        for one, other in zip(answers(world), answers(more), strict=True):
            assert isinstance(one, Denied) or isinstance(other, Granted)


def test_facts_that_do_not_hold_now_are_irrelevant_now() -> None:
    for world in some_worlds():
        for _, request, at, answer in asked_one_by_one(world):
            now = from_micros(at)
            kept = {
                "changes": [
                    each
                    for each in world.account.changes
                    if not isinstance(each, Block)
                    or each.extends_term
                    or each.recorded
                    or each.start <= now < (each.end or LATER)
                ],
                "delegations": [
                    each
                    for each in world.account.delegations
                    if each.start <= now < (each.end or LATER)
                ],
            }
            less = attrs.evolve(world.account, **kept)
            assert decide(request, world.catalog, less, now) == answer


def test_facts_recorded_later_were_not_known() -> None:
    for world in some_worlds():
        block = Block(id="Z", start=from_micros(world.questions[0][1]))
        gone = (
            attrs.evolve(world.account.contracts[0], retracted=True)
            if world.account.contracts
            else None
        )
        more = world.account.record(block, LATER)
        more = more if gone is None else more.record(gone, LATER)
        known = LATER - TICK
        assert more.as_known(known) == world.account.as_known(known)
        try:
            before = answers(world, world.account.as_known(MONDAY))
        except EntitlementsError:
            continue  # What was known then did not make sense, as it still does not.
        assert answers(world, more.as_known(MONDAY)) == before


@pytest.mark.parametrize(
    ("at", "granted"),
    [
        pytest.param(utc("2026-03-01T23:00Z") - TICK, False, id="just before the start"),
        pytest.param(utc("2026-03-01T23:00Z"), True, id="the start, by the contract's zone"),
        pytest.param(utc("2026-06-01T22:00Z") - TICK, True, id="the last instant"),
        pytest.param(utc("2026-06-01T22:00Z"), True, id="the first of the term that joins"),
        pytest.param(utc("2026-09-01T22:00Z") - TICK, True, id="the last of that"),
        pytest.param(utc("2026-09-01T22:00Z"), False, id="the first after"),
    ],
)
def test_the_start_is_in_and_the_end_is_out(at: object, *, granted: bool) -> None:
    contract = attrs.evolve(
        CONTRACT,
        zone="Europe/Berlin",
        start=date(2026, 3, 2),
        months=3,
        lines=[ContractLine(id="1", plan="gold")],
    )
    renewal = Renewal(id="N", contract="C", months=3)
    case = with_account(contracts=[contract], changes=[renewal])
    plans = [
        attrs.evolve(plan, rights=[attrs.evolve(plan.rights[0], hours=None)])
        for plan in case.catalog.plans
    ]
    catalog = attrs.evolve(case.catalog, plans=plans)
    answer = decide(REQUEST, catalog, case.account, at)  # type: ignore[arg-type]
    assert isinstance(answer, Granted) is granted


def test_correcting_to_the_same_value_changes_nothing() -> None:
    for world in some_worlds():
        account = world.account
        records = [*account.contracts, *account.delegations, *account.changes]
        for number, each in enumerate(
            sorted(
                records, key=lambda one: one.recorded or MONDAY.min.replace(tzinfo=MONDAY.tzinfo)
            )
        ):
            account = account.record(attrs.evolve(each, recorded=None), LATER + number * TICK)
        assert answers(world, account) == answers(world)


def test_a_back_dated_renewal_closes_the_gap_once_it_is_recorded() -> None:
    signed = utc("2026-04-01T12:00Z")
    renewal = Renewal(id="N", contract="C", kind="back_dated", months=12, recorded=signed)
    account = with_account(contracts=[attrs.evolve(CONTRACT, months=2)], changes=[renewal]).account
    assert account is not None
    catalog = Case().catalog
    in_gap = utc("2026-03-30T10:00Z")
    assert isinstance(decide(REQUEST, catalog, account.as_known(signed), in_gap), Granted)
    then = decide(REQUEST, catalog, account.as_known(signed - TICK), in_gap)
    assert brief(then) == ("denied", (Reason.CONTRACT_EXPIRED,))


def test_a_retracted_cancellation_has_no_effect_once_the_retraction_is_recorded() -> None:
    gone = Cancellation(id="K", contract="C", effective=date(2026, 2, 1), recorded=MONDAY)
    back = attrs.evolve(gone, recorded=MONDAY + TICK, retracted=True)
    never, account = with_account().account, with_account(changes=[gone, back]).account
    assert never is not None
    assert account is not None
    catalog = Case().catalog
    known = account.as_known(MONDAY)
    assert isinstance(decide(REQUEST, catalog, known, MONDAY), Denied)
    for days in range(0, 400, 7):
        at = utc("2025-12-01T10:00Z") + timedelta(days=days)
        assert decide(REQUEST, catalog, account, at) == decide(REQUEST, catalog, never, at)
