"""Queue orders: exact sequences, and late work by rank under high load."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Requirement, Roster, Router, Work
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.work.keyed_orders import (
    first_match_order,
    linear_ageing,
    preference_order,
)
from entitlements.routing.work.queue_order import (
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    LAST_IN_FIRST_OUT,
    STRICT_RANK,
    GuardedDeadline,
    QueueOrder,
)
from entitlements.routing.work.rank_orders import (
    DelayRatio,
    FixedRatio,
    MarginalCost,
    RankPlusDelay,
)
from entitlements.testing.strategies.routing import instants, works

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


def work(id: str, opened: int = 0, rank: int = 0, due: int | None = None, group: str = "") -> Work:
    """Return work opened and due some minutes after nine."""
    return Work(
        id=id,
        opened=NINE + opened * MINUTE,
        rank=rank,
        due=None if due is None else NINE + due * MINUTE,
        requires=Requirement(groups=[group] if group else []),
    )


def served(order: QueueOrder, batch: list[Work], minute: int = 0, already: int = 0) -> str:
    """Return the ids in the order in which work is served at one instant."""
    names, left = [], list(batch)
    while left:
        counts = Counter(each.rank for each in left)
        first = order.first(left, NINE + minute * MINUTE, already + len(names), counts)
        if first is None:
            break
        left.remove(first)
        names.append(first.id)
    return "".join(names)


GOLD, LATE_IRON, IRON = work("g", 5, 0, 90), work("l", 1, 2, 10), work("i", 2, 2, 60)


@pytest.mark.parametrize(
    ("order", "minute", "expected"),
    [
        pytest.param(GuardedDeadline(), 10, "lig", id="at its due instant nothing is late yet"),
        pytest.param(GuardedDeadline(), 11, "gli", id="one is late: best rank first"),
        pytest.param(GuardedDeadline(relief=1), 11, "lig", id="relief at every choice"),
        pytest.param(STRICT_RANK, 11, "gli", id="strict rank"),
        pytest.param(FIRST_IN_FIRST_OUT, 11, "lig", id="first in, first out"),
        pytest.param(LAST_IN_FIRST_OUT, 11, "gil", id="last in, first out"),
        pytest.param(EARLIEST_DEADLINE, 11, "lig", id="earliest deadline"),
        pytest.param(linear_ageing({0: 3 * MINUTE}), 11, "lgi", id="a head start of three"),
        pytest.param(linear_ageing({0: 5 * MINUTE}), 11, "gli", id="a head start of five"),
        pytest.param(RankPlusDelay({0: 20 * MINUTE}), 11, "li", id="gold is not seen yet"),
        pytest.param(RankPlusDelay({0: 20 * MINUTE}), 25, "gli", id="gold is seen"),
        pytest.param(FixedRatio({0: 1, 2: 9}), 11, "gli", id="gold is over its tenth"),
        pytest.param(FixedRatio({0: 9, 2: 1}), 11, "lig", id="iron is over its tenth"),
        pytest.param(DelayRatio(), 11, "lig", id="most of the target used up"),
        pytest.param(MarginalCost({0: 9, 2: 1}), 11, "gli", id="gold is dear"),
        pytest.param(MarginalCost({0: 1, 2: 1}), 11, "lig", id="all cost the same"),
        pytest.param(
            first_match_order(lambda each: each.id == "i"), 11, "ilg", id="a rule, then the rest"
        ),
    ],
)
def test_each_order_serves_three_pieces_as_its_table_says(
    order: QueueOrder, minute: int, expected: str
) -> None:
    assert served(order, [GOLD, IRON, LATE_IRON], minute) == expected


def test_every_eighth_choice_goes_to_the_most_overdue() -> None:
    # Twelve gold and one iron, all late; iron has been late longest.
    batch = [work("i", 0, 2, 1), *(work(c, n, 0, 30 + n) for n, c in enumerate("abcdefghjklm"))]
    assert served(GuardedDeadline(relief=8), batch, 999) == "abcdefgihjklm"
    assert served(GuardedDeadline(relief=None), batch, 999) == "abcdefghjklmi"


def test_work_without_a_deadline_is_due_a_while_after_its_opening() -> None:
    order = GuardedDeadline(due_after=10 * MINUTE)
    assert served(order, [work("a", 0, 2), work("b", 0, 0, 9), work("c", 0, 0, 11)]) == "bac"


def test_preferred_groups_are_served_first() -> None:
    order = preference_order({"db": 1, "net": 2})
    batch = [work("n", 0, group="net"), work("d", 5, group="db"), work("x", 0, group="other")]
    assert served(order, batch) == "dnx"


ORDERS = [
    GuardedDeadline(),
    GuardedDeadline(relief=2),
    STRICT_RANK,
    FIRST_IN_FIRST_OUT,
    EARLIEST_DEADLINE,
    RankPlusDelay({1: timedelta(days=2)}),
    FixedRatio({0: 1, 1: 2, 2: 3}),
    MarginalCost({0: 3, 1: 2}),
    linear_ageing({0: timedelta(days=1)}),
]


@given(st.lists(works(), max_size=8), st.sampled_from(ORDERS), instants(), st.integers(0, 9))
def test_a_backlog_serves_in_the_order_of_all_that_waits(
    batch: list[Work], order: QueueOrder, at: datetime, already: int
) -> None:
    left = [each for n, each in enumerate(batch) if each.id not in {b.id for b in batch[:n]}]
    backlog = Backlog(order, served=already)
    for each in left:
        backlog.add(each)
    left = [attrs.evolve(each, requires=Requirement(), excluded_agents=()) for each in left]
    router = Router(Roster(agents=[Agent(id="ada")]))
    for each in left:
        backlog.replace(each)
    while True:
        counts = Counter(each.rank for each in left)
        expected = order.first(left, at, backlog.served, counts)
        found = backlog.drain(router, at, limit=1)
        assert [each.work for each in found] == ([] if expected is None else [expected.id])
        if expected is None:
            break
        left.remove(expected)
    assert len(backlog) == len(left)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), min_size=2, max_size=40))
def test_no_work_waits_longer_than_the_bound_of_its_order(pairs: list[tuple[int, int]]) -> None:
    relief = 4
    batch = [work(f"{n:02}", 0, rank, due) for n, (rank, due) in enumerate(pairs)]
    order, left, at = GuardedDeadline(relief=relief), list(batch), NINE + 60 * MINUTE
    for choice in range(len(batch)):
        first = order.first(left, at, choice, {})
        assert first is not None
        left.remove(first)
        earlier = sum(order.within(each) < order.within(first) for each in batch)
        assert choice < relief * (earlier + 1)


# -- what orders do to ranks: three ranks, one server, Poisson arrivals --------------------------

SHARES = (0.1, 0.3, 0.6)
TARGETS = (0.25, 1.0, 4.0)
SERVICE = timedelta(hours=1)


def breaches(order: QueueOrder, load: float, seed: int, items: int) -> tuple[list[float], float]:
    """Return the share of late starts for each rank, and over all, of a queue before 20 agents."""
    chance = Random(seed)  # noqa: S311 - reproducible on purpose
    servers, now, arrivals = 20, 0.0, []
    for _ in range(items):
        now += chance.expovariate(load * servers)
        arrivals.append((now, chance.choices((0, 1, 2), SHARES)[0], chance.expovariate(1.0)))
    lines: dict[int, list[tuple[float, int]]] = {0: [], 1: [], 2: []}
    free = [0.0] * servers
    late, seen, n, count = [0, 0, 0], [0, 0, 0], 0, 0
    while n < items or any(lines.values()):
        start = heapq.heappop(free)
        waiting = any(lines.values())
        if not waiting and arrivals[n][0] > start:
            start = arrivals[n][0]
        while n < items and arrivals[n][0] <= start:
            opened, rank, _ = arrivals[n]
            heapq.heappush(lines[rank], (opened, n))
            n += 1
        heads = {}
        for rank, line in lines.items():
            if line:
                opened, number = line[0]
                heads[number] = Work(
                    id=str(number),
                    opened=NINE + opened * SERVICE,
                    rank=rank,
                    due=NINE + (opened + TARGETS[rank]) * SERVICE,
                )
        counts: Mapping[int, int] = {rank: len(line) for rank, line in lines.items()}
        chosen = order.first(heads.values(), NINE + start * SERVICE, count, counts)
        assert chosen is not None
        opened, number = heapq.heappop(lines[chosen.rank])
        late[chosen.rank] += start > opened + TARGETS[chosen.rank]
        seen[chosen.rank] += 1
        count += 1
        heapq.heappush(free, start + arrivals[number][2])
    return [a / b for a, b in zip(late, seen, strict=True)], sum(late) / sum(seen)


# Published figures (80,000 items, other seeds), load 0.97 then 1.05, by rank and in all:
# first in first out .70/.38/.03 .20, then .95/.94/.93 .93;  strict .01/.00/.11-.15 .06-.09, then
# .01/.00/.90 .54;  earliest deadline .08-.13 each, then .93 each;  guarded with relief
# .01/.00/.13 .08, then .02/.00/.90 .54.


def test_in_overload_earliest_deadline_breaks_the_promise_of_every_rank() -> None:
    ranks, total = breaches(EARLIEST_DEADLINE, load=1.05, seed=1, items=12_000)
    assert min(ranks) > 0.8
    assert max(ranks) - min(ranks) < 0.05
    assert total > 0.8


def test_in_overload_the_guard_with_relief_protects_the_upper_ranks() -> None:
    ranks, total = breaches(GuardedDeadline(relief=8), load=1.05, seed=1, items=12_000)
    assert ranks[0] < 0.05
    assert ranks[1] < 0.01
    assert ranks[2] > 0.8
    assert total == pytest.approx(0.54, abs=0.06)


def test_below_capacity_the_guard_is_as_good_as_strict_rank() -> None:
    guarded, total = breaches(GuardedDeadline(), load=0.97, seed=1, items=12_000)
    strict, strictly = breaches(STRICT_RANK, load=0.97, seed=1, items=12_000)
    assert guarded[0] < 0.03
    assert strict[0] < 0.03
    assert total <= strictly
    even, _ = breaches(EARLIEST_DEADLINE, load=0.97, seed=1, items=12_000)
    assert min(even) > 2 * guarded[0]


def test_first_in_first_out_fails_the_short_targets() -> None:
    ranks, _ = breaches(FIRST_IN_FIRST_OUT, load=0.97, seed=1, items=12_000)
    assert ranks[0] > ranks[1] > ranks[2]
    assert ranks[0] > 0.5


def test_the_delay_ratio_counts_a_target_of_nothing_as_used_up() -> None:
    spent = Work(id="z", opened=NINE, due=NINE)
    order = DelayRatio()
    assert order.first([work("a", 0, 0, 1), spent], NINE + MINUTE, 0, {}) == spent
