from __future__ import annotations

from tests.billing.fees_by_days import run
from tests.effort import tries


def test_fees_and_credits_are_those_that_are_counted_day_by_day() -> None:
    compared, wrong = run(tries(40), 1_000)
    assert wrong == []
    assert min(compared["fees"], compared["credits"]) > 100
