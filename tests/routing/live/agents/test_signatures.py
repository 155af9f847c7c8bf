"""A signature is brought up to date when it is asked, and never when an agent changes."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.routing import STRATEGIES, Agent, Requirement, Workload
from entitlements.routing.eligibility.eligibility import fits_capacity, is_qualified
from entitlements.routing.live.agents.agent_lines import StrategyPlan
from entitlements.routing.live.agents.agent_postings import AgentPostings
from entitlements.routing.live.agents.indexed_agent import IndexedAgent
from entitlements.routing.live.agents.signatures import MAX_LINES, MAX_SIGNATURES, Signatures
from entitlements.routing.strategies.strategy import (
    SelectionContext,
)
from entitlements.testing.strategies.routing import agents, requirements

RANKED = ("most_proficient", "highest_mean", "nearest_proficiency", "most_skills", "tiers")


def enter(postings: AgentPostings, agent: Agent) -> IndexedAgent:
    state = IndexedAgent(agent, Workload(), postings.free_slot())
    postings.add(state)
    return state


@given(
    st.lists(agents(), min_size=1, max_size=6),
    st.lists(requirements(), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 9), agents()), max_size=5),
    st.sampled_from(RANKED),
)
def test_fit_classes_and_capable_agents_are_those_of_the_rules(
    people: list[Agent], kinds: list[Requirement], changes: list[tuple[int, Agent]], name: str
) -> None:
    postings = AgentPostings()
    plan = StrategyPlan(STRATEGIES[name])
    signatures = Signatures(plan, postings)
    states = [enter(postings, attrs.evolve(each, id=f"{n}")) for n, each in enumerate(people)]
    for number, new in [(0, people[0]), *changes]:
        for requires in kinds:
            signature = signatures.find(requires)
            signature.update(postings)
            able = [state for state in states if is_qualified(state.agent, requires)]
            assert signature.fit == sum(state.bit for state in able)
            ranks: dict[tuple[object, ...], int] = {}
            for state in able:
                context = SelectionContext(requires, 0)
                rank = tuple(key.of(state, context) for key in plan.ranking)
                ranks[rank] = ranks.get(rank, 0) | state.bit
            assert signature.ranked is not None
            assert signature.ranked.ordered == [ranks[rank] for rank in sorted(ranks)]  # type: ignore[type-var]
            capable = [state for state in states if fits_capacity(state.agent, requires)]
            assert signatures.capable(signature.line) == sum(state.bit for state in capable)
        old = states.pop(number % len(states))
        postings.remove(old)
        states.append(enter(postings, attrs.evolve(new, id=old.id)))


def test_equal_requirements_share_classes_and_equal_loads_a_line() -> None:
    postings = AgentPostings()
    signatures = Signatures(StrategyPlan(STRATEGIES["most_proficient"]), postings)
    one, same = Requirement(skills="x"), Requirement(skills="x")
    assert signatures.find(one) is signatures.find(one)
    assert signatures.find(one).ranked is signatures.find(same).ranked
    assert signatures.find(one).line is signatures.find(Requirement(skills="y")).line
    assert signatures.find(one).line is not signatures.find(Requirement(weights=2)).line


def test_no_more_signatures_and_lines_are_kept_than_the_bounds() -> None:
    postings = AgentPostings()
    signatures = Signatures(StrategyPlan(STRATEGIES["most_proficient"]), postings)
    for n in range(2 * MAX_SIGNATURES):
        signatures.find(Requirement(skills={"x": n}, weights=n % 100))
    assert len(signatures.lines) <= MAX_LINES
    assert len(signatures.known) <= MAX_SIGNATURES
    assert len(signatures._classes) <= MAX_SIGNATURES  # noqa: SLF001 - what is kept is the point
