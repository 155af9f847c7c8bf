"""Fairness is measured and compared with bounds; identical agents get equal busy time."""

from __future__ import annotations

import heapq
from datetime import timedelta
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.calendars import Calendar
from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing import (
    LONGEST_IDLE,
    Agent,
    Assigned,
    AssignedWork,
    Requirement,
    Roster,
    Router,
    Strategy,
    Work,
    Workload,
)
from entitlements.routing.policies.fairness import (
    BoundViolation,
    FairnessBounds,
    ServedWork,
    fairness_report,
    gini_coefficient,
    jain_index,
)
from entitlements.routing.strategies.named import FEWEST_HANDLED, LEAST_BUSY_TIME, LEAST_VERSATILE
from entitlements.testing.oracles.routing import erlang_c

NINE = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)
SECOND = 1_000_000
SECONDS = timedelta(seconds=1)

shares = st.lists(st.integers(0, 100).map(float), max_size=8)


@given(shares)
def test_indices_stay_in_their_range_and_ignore_order_and_scale(values: list[float]) -> None:
    jain, gini = jain_index(values), gini_coefficient(values)
    assert 0 <= gini <= 1
    assert 0 < jain <= 1 + 1e-9
    assert jain_index([3 * each for each in reversed(values)]) == pytest.approx(jain)
    assert gini_coefficient([3 * each for each in reversed(values)]) == pytest.approx(gini)


def test_indices_where_one_agent_has_all_the_work() -> None:
    assert jain_index([1, 0, 0, 0]) == 0.25
    assert gini_coefficient([1, 0, 0, 0]) == 0.75


def test_a_report_counts_present_busy_time_and_waiting_work() -> None:
    desk = Calendar(zone="UTC", week="Mo-Fr 08:00-16:00")
    roster = Roster(
        agents=[
            Agent(id="ada", shift=desk),
            Agent(id="bob"),
            Agent(id="eve", shift=Calendar.never()),
        ],
        since=NINE,
    )
    roster = roster.assign(Work(id="1", opened=NINE), "ada", NINE)
    roster = roster.complete("1", NINE + HOUR).assign(Work(id="2", opened=NINE), "bob", NINE + HOUR)
    pieces = [
        ServedWork(work="1", rank=0, opened=NINE, taken=NINE, offers=3, declines=2),
        ServedWork(work="2", rank=0, opened=NINE, taken=NINE + HOUR),
        ServedWork(work="3", rank=1, opened=NINE + HOUR),
    ]
    report = fairness_report(roster, pieces, NINE + 10 * HOUR)
    # Ada worked 1 of the 7 hours left of her shift; Bob has worked 9 of 10.
    assert report.occupancy == {"ada": pytest.approx(1 / 7), "bob": pytest.approx(0.9)}
    assert report.waits[0].longest == HOUR
    assert report.waits[0].mean == HOUR / 2
    assert (report.waits[1].count, report.waits[1].p95) == (1, 9 * HOUR)
    assert report.oldest_waiting == 9 * HOUR
    assert report.declined == pytest.approx(2 / 5)


def test_a_bound_that_is_exceeded_is_named() -> None:
    roster = Roster(agents=[Agent(id="ada"), Agent(id="bob")], since=NINE)
    roster = roster.assign(Work(id="1", opened=NINE), "ada", NINE)
    pieces = [ServedWork(work="1", opened=NINE, taken=NINE + HOUR, offers=2, declines=1)]
    pieces += [ServedWork(work="2", opened=NINE)]
    report = fairness_report(roster, pieces, NINE + 2 * HOUR)
    bounds = FairnessBounds(
        jain=0.9,
        gini=0.1,
        occupancy=0.85,
        longest_wait={0: HOUR, 7: HOUR},
        starvation=HOUR,
        declined=0.25,
    )
    assert [str(each) for each in bounds.violations(report)] == [
        "Jain index is 0.500, allowed is 0.900 or more",
        "Gini coefficient is 0.500, allowed is 0.100",
        "share of declines is 0.333, allowed is 0.250",
        "occupancy of `ada` is 1.000, allowed is 0.850",
        "longest wait of rank 0 is 2:00:00, allowed is 1:00:00",
        "starvation age is 2:00:00, allowed is 1:00:00",
    ]
    assert FairnessBounds().violations(report) == ()
    assert isinstance(bounds.violations(report)[0], BoundViolation)


def test_an_empty_period_is_fair() -> None:
    report = fairness_report(Roster(since=NINE), [], NINE)
    assert (report.jain, report.gini, report.declined, report.waits) == (1.0, 0.0, 0.0, {})


def test_a_period_without_a_start_cannot_be_measured() -> None:
    with pytest.raises(InvalidValueError):
        fairness_report(Roster(), [], NINE)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"taken": NINE - HOUR}, id="taken before it was opened"),
        pytest.param({"offers": 1, "declines": 2}, id="declined more often than offered"),
        pytest.param({"rank": -1}, id="rank below the best"),
    ],
)
def test_a_record_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        ServedWork(work="1", opened=NINE, **fields)  # type: ignore[arg-type]


# -- a call centre of one queue, driven through the live router ----------------------------------


def simulate(
    agents: list[Agent],
    strategy: Strategy,
    load: float,
    seed: int,
    items: int,
    kinds: tuple[str, ...] = ("",),
) -> tuple[Roster, list[ServedWork], int]:
    """Run Poisson arrivals and exponential service of 180 s mean; first come, first served."""
    chance = Random(seed)  # noqa: S311 - reproducible on purpose
    start = to_micros(NINE)
    router = Router(Roster(agents=agents, since=NINE), strategy)
    needs = [Requirement(skills={kind: 1} if kind else {}) for kind in kinds]
    speed = {agent.id: agent.speed / 10 for agent in agents}
    events: list[tuple[int, int, str]] = []
    at, waiting, served = start, [], []
    for n in range(items):
        at += round(chance.expovariate(load / 180) * SECOND)
        heapq.heappush(events, (at, n, ""))
    last = at
    while events:
        at, n, done = heapq.heappop(events)
        if done:
            router.complete(done, from_micros(at))
        else:
            waiting.append((at, n, chance.randrange(len(needs))))
        for item in list(waiting):
            opened, number, kind = item
            work = Work(id=f"{number}", opened=from_micros(opened), requires=needs[kind])
            answer = router.route(work, from_micros(at))
            if not isinstance(answer, Assigned):
                if len(needs) == 1:
                    break
                continue
            waiting.remove(item)
            router.assign(work, answer.agent, from_micros(at))
            length = round(chance.expovariate(speed[answer.agent] / 180) * SECOND)
            heapq.heappush(events, (at + length, items + number, f"{number}"))
            wait = timedelta(microseconds=at - opened)
            begun = NINE + timedelta(microseconds=opened - start)
            served.append(ServedWork(work=f"{number}", opened=begun, taken=begun + wait))
    return router.roster, served, last


def within(served: list[ServedWork], seconds: int) -> float:
    """Return the share of work taken within so many seconds."""
    limit = timedelta(seconds=seconds)
    return sum(each.taken - each.opened <= limit for each in served if each.taken) / len(served)


@pytest.mark.parametrize(("people", "published"), [(13, 0.796), (14, 0.888)])
def test_ten_erlang_gives_the_service_level_of_the_formula(people: int, published: float) -> None:
    formula = 1 - erlang_c(people, 10.0) * exp(-(people - 10) * 20 / 180)
    assert formula == pytest.approx(published, abs=0.0006)
    agents = [Agent(id=f"a{n:02}", capacity=1, speed=10) for n in range(people)]
    levels = [within(simulate(agents, LONGEST_IDLE, 10.0, seed, 6_000)[1], 20) for seed in range(4)]
    mean = sum(levels) / len(levels)
    spread = (sum((each - mean) ** 2 for each in levels) / (len(levels) - 1)) ** 0.5
    # Student's t for three degrees of freedom, 99 percent.
    assert abs(mean - formula) < 5.841 * spread / len(levels) ** 0.5


def test_even_busy_time_is_fairer_than_even_counts_when_speeds_differ() -> None:
    agents = [Agent(id=f"a{n:02}", capacity=1, speed=5 + n) for n in range(11)]
    jain = {}
    for strategy in (LEAST_BUSY_TIME, FEWEST_HANDLED):
        roster, served, last = simulate(agents, strategy, 8.0, seed=1, items=4_000)
        end = NINE + timedelta(microseconds=last - to_micros(NINE))
        jain[strategy.name] = fairness_report(roster, served, end).jain
    assert jain["least_busy_time"] > 0.995
    assert jain["fewest_handled"] < jain["least_busy_time"]


def test_sparing_generalists_shortens_the_wait() -> None:
    agents = [
        *(Agent(id=f"a{n}", skills="a", capacity=1, speed=10) for n in range(4)),
        *(Agent(id=f"b{n}", skills="b", capacity=1, speed=10) for n in range(4)),
        *(Agent(id=f"g{n}", skills=["a", "b"], capacity=1, speed=10) for n in range(2)),
    ]
    waits = {}
    for strategy in (LEAST_VERSATILE, LONGEST_IDLE):
        total = timedelta()
        for seed in range(3):
            _, served, _ = simulate(agents, strategy, 8.5, seed, 3_000, ("a", "b"))
            total += sum((each.taken - each.opened for each in served if each.taken), timedelta())
        waits[strategy.name] = total
    assert waits["least_versatile"] < 0.97 * waits["longest_idle"]


def test_occupancy_is_the_share_of_the_shift_or_of_all_time_without_one() -> None:
    office = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    roster = Roster(
        agents=[
            Agent(id="always"),
            Agent(id="office", shift=office),
            Agent(id="off", shift=Calendar.never()),
            Agent(id="idle"),
        ],
        since=NINE - HOUR,
    )
    for id in ("always", "office"):
        roster = roster.assign(Work(id=id, opened=NINE), id, NINE).complete(id, NINE + HOUR)
        roster = roster.assign(Work(id=f"{id} 2", opened=NINE), id, NINE + 2 * HOUR)
    report = fairness_report(roster, [], NINE + 3 * HOUR)
    # One hour that ended and one that runs, of four hours in all, or of three on shift.
    assert dict(report.occupancy) == {"always": 1 / 2, "office": 2 / 3, "idle": 0}


def test_work_from_before_the_period_counts_from_its_start() -> None:
    roster = Roster(agents=[Agent(id="ada")], since=NINE - HOUR)
    roster = roster.assign(Work(id="R-1", opened=NINE), "ada", NINE - HOUR).new_period(NINE)
    assert fairness_report(roster, [], NINE + HOUR).occupancy["ada"] == 1


def test_busy_time_counts_from_the_start_of_the_period_however_long_the_work_is_assigned() -> None:
    held = {"R-1": AssignedWork(Requirement(), NINE - 9 * HOUR)}
    roster = Roster(
        agents=[Agent(id="ada")],
        workloads={"ada": Workload(held=held, busy_since=NINE - 9 * HOUR)},
        since=NINE,
    )
    assert fairness_report(roster, [], NINE + HOUR).occupancy["ada"] == 1


def test_work_that_begins_after_the_instant_of_the_report_is_no_busy_time() -> None:
    roster = Roster(agents=[Agent(id="ada")], since=NINE)
    roster = roster.assign(Work(id="R-1", opened=NINE), "ada", NINE + 3 * HOUR)
    assert fairness_report(roster, [], NINE + HOUR).occupancy["ada"] == 0


def test_percentiles_of_waiting_are_the_nearest_ranks() -> None:
    pieces = [
        ServedWork(work=f"R-{n}", opened=NINE, taken=NINE + n * SECONDS) for n in range(1, 101)
    ]
    waits = fairness_report(Roster(since=NINE), pieces, NINE + HOUR).waits[0]
    assert (waits.p95, waits.p99, waits.longest) == (95 * SECONDS, 99 * SECONDS, 100 * SECONDS)


def test_a_report_that_is_exactly_at_its_bounds_violates_none_of_them() -> None:
    roster = Roster(agents=[Agent(id="ada"), Agent(id="bob")], since=NINE)
    roster = roster.assign(Work(id="1", opened=NINE), "ada", NINE)
    pieces = [ServedWork(work="1", opened=NINE, offers=2, declines=2)]
    report = fairness_report(roster, pieces, NINE + 2 * HOUR)
    assert report.declined == 1, "every offer may have been declined"
    bounds = FairnessBounds(
        jain=report.jain,
        gini=report.gini,
        occupancy=max(report.occupancy.values()),
        longest_wait={0: 2 * HOUR},
        starvation=2 * HOUR,
        declined=report.declined,
    )
    assert bounds.violations(report) == ()
