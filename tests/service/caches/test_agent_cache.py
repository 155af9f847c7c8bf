from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.service.deals import PEOPLE
from tests.service.desks import MONDAY, TENANT, admitted, desk, request, settle, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError
from entitlements.ports import Store
from entitlements.routing import Agent, Roster, Router
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.service import Worker
from entitlements.service.caches.agent_cache import AgentCache

GROUP = "experts"
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def settled(make_store: Callable[[], Store]) -> Store:
    store = make_store()
    settle(store, PEOPLE)
    return store


@pytest.fixture
def agent_cache() -> AgentCache:
    return AgentCache(GROUP)


def router_of(store: Store, agent_cache: AgentCache) -> Router:
    with store.begin(TENANT) as work:
        router = agent_cache.router(work, DEFAULT_STRATEGY)
    agent_cache.committed()
    return router


def changed(store: Store, change: Callable[[Roster], Roster]) -> Roster:
    with store.begin(TENANT) as work:
        before = work.roster.roster()
        after = change(before)
        work.roster.change(before, after)
        work.commit()
    return after


def assigned(store: Store, agent_cache: AgentCache, work_id: str) -> None:
    with store.begin(TENANT) as work:
        router = agent_cache.router(work, DEFAULT_STRATEGY)
        task = attrs.evolve(TASK, id=work_id)
        answer = router.route(task, MONDAY)
        router.assign(task, answer.agent, MONDAY)  # type: ignore[union-attr]
        agent_cache.write(work, [answer.agent])  # type: ignore[union-attr]
        work.commit()
    agent_cache.committed()


def _task() -> object:
    store = MemoryStore()
    settle(store, PEOPLE)
    admitted(desk(store), request())
    with store.begin(TENANT) as work:
        return work.work_items.item("R-1").work


TASK = _task()


def test_unchanged_agents_are_not_read_again(settled: Store, agent_cache: AgentCache) -> None:
    first = router_of(settled, agent_cache)
    assert router_of(settled, agent_cache) is first
    assigned(settled, agent_cache, "R-1")
    assigned(settled, agent_cache, "R-2")
    assert router_of(settled, agent_cache) is first
    with settled.begin(TENANT) as work:
        assert first.roster == work.roster.roster([GROUP])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda now: now.set_status("a3", LATER, away=True), id="away"),
        pytest.param(lambda now: now.replace(Agent(id="a3", groups=[GROUP], capacity=9)), id="new"),
        pytest.param(lambda now: now.replace(Agent(id="a3", groups=["others"])), id="moved"),
        pytest.param(lambda now: now.remove("a9"), id="gone"),
        pytest.param(lambda now: now.add(Agent(id="zoe", groups=[GROUP])), id="joined"),
        pytest.param(lambda now: now.new_period(LATER), id="period"),
    ],
)
def test_changes_by_others_are_seen_in_the_next_transaction(
    change: Callable[[Roster], Roster], settled: Store, agent_cache: AgentCache
) -> None:
    assigned(settled, agent_cache, "R-1")
    first = router_of(settled, agent_cache)
    changed(settled, change)
    after = router_of(settled, agent_cache)
    assert after is not first
    with settled.begin(TENANT) as work:
        assert after.roster == work.roster.roster([GROUP])


def test_changes_of_a_transaction_that_was_rolled_back_are_dropped(
    settled: Store, agent_cache: AgentCache
) -> None:
    with settled.begin(TENANT) as work:
        router = agent_cache.router(work, DEFAULT_STRATEGY)
        router.assign(TASK, "a3", MONDAY)  # type: ignore[arg-type]
        agent_cache.write(work, ["a3"])
    after = router_of(settled, agent_cache)
    assert after.holder("R-1") is None
    with settled.begin(TENANT) as work:
        assert after.roster == work.roster.roster([GROUP])


def test_agents_that_others_changed_meanwhile_are_not_overwritten(
    settled: Store, agent_cache: AgentCache
) -> None:
    router_of(settled, agent_cache)
    other = AgentCache(GROUP)
    assigned(settled, other, "R-1")
    with settled.begin(TENANT) as work:
        router = agent_cache.router(work, DEFAULT_STRATEGY)
        assert router.holder("R-1") is not None
        before = work.roster.roster(agents=["a0"])
        work.roster.change(before, before.set_status("a0", LATER, away=True))
        router.assign(attrs.evolve(TASK, id="R-9"), "a0", MONDAY)
        with pytest.raises(ConflictError):
            agent_cache.write(work, ["a0"])


def test_a_changed_roster_is_seen_by_the_next_batch(settled: Store) -> None:
    worker, at_desk = Worker(settled, "w", batch=5), desk(settled)
    for number in range(5):
        admitted(at_desk, request(f"R-{number}"))
    assert worker.round().offered == 5
    changed(settled, lambda now: _only(now, "a7"))
    for number in range(5, 10):
        admitted(at_desk, request(f"R-{number}"))
    free = 3 - len(at_desk.context.query(lambda work: work.roster.roster()).workload("a7").held)
    assert worker.round().offered == free
    assert topics(at_desk).count("offer.made") == 5 + free


def _only(roster: Roster, agent: str) -> Roster:
    for id in roster.agents:
        if id != agent:
            roster = roster.set_status(id, LATER, away=True)
    return roster
