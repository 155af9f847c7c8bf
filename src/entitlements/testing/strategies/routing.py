"""Hypothesis strategies of routing: small rosters, agents, work and strategies.

Names come from small pools and instants from one week, so that agents often tie, reach their limits
and differ by one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from entitlements.calendars import BusinessHours, Calendar
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    DEFAULT_STRATEGY,
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    STRATEGIES,
    STRICT_RANK,
    AffineScore,
    Agent,
    AssignedWork,
    AssignmentOverride,
    DelayRatio,
    FairnessBounds,
    FixedRatio,
    GuardedDeadline,
    MarginalCost,
    OfferPolicy,
    OnCall,
    OnCallLayer,
    QueueOrder,
    RankPlusDelay,
    RateLimit,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    RoutingObligations,
    RoutingPolicy,
    Strategy,
    Work,
    Workload,
    affine_score,
    least_opportunity_cost,
    linear_ageing,
    power_of_d,
    preference_order,
    seeded_random,
    strict_rank,
)
from entitlements.routing.strategies.named import IdleSince, longest_idle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SKILLS = ("oracle", "spanish", "network")
GROUPS = ("db", "net")
CHANNELS = ("phone", "chat")
POOLS = ("work", "deep")
OVERRIDE = AssignmentOverride(by="grace", reason="no other agent is left")
IDS = tuple(f"a{n}" for n in range(8))

_T = TypeVar("_T")

SHIFTS: tuple[BusinessHours, ...] = (
    Calendar(zone="UTC", week="Mo-Fr 09:00-17:00", name="day"),
    Calendar(zone="America/New_York", week="Mo-Su 22:00-06:00", name="night"),
    Calendar.never(),
)

_SKILLS_OF_AGENT: tuple[dict[str, int], ...] = (
    {},
    {"oracle": 1},
    {"oracle": 3},
    {"oracle": 2, "spanish": 2},
    {"spanish": 3, "network": 1},
)
_SKILLS_OF_WORK: tuple[dict[str, int], ...] = (
    {},
    {},
    {"oracle": 0},
    {"oracle": 1},
    {"oracle": 2},
    {"spanish": 3},
)
_GROUPS_OF_AGENT = ((), ("db",), ("net",), ("db", "net"))
_GROUPS_OF_WORK = ((), (), ("db",), ("db", "net"))
_OBLIGATIONS = (
    RoutingObligations(clearances={"sc": 1}),
    RoutingObligations(residency="eu"),
    RoutingObligations(clearances={"sc": 2}, residency=["eu", "us"]),
)
_LIMITS: tuple[dict[str, object], ...] = (
    {"capacity": 0},
    {"capacity": {"work": 2, "deep": 1}},
    {"channels": {"phone": 1}},
    {"channels": {"phone": None, "chat": 2}},
    {"channels": {"phone": 0, "chat": 1}},
    {"work_limit": 1},
    {"work_limit": 2},
    {"combines": {"chat": ["chat"], "phone": []}},
    {"rate_limit": RateLimit(1, timedelta(hours=2))},
    {"rate_limit": RateLimit(2, timedelta(hours=20))},
    {"shift": SHIFTS[0]},
    {"shift": SHIFTS[1]},
    {"shift": SHIFTS[2]},
    {"region": "eu"},
    {"region": "us", "clearances": {"sc": 2}},
    {"tier": 1, "tiers": {"db": 2}},
    {"weight": 3, "speed": 2},
    {"position": 1},
)


def _of(values: tuple[_T, ...]) -> SearchStrategy[_T]:
    return st.sampled_from(values)


def _optional(value: SearchStrategy[_T]) -> SearchStrategy[_T | None]:
    return st.none() | value


def instants() -> SearchStrategy[datetime]:
    """Return instants of one week, mostly on the half hour, and some one microsecond off."""
    halves = st.integers(0, 7 * 48).map(lambda n: MONDAY + timedelta(minutes=30 * n))
    return st.builds(lambda at, off: at + timedelta(microseconds=off), halves, _of((0, 0, 0, -1)))


@st.composite
def spans(draw: DrawFn) -> Span:
    """Return spans of up to two days that start within the week."""
    start = draw(instants())
    return Span(start, start + timedelta(minutes=30 * draw(st.integers(1, 96))))


@st.composite
def requirements(draw: DrawFn) -> Requirement:
    """Return requirements, every third one with weights, obligations and the like."""
    skills, groups = draw(_of(_SKILLS_OF_WORK)), draw(_of(_GROUPS_OF_WORK))
    if draw(st.integers(0, 2)):
        return Requirement(skills=skills, groups=groups, channel=draw(_of((None, *CHANNELS))))
    weights: dict[str, int] | int = draw(_of((0, 1, 2, 3)))
    if draw(st.booleans()):
        weights = {"work": 1, "deep": draw(st.integers(0, 2))}
    return Requirement(
        skills=skills,
        groups=groups,
        preferred=draw(_of(_SKILLS_OF_WORK)),
        channel=draw(_of((None, *CHANNELS))),
        weights=weights,
        exclusive=draw(st.booleans()),
        obligations=draw(_of((RoutingObligations(), *_OBLIGATIONS))),
    )


@st.composite
def agents(draw: DrawFn, id: str | None = None) -> Agent:
    """Return agents with up to three limits, shifts, absences and the like."""
    fields: dict[str, object] = {"capacity": draw(_of((None, 1, 2, 4)))}
    for limit in draw(st.lists(_of(_LIMITS), max_size=3)):
        fields |= limit
    if draw(st.integers(0, 3)) == 0:
        fields["absences"] = [draw(spans())]
        fields["overtime"] = draw(st.lists(spans(), max_size=1))
    return Agent(
        id=draw(_of(IDS)) if id is None else id,
        groups=draw(_of(_GROUPS_OF_AGENT)),
        skills=draw(_of(_SKILLS_OF_AGENT)),
        **fields,  # type: ignore[arg-type]
    )


@st.composite
def workloads(draw: DrawFn, id: str = "a") -> Workload:
    """Return workloads; ids of assigned work start with `id`."""
    assigned = draw(st.lists(requirements(), max_size=2))
    since = draw(instants())
    last, released, back = draw(st.tuples(*[_optional(instants())] * 3))
    away = draw(st.integers(0, 3)) == 0
    numbers = draw(st.tuples(*[st.integers(0, 3)] * 4))
    return Workload(
        held={
            f"{id}-{n}": AssignedWork(
                each, since, draw(_of((None, None, OVERRIDE))), draw(_of(((), (), ("a", "b"))))
            )
            for n, each in enumerate(assigned)
        },
        away=away,
        back=back if away else None,
        last_assigned=last,
        released=released,
        available_since=back,
        handled=numbers[0],
        assigned=numbers[1],
        busy=timedelta(minutes=numbers[2]),
        busy_since=since if assigned else None,
        assignment_number=numbers[3],
        recent=[] if last is None else [last],
    )


@st.composite
def rosters(draw: DrawFn, *, most: int = 6, names: tuple[str, ...] = ()) -> Roster:
    """Return rosters of up to `most` agents, some with assigned work, and one on-call schedule.

    With `names`, those are the agents.
    """
    ids = names or IDS[: draw(st.integers(0, most))]
    schedule = OnCall(
        id="db",
        layers=[
            OnCallLayer(members=[IDS[:2], IDS[1], IDS[2]], start=MONDAY, every=timedelta(hours=12))
        ],
    )
    busy = draw(st.frozensets(_of(names or IDS), max_size=4))
    return Roster(
        agents=[draw(agents(id)) for id in ids],
        workloads={id: draw(workloads(id)) for id in ids if id in busy},
        on_call=[schedule],
        assignment_count=5,
        since=draw(_of((None, MONDAY))),
    )


@st.composite
def plans(draw: DrawFn) -> RelaxationPlan:
    """Return relaxation plans of up to three steps, by elapsed or by open time."""
    afters = sorted(draw(st.sets(st.integers(1, 72), max_size=3)))
    steps = [
        RelaxationStep(
            after=timedelta(hours=hours),
            drop=draw(_of(((), ("oracle",)))),
            lower=draw(_of(({}, {"oracle": 1, "spanish": 0}))),
            groups=draw(_of(_GROUPS_OF_AGENT)),
            any_group=draw(st.booleans()),
            unstaffed=draw(st.booleans()),
            on_expiry=draw(st.booleans()),
        )
        for hours in afters
    ]
    return RelaxationPlan(steps=steps, hours=draw(_of((None, *SHIFTS[:2]))))


@st.composite
def works(draw: DrawFn, id: str | None = None) -> Work:
    """Return work, every third piece with preferences, exclusions, on-call needs or a plan."""
    requires = draw(requirements())
    name = draw(_of(("w0", "w1", "w2"))) if id is None else id
    opened = draw(instants())
    if draw(st.integers(0, 2)):
        return Work(id=name, opened=opened, requires=requires, rank=draw(st.integers(0, 2)))
    if draw(st.integers(0, 3)) == 0:
        requires = Requirement(on_call="db", skills=requires.skills)
    return Work(
        id=name,
        opened=opened,
        requires=requires,
        rank=draw(st.integers(0, 2)),
        due=draw(_optional(instants())),
        preferred_agents=draw(st.lists(_of(IDS), max_size=2)),
        excluded_agents=draw(st.frozensets(_of(IDS), max_size=2)),
        demoted_agents=draw(st.frozensets(_of(IDS), max_size=2)),
        relaxation=draw(_optional(plans())),
        steps_taken=draw(st.integers(0, 1)),
    )


def chains() -> SearchStrategy[Strategy]:
    """Return the default strategy, and chains of one or two others."""
    one = st.sampled_from(sorted(STRATEGIES))
    return st.just(DEFAULT_STRATEGY) | st.lists(one, min_size=1, max_size=2, unique=True).map(
        lambda names: STRATEGIES[names[0]].then(*[STRATEGIES[each] for each in names[1:]])
    )


# Built once: a strategy made for each draw costs more than what it draws.
_FEW = st.integers(0, 5)
_STARTS = st.sampled_from(["opened", "requested", "routable"])
_TIMES = st.timedeltas(timedelta(seconds=1), timedelta(hours=2))
_TIMES_BY_RANK = st.dictionaries(st.integers(0, 3), _TIMES, max_size=2)
_NUMBERS_BY_RANK = st.dictionaries(st.integers(0, 3), st.integers(0, 9), min_size=1, max_size=2)
_SHARES = st.none() | st.floats(0, 2, allow_subnormal=False)
_SCORES = st.builds(AffineScore, _FEW, _FEW, _FEW)
_WRITTEN: SearchStrategy[Strategy] = (
    st.sampled_from([STRATEGIES[name] for name in sorted(STRATEGIES)])
    | st.sampled_from(IdleSince).map(longest_idle)
    | st.text("ab", max_size=2).map(seeded_random)
    | st.dictionaries(_of(SKILLS), _FEW, max_size=2).map(least_opportunity_cost)
    | st.dictionaries(_of(GROUPS), _SCORES, max_size=2).map(affine_score)
)
_CHAINS = st.lists(_WRITTEN, min_size=1, max_size=3)
_ORDERS: SearchStrategy[QueueOrder] = st.one_of(
    st.sampled_from([STRICT_RANK, FIRST_IN_FIRST_OUT, EARLIEST_DEADLINE, DelayRatio()]),
    st.builds(GuardedDeadline, relief=st.none() | st.integers(1, 9), due_after=_TIMES),
    st.builds(linear_ageing, _TIMES_BY_RANK, per_rank=_TIMES, since=_STARTS),
    _STARTS.map(strict_rank),
    _TIMES_BY_RANK.map(RankPlusDelay),
    _NUMBERS_BY_RANK.map(FixedRatio),
    st.builds(MarginalCost, _NUMBERS_BY_RANK, _NUMBERS_BY_RANK),
    st.dictionaries(_of(GROUPS), st.integers(1, 3), max_size=2).map(preference_order),
)
_OFFERS = st.builds(
    OfferPolicy,
    lease=_TIMES,
    declines=st.none() | st.integers(1, 4),
    cool_down=st.none() | _TIMES,
    excused_reasons=st.frozensets(st.sampled_from(["lunch", "busy"])),
    expiry_declines=st.booleans(),
    wrap_up=_TIMES,
    silence=st.none() | _TIMES,
    keep_age=st.booleans(),
    restart_relaxation=st.booleans(),
    agent_declines=st.none() | st.integers(1, 3),
    longest_wait=st.none() | _TIMES,
)
_BOUNDS = st.builds(
    FairnessBounds,
    jain=_SHARES,
    occupancy=_SHARES,
    longest_wait=_TIMES_BY_RANK,
    starvation=st.none() | _TIMES,
)


@st.composite
def written_strategies(draw: DrawFn) -> Strategy:
    """Draw a chain of strategies that documents can hold, sometimes on a sample."""
    first, *rest = draw(_CHAINS)
    if draw(st.booleans()):
        first = power_of_d(draw(st.integers(1, 3)), first, draw(st.sampled_from(["", "a"])))
    return first.then(*rest) if rest else first


def written_orders() -> SearchStrategy[QueueOrder]:
    """Return queue orders that documents can hold."""
    return _ORDERS


def _anywhere(plan: RelaxationPlan) -> list[RelaxationStep]:
    """Return the steps of the plan without groups, which facts would have to define."""
    return [attrs.evolve(each, groups=()) for each in plan.steps]


_POLICIES = st.builds(
    RoutingPolicy,
    name=st.sampled_from(["default", "support", "1"]),
    strategy=written_strategies(),
    order=_ORDERS,
    offers=_OFFERS,
    bounds=_BOUNDS,
    relaxation=st.none() | plans().map(lambda plan: attrs.evolve(plan, steps=_anywhere(plan))),
    sources=st.lists(st.just("a page"), max_size=1),
    note=st.sampled_from(["", "a note"]),
)


def routing_policies() -> SearchStrategy[RoutingPolicy]:
    """Return routing policies that documents and stores can hold."""
    return _POLICIES
