"""An answer by the best response holds until the order of two due instants is another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Final

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST
from tests.access.validity.uneven import uneven_world
from tests.access.validity.until import compare
from tests.effort import tries

from entitlements.access import AccountDecider, Entitlement, Granted
from entitlements.calendars import BusinessDays, Calendar, HolidaySet, WeekChange
from entitlements.contracts import Account, ContractLine
from entitlements.engine.first_responses import FirstResponses
from entitlements.kernel.instants import utc
from entitlements.sla import ClockOptions, SlaPolicy, Target
from entitlements.testing.strategies.worlds.access import World, world
from entitlements.testing.strategies.worlds.hostile_worlds import hostile_world

SEEDS: Final = tries(6, deep=300)
OFFICE: Final = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
NIGHT: Final = Calendar(zone="America/New_York", week="Mo-Su 18:00-30:00")


def policy(
    within: timedelta | BusinessDays | None,
    hours: Calendar | None = None,
    cut_off: str | None = None,
    landing: str = "closing",
) -> SlaPolicy:
    """Return a policy with this first response."""
    target = Target(
        milestone="first_response",
        within=within,
        calendar=None if hours is None else "hours",
        cut_off=cut_off,
    )
    calendars = {} if hours is None else {"hours": hours}
    options = ClockOptions(landing=landing)
    return SlaPolicy(id="p", calendars=calendars, targets=[target], options=options)


POLICIES: Final = (
    policy(timedelta(hours=1)),
    policy(timedelta(minutes=37), OFFICE),
    policy(timedelta(hours=9, minutes=11), OFFICE, landing="next_opening"),
    policy(timedelta(hours=5), NIGHT),
    policy(timedelta(hours=20)),
    policy(timedelta(hours=2), OFFICE, cut_off="15:00"),
    policy(BusinessDays(1, anchor="end"), OFFICE),
    policy(BusinessDays(1, anchor="same_time"), OFFICE, cut_off="12:00"),
    policy(BusinessDays(2, anchor="start"), NIGHT),
    policy(None),
)


def responses(seed: int) -> FirstResponses:
    """Return first responses by one of the policies for each line."""

    def policy_of(promise: Entitlement) -> SlaPolicy:
        name = f"{promise.contract}/{promise.line}/{promise.plan}/{seed}"
        return POLICIES[sum(map(ord, name)) % len(POLICIES)]

    return FirstResponses(policy_of)


def drawn(seed: int) -> World:
    """Return a world of a seed in which the best response comes first, or second."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    found = (world(random, 4), hostile_world(random, 4), uneven_world(random))[seed // 2 % 3]
    others = [each for each in found.catalog.precedence if each != "best_response"]
    position = seed % 3 // 2
    order = [*others[:position], "best_response", *others[position:]]
    return attrs.evolve(found, catalog=attrs.evolve(found.catalog, precedence=order))


def test_answers_by_the_best_response_hold_exactly_until_they_are_others() -> None:
    reached: Counter[str] = Counter()
    wrong = [
        f"seed {seed}: {each}"
        for seed in range(31_000, 31_000 + SEEDS)
        for each in compare(drawn(seed), 1, reached, responses(seed))
    ]
    assert wrong == []
    assert {each.partition(",")[0] for each in reached} >= {"Granted", "Denied"}


def changed(day: str, week: str) -> Calendar:
    """Return the office, whose week is another from a day on."""
    return attrs.evolve(OFFICE, changes=[WeekChange(day, week)])


COVERED: Final = attrs.evolve(
    OFFICE, holidays=[HolidaySet(holidays=["2026-12-25"], covered=("2026-01-01", "2027-12-31"))]
)
HOUR: Final = timedelta(hours=1)
TEN_DAYS: Final = policy(BusinessDays(10, anchor="end"), OFFICE)


@pytest.mark.parametrize(
    ("better", "worse", "until"),
    [
        pytest.param(policy(HOUR), policy(2 * HOUR), None, id="always an hour before"),
        pytest.param(policy(4 * HOUR, OFFICE), policy(30 * HOUR, OFFICE), None, id="same hours"),
        pytest.param(policy(4 * HOUR, OFFICE), policy(300 * HOUR, NIGHT), None, id="other clocks"),
        pytest.param(policy(4 * HOUR, OFFICE), TEN_DAYS, None, id="business days"),
        pytest.param(policy(4 * HOUR, OFFICE), policy(None), None, id="none promised"),
        # Four hours before it closes for good there is time, a microsecond later never.
        pytest.param(
            policy(4 * HOUR, COVERED),
            TEN_DAYS,
            "2027-12-31T12:00:00.000001Z",
            id="holidays known until then",
        ),
        # Two hours of Friday 30 December 2039 and one each of 4 and 11 January are due before
        # Friday 13 January is over; what lacks a third Wednesday is due on the 18th.
        pytest.param(
            policy(4 * HOUR, changed("2040-01-02", "We 10:00-11:00")),
            TEN_DAYS,
            "2039-12-30T14:00:00.000001Z",
            id="a week that changes decades ahead",
        ),
    ],
)
def test_a_grant_under_the_better_response_ends_when_another_one_is_better(
    better: SlaPolicy, worse: SlaPolicy, until: str | None
) -> None:
    plans = [
        attrs.evolve(PLAN, id=id, rights=[attrs.evolve(PLAN.rights[0], hours=None)]) for id in "ab"
    ]
    contracts = [
        attrs.evolve(CONTRACT, id=id, months=None, lines=[ContractLine(id="1", plan=id)])
        for id in "ab"
    ]
    catalog = attrs.evolve(CATALOG, plans=plans, precedence=["best_response"])
    policies = {"a": better, "b": worse}
    responses = FirstResponses(lambda promise: policies[promise.plan])
    account = Account(customer="acme", contracts=contracts)
    answer = AccountDecider(account, catalog, responses).decide(REQUEST, MONDAY)
    assert isinstance(answer, Granted)
    assert answer.entitlement.contract == "a"
    assert answer.valid_until == (None if until is None else utc(until))
