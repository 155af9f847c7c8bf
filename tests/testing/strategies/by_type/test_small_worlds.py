"""Small worlds hold together: requests name what is in the facts, and answers are as asked for."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from hypothesis import find, given, settings
from hypothesis import strategies as st
from tests.testing.strategies.by_type.test_value_classes import anything

from entitlements.access import Deferred, Denied, Granted
from entitlements.engine import Facts
from entitlements.testing.strategies.by_type import facts, requests
from entitlements.testing.strategies.by_type.small_worlds import (
    deferred,
    denied,
    granted,
    policies,
    routes,
)


def is_a(name: str, value: object) -> bool:
    return type(value).__name__ == name


FEW = settings(max_examples=15, deadline=None, database=None)


@FEW
@given(st.data())
def test_requests_have_names_of_the_facts_or_one_that_they_do_not_have(data: st.DataObject) -> None:
    known = data.draw(facts())
    asked = data.draw(requests(known))
    assert asked.customer in {*known.accounts, "unknown"}
    assert asked.product in {*(each.id for each in known.catalog.products), "unknown"}


def test_the_smallest_facts_have_one_plan_and_one_customer() -> None:
    once = settings(database=None, max_examples=20)
    found: Facts = find(facts(), anything, settings=once)
    assert len(found.catalog.plans) == len(found.accounts) == len(found.roster.agents) == 1


@FEW
@given(granted(), deferred(), denied())
def test_decisions_are_of_the_kind_that_was_asked_for(
    first: Granted, second: Deferred, third: Denied
) -> None:
    assert first.group == second.group == "dba"
    assert second.opens_at > second.at
    assert third.reasons


def test_the_smallest_policy_promises_a_first_response_in_an_hour() -> None:
    found = find(policies(), anything, settings=settings(database=None, max_examples=50))
    (target,) = found.targets
    assert (target.milestone, target.within) == ("first_response", timedelta(hours=1))


def test_work_is_assigned_waits_or_cannot_be_routed() -> None:
    for kind in ("Assigned", "Waiting", "Unroutable"):
        chosen = settings(database=None, max_examples=500)
        found = find(routes(), partial(is_a, kind), settings=chosen)
        assert type(found).__name__ == kind
