"""The static selector makes the choices of `route`."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel.instants import to_micros
from entitlements.kernel.spans import Span
from entitlements.routing import (
    STRATEGIES,
    Agent,
    Assigned,
    AssignmentOverride,
    Requirement,
    Roster,
    Strategy,
    Work,
    Workload,
    power_of_d,
    route,
)
from entitlements.routing.live.static_selector import StaticSelector
from entitlements.routing.strategies.strategy import KeyScope
from entitlements.testing.strategies.routing import chains

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)  # clocks change in Berlin on the 29th
SHIFTS = [
    None,
    Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00"),
    Calendar(zone="Asia/Kathmandu", week="Mo-Su 22:00-06:00"),
]


def minute(n: int) -> datetime:
    return MONDAY + timedelta(minutes=n)


spans = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(1, 3_000)).map(
        lambda pair: Span(minute(pair[0]), minute(pair[0] + pair[1]))
    ),
    max_size=2,
)


@st.composite
def agents(draw: st.DrawFn) -> list[Agent]:
    return [
        Agent(
            id=f"a{n}",
            groups=[draw(st.sampled_from(["db", "net"]))],
            skills={"sql": draw(st.integers(1, 3))},
            shift=draw(st.sampled_from(SHIFTS)),
            absences=draw(spans),
            extra=draw(spans),
            capacity=draw(st.integers(1, 2)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]


SUPERVISOR = AssignmentOverride(by="grace", reason="a busy night")


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    found = draw(agents())
    standings = {
        each.id: Workload(
            away=draw(st.booleans()),
            released=minute(-draw(st.integers(1, 99))),
            last_assigned=minute(-draw(st.integers(1, 99))),
        )
        for each in found
        if draw(st.booleans())
    }
    roster = Roster(agents=found, standings=standings)
    for n, each in enumerate(found):
        if draw(st.booleans()):
            work = Work(id=f"W{n}", opened=minute(-9))
            roster = roster.assign(work, each.id, minute(-9), override=SUPERVISOR)
    return roster


@given(
    rosters(),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=8),
    st.sampled_from(["db", "net"]),
    st.integers(1, 3),
    st.lists(st.sampled_from(["a0", "a1", "a2", "nobody"]), max_size=2, unique=True),
    chains(),
)
def test_the_choice_equals_that_of_route_at_any_instant_in_any_order(
    roster: Roster,
    minutes: list[int],
    group: str,
    level: int,
    preferred: list[str],
    strategy: Strategy,
) -> None:
    standby = StaticSelector(roster, strategy)
    requires = Requirement(groups=[group], skills={"sql": level})
    for at in map(minute, minutes):
        work = Work(id="R", opened=MONDAY, requires=requires, preferred_agents=[preferred])
        answer = route(work, roster, at, strategy=strategy)
        chosen = answer.agent if isinstance(answer, Assigned) else None
        ranked = standby.ranked(requires, tuple(preferred))
        if ranked is None:
            assert any(key.scope in {KeyScope.INSTANT, KeyScope.WORK} for key in strategy.keys)
        else:
            assert ranked.first(to_micros(at)) == chosen


def test_without_a_fitting_agent_there_is_no_choice() -> None:
    roster = Roster(agents=[Agent(id="ada", groups=["db"])])
    ranked = StaticSelector(roster).ranked(Requirement(groups=["net"]))
    assert ranked is not None
    assert ranked.first(0) is None


def test_an_order_that_time_or_a_sample_changes_is_not_ranked_in_advance() -> None:
    roster = Roster(agents=[Agent(id="ada")])
    for strategy in (STRATEGIES["least_busy_time"], STRATEGIES["seeded_random"], power_of_d(1)):
        assert StaticSelector(roster, strategy).ranked(Requirement()) is None
