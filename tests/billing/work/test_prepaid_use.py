from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from tests.effort import tries

from entitlements.billing.lines import LineKind
from entitlements.billing.work.prepaid_use import prepaid_use
from entitlements.testing.strategies.worlds.billing import (
    CALENDARS,
    BilledWorld,
    billed_worlds,
)


@settings(max_examples=tries(20))
@given(billed_worlds())
def test_work_takes_from_grants_what_its_charge_lines_say(world: BilledWorld) -> None:
    by_line: Counter[tuple[str | None, str | None, bool]] = Counter()
    for line in world.charged():
        if line.units:
            by_line[line.case, line.grant, line.kind is LineKind.OVERAGE] += line.units
    found: Counter[tuple[str | None, str | None, bool]] = Counter()
    for use in prepaid_use(world.logs, world.cases, world.terms, calendars=CALENDARS):
        assert use.grant.effective <= use.at
        found[use.case, use.grant.id, use.is_overage] += use.units
    assert found == by_line


@settings(max_examples=tries(5))
@given(billed_worlds())
def test_work_on_an_unknown_case_takes_nothing(world: BilledWorld) -> None:
    assert prepaid_use(world.logs, [], world.terms, calendars=CALENDARS) == ()
