"""A fixed roster makes the choices of `route`, at any instant and in several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import to_micros
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    STRATEGIES,
    Agent,
    Assigned,
    Requirement,
    Roster,
    Strategy,
    Work,
    power_of_d,
    route,
    seeded_random,
)
from entitlements.routing.live.fixed_roster import MAX_RANKED, FixedRoster
from entitlements.testing.strategies.routing import IDS, chains, instants, requirements, rosters

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)


@given(
    rosters(),
    st.lists(instants(), min_size=1, max_size=8),
    requirements() | st.builds(Requirement, on_call=st.just("db")),
    st.lists(st.sampled_from([*IDS[:3], "nobody"]), max_size=2, unique=True),
    chains() | st.sampled_from([power_of_d(2), seeded_random("x")]),
)
def test_the_choice_equals_that_of_route_at_any_instant_in_any_order(
    roster: Roster,
    moments: list[datetime],
    requires: Requirement,
    preferred: list[str],
    strategy: Strategy,
) -> None:
    choice = FixedRoster(roster, strategy).choice(requires, tuple(preferred))
    for at in moments:
        work = Work(id="R", opened=MONDAY, requires=requires, preferred_agents=[preferred])
        answer = route(work, roster, at, strategy=strategy)
        chosen = answer.agent if isinstance(answer, Assigned) else None
        assert choice.first(to_micros(at), to_micros(MONDAY), "R") == chosen


def test_without_a_fitting_agent_there_is_no_choice() -> None:
    roster = Roster(agents=[Agent(id="ada", groups=["db"])])
    assert FixedRoster(roster).choice(Requirement(groups=["net"])).first(0) is None


def test_the_best_agent_is_found_however_many_better_ones_are_absent() -> None:
    away = Span(MONDAY, MONDAY + timedelta(days=1))
    for absent in (MAX_RANKED - 1, MAX_RANKED, MAX_RANKED + 1):
        agents = [Agent(id=f"a{n:02}", absences=[away]) for n in range(absent)]
        choice = FixedRoster(Roster(agents=[*agents, Agent(id="last")])).choice(Requirement())
        assert choice.first(to_micros(MONDAY)) == "last"
        assert choice.first(to_micros(MONDAY + timedelta(days=1))) == "a00"


def test_preferred_agents_come_before_better_ones_while_they_are_present() -> None:
    away = Span(MONDAY, MONDAY + timedelta(days=1))
    agents = [Agent(id="ada"), Agent(id="bob", absences=[away]), Agent(id="cat", absences=[away])]
    choice = FixedRoster(Roster(agents=agents)).choice(Requirement(), ("cat", "bob"))
    assert choice.first(to_micros(MONDAY)) == "ada"
    assert choice.first(to_micros(MONDAY + timedelta(days=1))) == "bob"


def test_threads_may_share_it() -> None:
    agents = [Agent(id=f"a{n}", skills={"x": n % 7, "y": n % 5}) for n in range(60)]
    roster, strategy = Roster(agents=agents), STRATEGIES["most_proficient"]
    fixed = FixedRoster(roster, strategy)

    def chosen(n: int) -> str | None:
        requires = Requirement(skills={"x": n % 7, "y": n % 3})
        return fixed.choice(requires).first(to_micros(MONDAY + timedelta(minutes=n)))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(chosen, range(200)))
    assert found == [chosen(n) for n in range(200)]
    assert found[:2] == ["a34", "a34"]
