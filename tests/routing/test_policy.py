"""Policies, and presets against examples from the documentation of other systems.

Expected values of presets are copied from there.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from entitlements.kernel.instants import utc
from entitlements.routing import (
    ROUND_ROBIN,
    Agent,
    Assigned,
    AssignedWork,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    Router,
    Waiting,
    Work,
    Workload,
    route,
)
from entitlements.routing.offers.lifecycle import OfferPolicy
from entitlements.routing.policy import ROUTING_PRESETS, RoutingPolicy
from entitlements.routing.strategies.named import (
    DEFAULT_STRATEGY,
    NEAREST_PROFICIENCY,
    WEIGHTED_ROUND_ROBIN,
)
from entitlements.routing.work.queue_order import GuardedDeadline
from entitlements.routing.work.rank_orders import RankPlusDelay

DAY = "2026-03-02T"
NEEDS = Requirement()


def test_a_policy_without_arguments_has_the_defaults() -> None:
    policy = RoutingPolicy()
    assert (policy.strategy, policy.order) == (DEFAULT_STRATEGY, GuardedDeadline())


def test_a_router_takes_a_policy_or_a_strategy() -> None:
    roster = Roster(agents=[Agent(id="b", position=0), Agent(id="a", position=1)])
    for given in (ROUND_ROBIN, RoutingPolicy(strategy=ROUND_ROBIN)):
        assert (
            Router(roster, given).route(Work(id="w", opened=at("09:00")), at("09:00")).agent == "b"
        )


def at(clock: str) -> datetime:
    """Return that time of one day."""
    return utc(f"{DAY}{clock}Z")


def chosen(preset: str, roster: Roster, clock: str, requires: Requirement = NEEDS) -> str:
    """Return who gets new work, from the pure choice and from the live router alike."""
    work, policy = Work(id="new", opened=at(clock), requires=requires), ROUTING_PRESETS[preset]
    answer = route(work, roster, at(clock), strategy=policy.strategy)
    assert answer == Router(roster, policy).route(work, at(clock))
    assert isinstance(answer, Assigned)
    return answer.agent


def test_every_preset_names_its_sources() -> None:
    for name, policy in ROUTING_PRESETS.items():
        assert policy.name == name
        assert policy.sources
        assert isinstance(policy, RoutingPolicy)


# Dynamics 365, assignment-methods.md: three with equal capacity; Lesa was assigned at 10:30,
# Alicia at 10:35, Alan at 10:37. At 10:40 Lesa gets the chat, at 10:45 Alicia.
@pytest.mark.parametrize("preset", ["dynamics_highest_capacity", "dynamics_round_robin"])
def test_dynamics_breaks_ties_by_the_earliest_last_assignment(preset: str) -> None:
    people = {"lesa": "10:30", "alicia": "10:35", "alan": "10:37"}
    roster = Roster(
        agents=[Agent(id=name, skills="coffee-refund", capacity=3) for name in people],
        standings={
            name: Workload(
                held={f"{name}-chat": AssignedWork(NEEDS, at(clock))}, last_assigned=at(clock)
            )
            for name, clock in people.items()
        },
    )
    refund = Requirement(skills="coffee-refund")
    assert chosen(preset, roster, "10:40", refund) == "lesa"
    work = Work(id="refund", opened=at("10:40"), requires=refund)
    assert chosen(preset, roster.assign(work, "lesa", at("10:40")), "10:45", refund) == "alicia"


# Dynamics 365, assignment-methods.md: Oscar takes a call at 13:00 for 15 minutes, Victoria at 13:05
# for five; at 13:20 Victoria is chosen, because her capacity was released earlier.
def test_dynamics_least_active_counts_from_release_not_from_assignment() -> None:
    roster = Roster(
        agents=[Agent(id="oscar", capacity=1), Agent(id="victoria", capacity=1)],
        standings={
            "oscar": Workload(last_assigned=at("13:00"), released=at("13:15")),
            "victoria": Workload(last_assigned=at("13:05"), released=at("13:10")),
        },
    )
    assert chosen("dynamics_least_active", roster, "13:20") == "victoria"


COFFEE = Requirement(preferred={"cafe-a-100": 2, "coffee-machine": 3, "spanish": 3})


# Dynamics 365, set-up-skill-based-routing.md, the table of closest matches.
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("dynamics_nearest_proficiency", ["carlos", "eric", "jamie"]),
        ("dynamics_most_proficient", ["eric", "carlos", "jamie"]),
    ],
)
def test_dynamics_orders_by_proficiency(preset: str, expected: list[str]) -> None:
    skills = {
        "carlos": {"cafe-a-100": 2, "coffee-machine": 3, "spanish": 3},
        "eric": {"cafe-a-100": 5, "coffee-machine": 4, "spanish": 1},
        "jamie": {"cafe-a-100": 1, "coffee-machine": 2, "spanish": 1},
    }
    roster = Roster(agents=[Agent(id=id, skills=each) for id, each in skills.items()])
    work = Work(id="new", opened=at("09:00"), requires=COFFEE)
    answer = route(work, roster, at("09:00"), strategy=ROUTING_PRESETS[preset].strategy)
    assert [each.agent for each in sorted(answer.considered, key=lambda c: c.rank or 9)] == expected
    if preset == "dynamics_nearest_proficiency":
        assert ROUTING_PRESETS[preset].strategy == NEAREST_PROFICIENCY


# The same table, by number of skills: Carlos has all three, Eric two, Jamie one.
def test_dynamics_orders_by_skill_count() -> None:
    skills = {
        "carlos": {"cafe-a-100": 2, "coffee-machine": 3, "spanish": 3},
        "eric": {"cafe-a-100": 5, "coffee-machine": 4},
        "jamie": {"cafe-a-100": 1},
    }
    roster = Roster(agents=[Agent(id=id, skills=each) for id, each in skills.items()])
    assert chosen("dynamics_skill_count", roster, "09:00", COFFEE) == "carlos"
    assert chosen("dynamics_skill_count", roster.remove("carlos"), "09:00", COFFEE) == "eric"


# Dynamics 365, capacity-profiles.md: at most two high, four normal, and five in all.
def test_dynamics_profiles_are_drawn_together() -> None:
    agent = Agent(id="ana", capacity={"high": 2, "normal": 4, "total": 5})
    roster = Roster(agents=[agent])
    taken = Counter[str]()
    for n, kind in enumerate(["high"] * 3 + ["normal"] * 5):
        work = Work(
            id=f"w{n}", opened=at("09:00"), requires=Requirement(weights={kind: 1, "total": 1})
        )
        if isinstance(route(work, roster, at("09:00")), Assigned):
            roster = roster.assign(work, "ana", at("09:00"))
            taken[kind] += 1
    assert taken == {"high": 2, "normal": 3}


# Salesforce, QueueRoutingConfig: capacity 6 and weight 2 make three cases; a call of 100 percent
# leaves room for nothing.
def test_salesforce_weighs_cases_and_calls() -> None:
    roster = Roster(agents=[Agent(id="ada", capacity=6)])
    for n in range(3):
        case = Work(id=f"c{n}", opened=at("09:00"), requires=Requirement(weights=2))
        assert isinstance(route(case, roster, at("09:00")), Assigned)
        roster = roster.assign(case, "ada", at("09:00"))
    case = Work(id="c4", opened=at("09:00"), requires=Requirement(weights=2))
    assert isinstance(route(case, roster, at("09:00")), Waiting)
    call = Work(id="call", opened=at("09:00"), requires=Requirement(weights=6))
    assert isinstance(
        route(case, Roster(agents=[Agent(id="b", capacity=6)]).assign(call, "b", at("09:00")),
              at("09:00")),
        Waiting,
    )  # fmt: skip


# Salesforce, routing models: least active compares the assigned work, most available at the rest.
def test_salesforce_models_differ_when_capacities_do() -> None:
    roster = Roster(
        agents=[Agent(id="ada", capacity=10), Agent(id="bob", capacity=4)],
        standings={
            "ada": Workload(held={f"a{n}": AssignedWork(NEEDS, at("08:00")) for n in range(3)}),
            "bob": Workload(held={"b0": AssignedWork(NEEDS, at("08:00"))}),
        },
    )
    assert chosen("salesforce_least_active", roster, "09:00") == "bob"
    assert chosen("salesforce_most_available", roster, "09:00") == "ada"


# Zendesk, article 7990049158554, scenario 1: spare 1, 2, 3; last assigned 5, 3, 1 minutes ago.
def test_zendesk_spare_capacity_and_round_robin_choose_opposite_ends() -> None:
    roster = Roster(
        agents=[Agent(id=f"agent-{n}", capacity=n) for n in (1, 2, 3)],
        standings={
            "agent-1": Workload(last_assigned=at("08:55")),
            "agent-2": Workload(last_assigned=at("08:57")),
            "agent-3": Workload(last_assigned=at("08:59")),
        },
    )
    assert chosen("zendesk_round_robin", roster, "09:00") == "agent-1"
    assert chosen("zendesk_highest_spare_capacity", roster, "09:00") == "agent-3"


# Zendesk, article 9290784330522: A holds 1 of 2 (50 percent spare), B holds 8 of 10 (20 percent).
def test_zendesk_percentage_differs_from_numbers() -> None:
    roster = Roster(
        agents=[Agent(id="a", capacity=2), Agent(id="b", capacity=10)],
        standings={
            "a": Workload(held={"a0": AssignedWork(NEEDS, at("08:00"))}),
            "b": Workload(held={f"b{n}": AssignedWork(NEEDS, at("08:00")) for n in range(8)}),
        },
    )
    assert chosen("zendesk_highest_spare_capacity", roster, "09:00") == "b"
    assert chosen("zendesk_highest_spare_percentage", roster, "09:00") == "a"


# Twilio, task evaluation: queues Q1 and Q2 time out after 10 s each. Reserved at 3 s, the offer
# runs out at 8 s; the next escalation comes in 12 s, at the age of 20, because ages add up.
def test_twilio_timeouts_count_from_the_creation_of_the_task() -> None:
    second = timedelta(seconds=1)
    plan = RelaxationPlan(
        steps=[
            RelaxationStep(after=10 * second, groups="q2"),
            RelaxationStep(after=20 * second, groups="q3"),
        ]
    )
    created = at("09:00")
    task = Work(
        id="A", opened=created, requires=Requirement(groups="q1"), relaxation=plan,
        declined=created + 8 * second,
    )  # fmt: skip
    # At 8 s the task was moved on to Q2 by the expired offer; the present target ends at 20 s.
    assert task.next_change_at(created + 10 * second) == created + 20 * second
    assert ROUTING_PRESETS["twilio_longest_idle"].offers == OfferPolicy(
        lease=120 * second, declines=None
    )


# Genesys, community answer by staff: the mean is over the skills the interaction needs.
def test_genesys_averages_only_what_the_interaction_needs() -> None:
    roster = Roster(
        agents=[
            Agent(id="ada", skills={"billing": 3, "spanish": 5}),
            Agent(id="bob", skills={"billing": 4, "spanish": 1}),
        ]
    )
    assert chosen("genesys_best_available", roster, "09:00", Requirement(skills="billing")) == "bob"


# Amazon Connect, concepts-routing-profiles-priority.md: tiers 1 and 2 have priority 1, tier 3 has
# priority 2 after 20 s, tier 4 priority 3 after 80 s.
@pytest.mark.parametrize(
    ("seconds", "waiting", "expected"),
    [
        pytest.param(19, [3], "", id="tier 3 is not seen before 20 s"),
        pytest.param(20, [3], "t3", id="tier 3 at 20 s"),
        pytest.param(79, [4], "", id="tier 4 is not seen before 80 s"),
        pytest.param(80, [3, 4], "t3", id="tier 4 only when tier 3 is empty"),
        pytest.param(80, [4], "t4", id="tier 4 at 80 s"),
        pytest.param(500, [1, 3, 4], "t1", id="waiting never beats priority"),
    ],
)
def test_connect_priority_and_delay(seconds: int, waiting: list[int], expected: str) -> None:
    order = RankPlusDelay({2: timedelta(seconds=20), 3: timedelta(seconds=80)})
    ranks = {1: 1, 2: 1, 3: 2, 4: 3}
    works = [Work(id=f"t{n}", opened=at("09:00"), rank=ranks[n]) for n in waiting]
    first = order.first(works, at("09:00") + timedelta(seconds=seconds), 0, {})
    assert (first.id if first else "") == expected


# Frappe, test_assignment_rule.py: weights 1 and 2 over five documents make two and three.
def test_frappe_weights() -> None:
    router = Router(
        Roster(agents=[Agent(id="test"), Agent(id="test1", weight=2)]), WEIGHTED_ROUND_ROBIN
    )
    counts = Counter[str]()
    for n in range(5):
        work = Work(id=f"w{n}", opened=at("09:00"))
        answer = router.route(work, at("09:00") + timedelta(seconds=n))
        assert isinstance(answer, Assigned)
        router.assign(work, answer.agent, at("09:00") + timedelta(seconds=n))
        counts[answer.agent] += 1
    assert counts == {"test": 2, "test1": 3}


# Frappe, test_assignment_rule.py: the third document goes to the third user although the first two
# were closed; the fourth to the first user again.
def test_frappe_round_robin_remembers_who_was_last() -> None:
    names = ["test", "test1", "test2"]
    router = Router(
        Roster(agents=[Agent(id=name, position=n) for n, name in enumerate(names)]),
        ROUTING_PRESETS["asterisk_rrmemory"],
    )
    order = []
    for n in range(4):
        if n == 2:
            router.complete("w0", at("09:00"))
            router.complete("w1", at("09:00"))
        work = Work(id=f"w{n}", opened=at("09:00"))
        answer = router.route(work, at("09:00"))
        assert isinstance(answer, Assigned)
        router.assign(work, answer.agent, at("09:00"))
        order.append(answer.agent)
    assert order == ["test", "test1", "test2", "test"]


# Asterisk, queues.conf.sample: fewestcalls counts completed calls, leastrecent the last hang-up; a
# member of a higher penalty is tried only when those below cannot.
def test_asterisk_strategies_respect_penalties() -> None:
    roster = Roster(
        agents=[
            Agent(id="ada", capacity=1),
            Agent(id="bob", capacity=1),
            Agent(id="eve", capacity=1, tier=1),
        ],
        standings={
            "ada": Workload(handled=3, released=at("08:00")),
            "bob": Workload(handled=1, released=at("08:30")),
        },
    )
    assert chosen("asterisk_fewestcalls", roster, "09:00") == "bob"
    assert chosen("asterisk_leastrecent", roster, "09:00") == "ada"
    for name in ("ada", "bob"):
        roster = roster.assign(Work(id=f"{name}-1", opened=at("09:00")), name, at("09:00"))
    assert chosen("asterisk_fewestcalls", roster, "09:00") == "eve"


# ServiceNow, awa-universal-capacity.md: at the maximum over all channels nothing more is assigned.
def test_servicenow_universal_capacity_is_a_ceiling_over_channels() -> None:
    roster = Roster(agents=[Agent(id="ada", channels={"chat": 2, "case": 2}, most=3)])
    for n, channel in enumerate(["chat", "chat", "case"]):
        work = Work(id=f"w{n}", opened=at("09:00"), requires=Requirement(channel=channel))
        roster = roster.assign(work, "ada", at("09:00"))
    fourth = Work(id="w3", opened=at("09:00"), requires=Requirement(channel="case"))
    answer = route(
        fourth, roster, at("09:00"), strategy=ROUTING_PRESETS["servicenow_most_capacity"].strategy
    )
    assert [str(each) for each in answer.considered] == ["ada: work limit reached, 3 of 3"]


# ServiceNow, assignment rule form: the most available, or who has gone longest without work.
def test_servicenow_assigns_by_capacity_or_by_last_assignment() -> None:
    roster = Roster(
        agents=[Agent(id="ada", capacity=5), Agent(id="bob", capacity=3)],
        standings={"ada": Workload(last_assigned=at("08:59"))},
    )
    assert chosen("servicenow_most_capacity", roster, "09:00") == "ada"
    assert chosen("servicenow_last_assigned", roster, "09:00") == "bob"


# FreeSWITCH, mod_callcenter: fewest calls, least talk time and longest idle read one column each.
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("freeswitch_longest_idle", "ada"),
        ("freeswitch_fewest_calls", "bob"),
        ("freeswitch_least_talk_time", "eve"),
    ],
)
def test_freeswitch_strategies_read_one_column(preset: str, expected: str) -> None:
    minute = timedelta(minutes=1)
    roster = Roster(
        agents=[Agent(id=id, capacity=1) for id in ("ada", "bob", "eve")],
        standings={
            "ada": Workload(released=at("08:00"), handled=9, busy=50 * minute),
            "bob": Workload(released=at("08:20"), handled=1, busy=40 * minute),
            "eve": Workload(released=at("08:10"), handled=5, busy=10 * minute),
        },
        since=at("07:00"),
    )
    assert chosen(preset, roster, "09:00") == expected
