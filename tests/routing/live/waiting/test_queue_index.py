"""The queues that an agent can serve are those whose requirement the agent fits."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.routing import Agent, Requirement, Workload
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import is_qualified
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.waiting.queue_index import QueueIndex
from entitlements.routing.live.waiting.work_queue import WorkQueue
from entitlements.testing.strategies.routing import IDS, agents, requirements, workloads


def present(agent: Agent, workload: Workload | None = None) -> IndexedAgent:
    state = IndexedAgent(agent, workload or Workload())
    state.present = True
    return state


@given(
    st.lists(
        st.tuples(requirements(), st.frozensets(st.sampled_from(IDS), max_size=2)),
        min_size=1,
        max_size=6,
    ),
    agents(),
    workloads(),
    st.lists(st.integers(0, 9), max_size=6),
)
def test_an_agent_reaches_exactly_the_queues_of_the_rules(
    named: list[tuple[Requirement, frozenset[str]]],
    agent: Agent,
    workload: Workload,
    changes: list[int],
) -> None:
    index, state = QueueIndex(), present(agent, workload)
    queues = [WorkQueue(*each, slot) for slot, each in enumerate(named)]
    for number in (0, *changes):
        queue = queues[number % len(queues)]
        if queue.indexed:
            index.remove([queue])
        elif number % 2:
            index.add(queues[number % len(queues) :])
        else:
            able = agent.id not in queue.excluded and is_qualified(agent, queue.requires)
            index.add([queue], state.bit * able)
        expected = sum(
            each.bit
            for each in queues
            if each.indexed
            and agent.id not in each.excluded
            and is_qualified(agent, each.requires)
            and has_room(state, each.requires)
        )
        assert index.reach(state) == expected


def test_queues_that_come_after_a_question_are_reached_by_those_who_hold_the_level() -> None:
    index = QueueIndex()
    levels = {level: present(Agent(id=f"a{level}", skills={"x": level})) for level in (1, 2, 3)}
    asked = [2, 1, 3, 2]
    for slot, needed in enumerate(asked):
        index.add([WorkQueue(Requirement(skills={"x": needed}), frozenset(), slot)])
        for held, state in levels.items():
            expected = sum(1 << n for n, each in enumerate(asked[: slot + 1]) if each <= held)
            assert index.reach(state) == expected


def test_requirements_of_many_skills_are_counted_exactly() -> None:
    index, names = QueueIndex(), [f"s{n:02}" for n in range(40)]
    for slot in range(40):
        index.add([WorkQueue(Requirement(skills=names[:slot]), frozenset(), slot)])
    for held in (0, 1, 3, 4, 7, 8, 31, 32, 39):
        state = present(Agent(id="ada", skills=names[:held]))
        assert index.reach(state) == (1 << held + 1) - 1


def test_what_an_agent_reaches_follows_changes_of_agent_load_and_presence() -> None:
    index, queue = QueueIndex(), WorkQueue(Requirement(skills="x"), frozenset(), 5)
    index.add([queue])
    agent = Agent(id="ada", capacity=1)
    able = present(attrs.evolve(agent, skills="x"))
    assert (index.reach(present(agent)), index.reach(able)) == (0, queue.bit)
    able.assign("w", Requirement(), 0, 1)
    assert index.reach(able) == 0
    able.release("w", 0)
    assert index.reach(able) == queue.bit
    able.present = False
    assert index.reach(able) == 0


def test_nothing_is_kept_of_a_queue_that_was_removed() -> None:
    index = QueueIndex()
    requires = Requirement(groups="db", skills={"x": 3}, channel="chat")
    queue = WorkQueue(requires, frozenset({"ada"}), 9)
    for _ in range(2):
        index.add([queue])
        index.remove([queue])
    index.add([queue])
    assert index.reach(present(Agent(id="ada"))) == 0
    index.remove([queue])
    masks = (index._skills, index._clearances, index._groups, index._barred, index._loads)  # noqa: SLF001 - what is kept is the point
    assert (masks, index._all) == (({}, {}, {}, {}, {}), 0)  # noqa: SLF001 - what is kept is the point
    assert set(index._asked) == {0}  # noqa: SLF001 - what is kept is the point


def test_what_queues_ask_for_is_entered_once_and_not_before_an_agent_is_asked_about() -> None:
    index, ada = QueueIndex(), present(Agent(id="ada", skills="x"))
    queues = [WorkQueue(Requirement(skills="x"), frozenset(), slot) for slot in range(9)]
    index.add(queues)
    index.remove(queues[4:])
    assert index._skills == {}  # noqa: SLF001 - what is not done is the point
    for _ in range(2):
        assert index.reach(ada) == 0b1111
        assert index._unsorted == []  # noqa: SLF001 - what is not done is the point
    index.add(queues[4:6], ada.bit)
    assert index.reach(ada) == 0b111111
    assert len(index._unsorted) == 2  # noqa: SLF001 - what is not done is the point
