"""Until the next change, time alone changes no answer: the law, for all strategies and orders."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.routing.live.random_worlds import ORDERS

from entitlements.kernel.instants import MICROSECOND
from entitlements.routing import (
    Assigned,
    Backlog,
    QueueOrder,
    Roster,
    Router,
    Strategy,
    Unroutable,
    Work,
)
from entitlements.routing.strategies.strategy import KeyScope
from entitlements.testing.strategies.routing import chains, instants, rosters, works

SHARES = st.floats(0, 1, allow_nan=False)


def between(at: datetime, change: datetime | None, share: float) -> datetime:
    """Return an instant from `at` until the change, exclusive; within a year if there is none."""
    length = timedelta(days=365) if change is None else change - at
    return min(at + length * share, at + length - MICROSECOND)


def first(*changes: datetime | None) -> datetime | None:
    return min((each for each in changes if each is not None), default=None)


@given(works(), rosters(), chains(), instants(), SHARES)
def test_until_the_next_change_the_same_agents_are_eligible(
    work: Work, roster: Roster, strategy: Strategy, at: datetime, share: float
) -> None:
    router = Router(roster, strategy)
    change = first(router.next_change_at(at), work.next_change_at(at))
    assert change is None or change > at
    now, later = router.route(work, at), router.route(work, between(at, change, share))
    if not isinstance(now, Assigned):
        assert type(later) is type(now)
        assert not isinstance(now, Unroutable) or later.reasons == now.reasons
        return
    assert isinstance(later, Assigned)
    able = [each.agent for each in now.considered if not each.obstacles]
    assert sorted(able) == sorted(e.agent for e in later.considered if not e.obstacles)
    if all(key.scope in {KeyScope.PROFILE, KeyScope.WORKLOAD} for key in strategy.keys):
        assert later.agent == now.agent


@given(
    st.lists(works(), max_size=6, unique_by=lambda each: each.id),
    rosters(),
    chains(),
    st.sampled_from(ORDERS),
    instants(),
    SHARES,
)
def test_from_a_drain_until_the_next_change_nothing_more_is_served(
    waiting: list[Work],
    roster: Roster,
    strategy: Strategy,
    order: QueueOrder,
    at: datetime,
    share: float,
) -> None:
    router, backlog = Router(roster, strategy), Backlog(order)
    for each in waiting:
        backlog.add(each)
    backlog.drain(router, at)
    change = first(router.next_change_at(at), backlog.next_change_at(at))
    later = between(at, change, share)
    assert backlog.drain(router, later) == ()
    fresh = Backlog(order, served=backlog.served)
    for each in backlog:
        fresh.add(each)
    assert fresh.drain(router, later) == (), "nor by a backlog that has seen nothing before"
