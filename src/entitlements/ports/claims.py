"""Claims of waiting work: as much of a queue as its order needs, to find the first pieces.

A queue order compares the first work of every rank, so the first `n` pieces of every rank include
the first `n` of the queue, whatever the instant. Within a rank, most orders go by the deadline or
by the opening, which stores sort by; for the others, the whole queue is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from entitlements.kernel.instants import to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.ports.records import WorkItem
from entitlements.routing.work.keyed_orders import HeadStart
from entitlements.routing.work.queue_order import (
    EARLIEST_DEADLINE,
    GuardedDeadline,
    KeyedOrder,
    QueueOrder,
    RankThenWait,
    by_opening,
)
from entitlements.routing.work.rank_orders import DelayRatio, MarginalCost, RankPlusDelay
from entitlements.routing.work.relaxation import RelaxationStart


class ClaimOrder(TextEnum):
    """The order within each rank by which work is claimed.

    `deadline` counts work with and without a deadline separately, because an order may give work
    without one a time of its own. `whole` claims the whole queue of a group.
    """

    DEADLINE = "deadline"
    OPENING = "opening"
    WHOLE = "whole"


def claim_order(order: QueueOrder) -> ClaimOrder:
    """Return by what to claim work for a queue order.

    >>> claim_order(GuardedDeadline()).value, claim_order(RankPlusDelay({})).value
    ('deadline', 'opening')
    """
    if isinstance(order, GuardedDeadline) or order == EARLIEST_DEADLINE:
        return ClaimOrder.DEADLINE
    if isinstance(order, RankPlusDelay | DelayRatio | MarginalCost):
        return ClaimOrder.OPENING
    key = order.key if isinstance(order, KeyedOrder) else None
    if isinstance(key, RankThenWait | HeadStart):
        by_wait = key.since is RelaxationStart.OPENED
        return ClaimOrder.OPENING if by_wait else ClaimOrder.WHOLE
    return ClaimOrder.OPENING if key is by_opening else ClaimOrder.WHOLE


def first_of_ranks(items: Iterable[WorkItem], most: int, by: ClaimOrder) -> tuple[WorkItem, ...]:
    """Return the first `most` items of every rank, or all of them, by `WorkItem.queue_key`."""
    ordered = sorted(items, key=lambda each: each.queue_key)
    if by is ClaimOrder.WHOLE or len(ordered) <= most:
        return tuple(ordered)
    if by is ClaimOrder.OPENING:
        by_age = sorted(ordered, key=lambda each: (to_micros(each.work.opened), each.id))
        kept = {each.id for each in _first(by_age, most, by)}
        return tuple(each for each in ordered if each.id in kept)
    return tuple(_first(ordered, most, by))


def is_cut(items: Sequence[WorkItem], most: int, by: ClaimOrder) -> bool:
    """Return whether a rank has more than `most` of these items."""
    if by is ClaimOrder.WHOLE or len(items) <= most:
        return False
    return max(Counter(_class(each, by) for each in items).values()) > most


def _first(items: Iterable[WorkItem], most: int, by: ClaimOrder) -> Iterable[WorkItem]:
    counts = Counter[tuple[int, bool]]()
    for each in items:
        counts[_class(each, by)] += 1
        if counts[_class(each, by)] <= most:
            yield each


def _class(item: WorkItem, by: ClaimOrder) -> tuple[int, bool]:
    return item.work.rank, by is ClaimOrder.DEADLINE and item.work.due is not None
