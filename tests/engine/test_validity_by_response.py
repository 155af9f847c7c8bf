"""An answer by the best response holds until the order of two due instants is another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Final

import attrs
from tests.access.validity.until import compare
from tests.effort import tries

from entitlements.access import Entitlement
from entitlements.calendars import BusinessDays, Calendar
from entitlements.engine.first_responses import FirstResponses
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
    found = hostile_world(random, 4) if seed % 2 else world(random, 4)
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
