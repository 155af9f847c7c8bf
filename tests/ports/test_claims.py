"""Claims: by what the work of a queue order is claimed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.ports.claims import claim_order
from entitlements.routing import (
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    STRICT_RANK,
    DelayRatio,
    FixedRatio,
    GuardedDeadline,
    MarginalCost,
    QueueOrder,
    RankPlusDelay,
    linear_ageing,
    preference_order,
    strict_rank,
)
from entitlements.routing.work.queue_order import LAST_IN_FIRST_OUT, KeyedOrder


@pytest.mark.parametrize(
    ("order", "by"),
    [
        (GuardedDeadline(due_after=timedelta(hours=1)), "deadline"),
        (EARLIEST_DEADLINE, "deadline"),
        (STRICT_RANK, "opening"),
        (FIRST_IN_FIRST_OUT, "opening"),
        (linear_ageing({0: timedelta(hours=1)}), "opening"),
        (RankPlusDelay({1: timedelta(hours=1)}), "opening"),
        (DelayRatio(), "opening"),
        (MarginalCost({0: 1}), "opening"),
        (strict_rank("requested"), "whole"),
        (FixedRatio({0: 1}), "whole"),
        (LAST_IN_FIRST_OUT, "whole"),
        (preference_order({"db": 1}), "whole"),
        (KeyedOrder("own", lambda work: (len(work.id),)), "whole"),
    ],
)
def test_work_is_claimed_by_what_its_order_needs(order: QueueOrder, by: str) -> None:
    assert claim_order(order) == by
