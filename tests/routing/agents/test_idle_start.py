"""New and returning agents count as idle from never, now, or the median of the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, to_micros, utc
from entitlements.routing import LONGEST_IDLE, Agent, Roster, Router, Work, Workload, route
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.agents.idle_start import (
    IdleStart,
    idle_start,
    newcomer_workload,
    return_start,
)

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)


def state(id: str, minutes: int | None) -> AgentState:
    released = None if minutes is None else NINE + minutes * MINUTE
    return AgentState(Agent(id=id), Workload(released=released))


OTHERS = [state("a", 5), state("b", None), state("c", 30), state("d", 9)]


@pytest.mark.parametrize(
    ("policy", "others", "expected"),
    [
        pytest.param("never", OTHERS, START_OF_TIME, id="never"),
        pytest.param("now", OTHERS, to_micros(NINE), id="now"),
        pytest.param("median", OTHERS, to_micros(NINE + 5 * MINUTE), id="the lower of two"),
        pytest.param("median", OTHERS[:3], to_micros(NINE + 5 * MINUTE), id="the middle"),
        pytest.param("median", OTHERS[1:2], START_OF_TIME, id="median of never"),
        pytest.param("median", [], START_OF_TIME, id="median of nobody"),
    ],
)
def test_idle_time_starts_as_the_policy_says(
    policy: str, others: list[AgentState], expected: int
) -> None:
    assert idle_start(policy, others, NINE) == expected


def newcomer_share(idle: str) -> int:
    """Return how many of 12 pieces a newcomer gets beside three agents who have worked."""
    roster = Roster(agents=[Agent(id=id) for id in "abc"])
    for n, id in enumerate("abc"):
        at = NINE - (30 - n) * MINUTE
        roster = roster.assign(Work(id=id, opened=NINE), id, at).complete(id, at + MINUTE)
    routers = (Router(roster, LONGEST_IDLE),)
    for each in routers:
        each.add(Agent(id="new"), idle=idle, at=NINE)
    roster = roster.add(Agent(id="new"), idle=idle, at=NINE)
    share = 0
    for n in range(12):
        at, work = NINE + n * MINUTE, Work(id=f"w{n}", opened=NINE)
        agent = route(work, roster, at, strategy=LONGEST_IDLE).agent
        assert routers[0].route(work, at).agent == agent
        roster = roster.assign(work, agent, at).complete(work.id, at + MINUTE)
        routers[0].assign(work, agent, at)
        routers[0].complete(work.id, at + MINUTE)
        share += agent == "new"
    return share


def test_a_newcomer_gets_an_even_share_under_longest_idle_by_median_and_now() -> None:
    assert [newcomer_share(idle) for idle in ("median", "now")] == [3, 3]


def test_who_never_completed_anything_is_first_until_the_first_completion() -> None:
    router = Router(Roster(agents=[Agent(id=id) for id in "ab"]), LONGEST_IDLE)
    for id in "ab":
        router.assign(Work(id=id, opened=NINE), id, NINE)
        router.complete(id, NINE)
    router.add(Agent(id="new"))
    chosen = []
    for n in range(3):
        work = Work(id=f"w{n}", opened=NINE)
        chosen.append(router.route(work, NINE).agent)
        router.assign(work, chosen[-1], NINE)
    assert chosen == ["new"] * 3


@pytest.mark.parametrize("make", [lambda roster: roster, Router])
def test_an_agent_back_after_weeks_is_not_first_for_all_work(make) -> None:  # noqa: ANN001 - both kinds
    weeks_ago = NINE - timedelta(days=30)
    roster = Roster(
        agents=[Agent(id=id) for id in "abc"],
        workloads={
            "a": Workload(released=weeks_ago, away=True),
            "b": Workload(released=NINE - 9 * MINUTE),
            "c": Workload(released=NINE - 5 * MINUTE),
        },
    )
    for idle, released in ((None, weeks_ago), ("now", NINE), ("median", NINE - 9 * MINUTE)):
        desk = make(roster)
        desk = desk.set_status("a", NINE, away=False, idle=idle) or desk
        after = desk.roster if isinstance(desk, Router) else desk
        assert after.workload("a").released == released


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(lambda: idle_start("soon", (), NINE), id="no such policy"),
        pytest.param(lambda: idle_start("now", (), None), id="now without an instant"),
        pytest.param(
            lambda: newcomer_workload(Workload(), IdleStart.NOW, (), NINE, 0), id="two idle times"
        ),
        pytest.param(
            lambda: return_start("now", {}, "ada", NINE, away=True), id="an agent who leaves"
        ),
    ],
)
def test_nonsense_is_refused(refused) -> None:  # noqa: ANN001 - a table
    with pytest.raises(InvalidValueError):
        refused()
