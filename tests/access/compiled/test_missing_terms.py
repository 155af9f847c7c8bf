"""A line whose plan, version or calendar is missing gives no access, and stops no other line."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, MONDAY, PLAN, REQUEST, Case

from entitlements.access import Denied, Granted, Reason
from entitlements.access.compiled.missing_terms import lines_with_missing_terms, missing_plan
from entitlements.contracts import Account, Amendment, ContractLine

LEAD = ContractLine(id="1", plan="lead")
BROKEN = [
    pytest.param(LEAD, id="plan"),
    pytest.param(attrs.evolve(LINE, plan_version="9"), id="version"),
    pytest.param(attrs.evolve(LINE, calendars={"desk": "moon"}), id="calendar of a right"),
    pytest.param(attrs.evolve(LINE, calendars={"response": "moon"}), id="calendar of a policy"),
]


def account(line: ContractLine, *more: ContractLine) -> Account:
    """Return an account with one contract of these lines."""
    contract = attrs.evolve(CONTRACT, lines=[line, *more])
    return Account(customer="acme", contracts=[contract])


@pytest.mark.parametrize("line", BROKEN)
def test_its_candidate_fails_for_missing_facts(line: ContractLine) -> None:
    answer = Case(account=account(line)).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.FACTS_MISSING,)
    (candidate,) = answer.candidates
    assert (candidate.contract, candidate.line, candidate.plan) == ("C", "1", line.plan)
    assert (candidate.right, candidate.group) == (None, None)
    assert lines_with_missing_terms(account(line), CATALOG) == {("C", "1")}


@pytest.mark.parametrize("line", BROKEN)
def test_another_line_is_decided_as_if_it_were_alone(line: ContractLine) -> None:
    whole = attrs.evolve(LINE, id="2")
    alone = Case(account=account(whole)).decision
    beside = Case(account=account(line, whole)).decision
    assert isinstance(alone, Granted)
    assert isinstance(beside, Granted)
    assert beside.promise == alone.promise
    assert beside.valid_until == alone.valid_until
    assert lines_with_missing_terms(account(line, whole), CATALOG) == {("C", "1")}


def test_a_version_of_the_line_that_an_amendment_adds_counts() -> None:
    later = MONDAY.date() + timedelta(days=30)
    amendment = Amendment(id="A", contract="C", effective=later, lines=[LEAD])
    amended = attrs.evolve(account(LINE), changes=[amendment])
    answer = Case(account=amended).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.FACTS_MISSING,)


def test_a_calendar_that_the_plan_leaves_to_the_line_is_missing_without_a_binding() -> None:
    plan = attrs.evolve(PLAN, line_calendars=["response"])
    catalog = attrs.evolve(CATALOG, plans=[plan])
    assert lines_with_missing_terms(account(LINE), catalog) == {("C", "1")}
    bound = attrs.evolve(LINE, calendars={"response": "desk"})
    assert lines_with_missing_terms(account(bound), catalog) == frozenset()


def test_other_reasons_against_the_line_are_kept() -> None:
    stranger = attrs.evolve(REQUEST, contact="zoe", product="ghost")
    answer = Case(account=account(LEAD), request=stranger).decision
    assert isinstance(answer, Denied)
    assert answer.reasons == (
        Reason.FACTS_MISSING,
        Reason.CONTACT_NOT_NAMED,
        Reason.PRODUCT_UNKNOWN,
    )


def test_a_missing_plan_has_the_id_that_the_line_names_and_no_rights() -> None:
    plan = missing_plan(attrs.evolve(LEAD, plan_version="3"))
    assert (plan.id, plan.version, plan.rights) == ("lead", "3", ())


def test_the_version_on_sale_when_the_line_was_sold_counts() -> None:
    later = attrs.evolve(PLAN, effective=MONDAY.date())
    catalog = attrs.evolve(CATALOG, plans=[later])
    sold = attrs.evolve(LINE, id="2", sold=MONDAY.date())
    assert lines_with_missing_terms(account(LINE, sold), catalog) == {("C", "1")}
