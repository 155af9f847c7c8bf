"""Check of a user's own routing strategy by laws, with a minimal roster that breaks one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import attrs
from hypothesis import strategies as st

from entitlements.kernel.converters import as_tuple, instance_of, whole_number
from entitlements.kernel.instants import text_of
from entitlements.routing.answers.answers import Assigned, Route
from entitlements.routing.live.router import Router
from entitlements.routing.roster import Roster
from entitlements.routing.selection import route
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.work import Work
from entitlements.testing.laws.checks import EXAMPLES, broken_law, try_examples
from entitlements.testing.laws.clocks.queries import require
from entitlements.testing.oracles.routing import eligible
from entitlements.testing.strategies import routing as draw
from entitlements.testing.strategies.by_type.cases import rosters
from entitlements.testing.strategies.by_type.code import code_of


class _Drawn(NamedTuple):
    """A roster, pieces of work in the order in which they are assigned, and an instant."""

    roster: Roster
    works: tuple[Work, ...]
    at: datetime


MAX_AGENTS: Final = 3
MAX_WORKS: Final = 2
_AT: Final = draw.instants()
_AGAIN: Final = 4
"""How often the same question is asked."""

StrategyLaw: TypeAlias = Callable[[Strategy, _Drawn], None]


def the_chosen_agent_is_eligible(strategy: Strategy, drawn: _Drawn) -> None:
    """One of the agents who can take the work now is chosen, if there is any."""
    for work in drawn.works:
        able = eligible(work, drawn.roster, drawn.at)
        chosen = _agent(route(work, drawn.roster, drawn.at, strategy=strategy))
        require(chosen in able if able else chosen is None)


def the_same_question_has_the_same_answer(strategy: Strategy, drawn: _Drawn) -> None:
    """The choice follows from work, roster and instant: no chance, no memory, no clock."""
    for work in drawn.works:
        found = {
            _agent(route(work, drawn.roster, drawn.at, strategy=strategy)) for _ in range(_AGAIN)
        }
        require(len(found) == 1)


def the_order_of_the_roster_does_not_matter(strategy: Strategy, drawn: _Drawn) -> None:
    """The agents in the opposite order give the same choice."""
    agents = [*drawn.roster.agents.values()]
    turned = attrs.evolve(drawn.roster, agents=agents[::-1])
    for work in drawn.works:
        found = [route(work, each, drawn.at, strategy=strategy) for each in (drawn.roster, turned)]
        require(_agent(found[0]) == _agent(found[1]))


def an_agent_who_was_not_chosen_may_leave(strategy: Strategy, drawn: _Drawn) -> None:
    """Without one of the others the choice is the same, unless the strategy draws a sample."""
    if strategy.sample is not None:
        return
    for work in drawn.works:
        chosen = _agent(route(work, drawn.roster, drawn.at, strategy=strategy))
        for name in drawn.roster.agents:
            if chosen is not None and name != chosen:
                fewer = _without(drawn.roster, name)
                require(_agent(route(work, fewer, drawn.at, strategy=strategy)) == chosen)


def a_live_router_chooses_as_the_rules_do(strategy: Strategy, drawn: _Drawn) -> None:
    """A router that keeps its agents in order chooses whom a look at all agents chooses.

    Otherwise a key reads more than its `KeyScope` says.
    """
    router = Router(drawn.roster, strategy)
    for number, work in enumerate(drawn.works):
        piece = attrs.evolve(work, id=f"{work.id}-{number}")
        chosen = _agent(router.route(piece, drawn.at))
        require(chosen == _agent(route(piece, router.roster, drawn.at, strategy=strategy)))
        if chosen is not None:
            router.assign(piece, chosen, drawn.at)


LAWS: Final[tuple[StrategyLaw, ...]] = (
    the_same_question_has_the_same_answer,
    the_chosen_agent_is_eligible,
    the_order_of_the_roster_does_not_matter,
    an_agent_who_was_not_chosen_may_leave,
    a_live_router_chooses_as_the_rules_do,
)


def check_strategy(
    strategy: Strategy, *, groups: Iterable[str] = (), examples: int = EXAMPLES
) -> None:
    """Check a routing strategy by all laws of strategies, on drawn rosters and work.

    The rosters are the same in every run.

    Args:
        strategy: The strategy, such as one of `custom_strategy`.
        groups: The groups that its keys know; if left out, `db` and `net`.
        examples: How many rosters are drawn.

    >>> from entitlements.routing import LEAST_LOADED
    >>> check_strategy(LEAST_LOADED, examples=2)

    Raises:
        AssertionError: A law is broken. The message names it, and shows the simplest roster and
            work that break it, as they are written in Python.
        InvalidValueError: `examples` is not a positive whole number, or it is no strategy.
    """
    instance_of(Strategy, strategy)
    broken: list[tuple[StrategyLaw, _Drawn]] = []

    def hold(drawn: _Drawn) -> None:
        for law in LAWS:
            try:
                law(strategy, drawn)
            except Exception:
                broken.append((law, drawn))
                raise

    try:
        try_examples(hold, _drawn(as_tuple(groups)), whole_number(examples, "examples", least=1))
    except Exception as error:
        if not broken:
            raise
        law, drawn = broken[-1]
        raise AssertionError(
            broken_law(f"strategy `{strategy.name}`", law, error, _written(drawn))
        ) from error


def _drawn(groups: tuple[str, ...]) -> st.SearchStrategy[_Drawn]:
    plain = st.builds(lambda name, at: Work(id=name, opened=at), st.sampled_from("wxyz"), _AT)
    work = st.one_of(plain, draw.works())
    if groups:
        named = st.sampled_from([(), *([each] for each in groups)])
        work = st.builds(_asking, work, named)
    works = st.lists(work, min_size=1, max_size=MAX_WORKS).map(tuple)
    several = st.integers(2, MAX_AGENTS).flatmap(
        lambda count: rosters(groups=groups, agents=draw.IDS[:count])
    )
    return st.builds(_Drawn, several, works, _AT)


def _asking(work: Work, groups: Iterable[str]) -> Work:
    requires = attrs.evolve(work.requires, groups=groups)
    return attrs.evolve(work, requires=requires, relaxation=None)


def _agent(answer: Route) -> str | None:
    return answer.agent if isinstance(answer, Assigned) else None


def _without(roster: Roster, name: str) -> Roster:
    agents = [each for id, each in roster.agents.items() if id != name]
    workloads = {id: each for id, each in roster.workloads.items() if id != name}
    return attrs.evolve(roster, agents=agents, workloads=workloads)


def _written(drawn: _Drawn) -> list[str]:
    """Return a roster and work as lines of Python that can be pasted, without default values."""
    agents = [f"agent {code_of(each)}" for each in drawn.roster.agents.values()]
    loads = [f"workload of {id}: {code_of(each)}" for id, each in drawn.roster.workloads.items()]
    works = [f"work {code_of(each)}" for each in drawn.works]
    return [*agents, *loads, *works, f"at {text_of(drawn.at)}"]
