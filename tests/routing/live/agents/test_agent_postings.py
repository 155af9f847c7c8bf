"""The agents of a requirement are the intersection of what each of its parts asks for."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.routing import Agent, Requirement, RoutingObligations, Workload
from entitlements.routing.eligibility.eligibility import is_qualified
from entitlements.routing.live.agents.agent_postings import (
    MAX_CHANGES,
    AgentPostings,
    LevelPostings,
)
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.testing.strategies.routing import agents, requirements


def enter(postings: AgentPostings, agent: Agent) -> IndexedAgent:
    state = IndexedAgent(agent, Workload(), postings.free_slot())
    postings.add(state)
    return state


@given(
    st.lists(agents(), min_size=1, max_size=6),
    st.lists(requirements(), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 9), agents()), max_size=6),
)
def test_the_mask_is_that_of_the_rule_after_any_change(
    people: list[Agent], kinds: list[Requirement], changes: list[tuple[int, Agent]]
) -> None:
    postings = AgentPostings()
    states = [enter(postings, attrs.evolve(each, id=f"{n}")) for n, each in enumerate(people)]
    for number, new in [(0, people[0]), *changes]:
        for requires in kinds:
            able = [state for state in states if is_qualified(state.agent, requires)]
            mask = postings.qualified(requires)
            assert mask == sum(state.bit for state in able)
            assert postings.agents(mask) == sorted(able, key=lambda state: state.slot)
        old = states.pop(number % len(states))
        if number % 2:
            postings.replace(old, attrs.evolve(new, id=old.id))
            states.append(old)
            continue
        postings.remove(old)
        states.append(enter(postings, attrs.evolve(new, id=old.id)))
        assert states[-1].slot == old.slot


def test_a_level_that_no_requirement_asks_for_costs_nothing() -> None:
    postings = AgentPostings()
    for n in range(50):
        enter(postings, Agent(id=f"{n}", skills={"x": n}))
    assert not postings._skills.masks  # noqa: SLF001 - what is kept is the point
    assert postings.qualified(Requirement(skills={"x": 49})).bit_count() == 1
    assert {name: len(each) for name, each in postings._skills.masks.items()} == {"x": 1}  # noqa: SLF001 - what is kept is the point


def test_names_and_levels_asked_for_do_not_add_up_for_ever() -> None:
    levels, agent = LevelPostings(), IndexedAgent(Agent(id="ada"), Workload())
    levels.change(agent, [("x", 9)], add=True)
    for n in range(20_000):
        assert levels.at_least("x", n) == (agent.bit if n <= 9 else 0)
        assert levels.at_least(f"unknown {n}", 1) == 0
    assert sum(map(len, levels.masks.values())) <= 16_384
    levels.change(agent, [("x", 9)], add=False)
    assert not levels.masks
    assert levels.at_least("x", 1) == 0


def test_changes_are_listed_since_an_epoch_or_said_to_be_too_many() -> None:
    postings = AgentPostings()
    ada = enter(postings, Agent(id="ada"))
    before = postings.epoch
    assert postings.changed_since(before) == []
    bob = enter(postings, Agent(id="bob"))
    postings.remove(ada)
    assert postings.changed_since(before) == [bob.slot, ada.slot]
    assert postings.changed_since(before + 1) == [ada.slot]
    for _ in range(MAX_CHANGES):
        postings.remove(enter(postings, Agent(id="eve")))
    assert postings.changed_since(before) is None
    assert postings.changed_since(postings.epoch - 2) == [ada.slot] * 2


def test_obligations_are_no_skills() -> None:
    postings = AgentPostings()
    enter(postings, Agent(id="ada", skills="sc", groups="eu"))
    for duty in (RoutingObligations(clearances="sc"), RoutingObligations(residency="eu")):
        assert postings.qualified(Requirement(obligations=duty)) == 0
