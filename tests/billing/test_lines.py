from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import given

from entitlements.kernel import utc
from entitlements.testing.strategies.worlds.billing import BilledWorld, billed_worlds


@given(billed_worlds())
def test_the_lines_of_one_log_have_one_key_and_others_have_others(world: BilledWorld) -> None:
    lines = world.charged()
    assert len({each.key for each in lines}) == len({each.source for each in lines})


@given(billed_worlds())
def test_a_line_says_by_how_much_rounding_changed_its_time(world: BilledWorld) -> None:
    for each in world.charged():
        assert each.worked + each.rounded_by == each.billed


def test_a_period_has_a_key_of_its_own() -> None:
    from tests.billing.test_sheet import FEE, fee_of_march  # noqa: PLC0415 - its line is used here

    (line,) = fee_of_march()
    later = attrs.evolve(line, start=line.end, end=utc(line.end + timedelta(days=30)))
    assert line.key != later.key
    assert line.source == later.source == FEE.id
