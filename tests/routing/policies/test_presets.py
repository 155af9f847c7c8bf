"""Presets against examples from the documentation of other systems.

Expected values of presets are copied from there.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from entitlements.kernel.instants import utc
from entitlements.routing import (
    Agent,
    Assigned,
    AssignedWork,
    Backlog,
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
from entitlements.routing.offers.command_events import events_of_command
from entitlements.routing.offers.lifecycle import (
    Decline,
    Enqueue,
    Offer,
    ProcessTimeouts,
    WorkCommand,
    WorkStatus,
)
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import WorkState, apply_event
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.policies.presets import ROUTING_PRESETS
from entitlements.routing.strategies.named import (
    NEAREST_PROFICIENCY,
    WEIGHTED_ROUND_ROBIN,
)
from entitlements.routing.work.rank_orders import RankPlusDelay

DAY = "2026-03-02T"
NEEDS = Requirement()


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
        workloads={
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
        workloads={
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
        workloads={
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
        workloads={
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
        workloads={
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
        lease=120 * second, declines=None, agent_declines=None
    )
    moving = [
        RelaxationStep(after=each.after, groups=each.groups, on_expiry=True) for each in plan.steps
    ]
    expired = evolve(
        task, relaxation=RelaxationPlan(steps=moving), steps_taken=plan_steps(moving, expiries=1)
    )
    assert expired.requirement_at(created + 8 * second).groups == {"q1", "q2"}
    assert expired.next_change_at(created + 8 * second) == created + 20 * second


def plan_steps(steps: list[RelaxationStep], *, expiries: int) -> int:
    """Return how many steps so many expired offers have taken."""
    return RelaxationPlan(steps=steps).steps_taken_after(expiries)


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
        workloads={
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
    roster = Roster(agents=[Agent(id="ada", channels={"chat": 2, "case": 2}, work_limit=3)])
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
        workloads={"ada": Workload(last_assigned=at("08:59"))},
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
        workloads={
            "ada": Workload(released=at("08:00"), handled=9, busy=50 * minute),
            "bob": Workload(released=at("08:20"), handled=1, busy=40 * minute),
            "eve": Workload(released=at("08:10"), handled=5, busy=10 * minute),
        },
        since=at("07:00"),
    )
    assert chosen(preset, roster, "09:00") == expected


# Zendesk, article 6712096584090: by priority, then by the time at which a ticket could be routed,
# which is later than its creation for a ticket that was on hold or got the tag later.
@pytest.mark.parametrize("preset", ["zendesk_round_robin", "zendesk_highest_spare_capacity"])
def test_zendesk_orders_by_priority_and_then_by_routable_time(preset: str) -> None:
    order = ROUTING_PRESETS[preset].order
    tagged = Work(id="tagged", opened=at("08:00"), routable=at("09:30"), rank=1)
    plain = Work(id="plain", opened=at("09:00"), rank=1)
    urgent = Work(id="urgent", opened=at("10:00"), rank=0)
    served = sorted([tagged, plain, urgent], key=lambda work: (work.rank, order.within(work)))
    assert [work.id for work in served] == ["urgent", "plain", "tagged"]


# Genesys community, conversation-priority-and-score: a point of priority is 60,000 ms of waiting.
@pytest.mark.parametrize(
    ("points_behind", "minutes_longer", "first"),
    [(10, 11, "long"), (10, 9, "important"), (0, 1, "long")],
)
def test_genesys_adds_the_minutes_of_waiting_to_the_priority(
    points_behind: int, minutes_longer: int, first: str
) -> None:
    order = ROUTING_PRESETS["genesys_standard"].order
    important = Work(id="important", opened=at("10:00"))
    long = Work(
        id="long", opened=at("10:00") - timedelta(minutes=minutes_longer), rank=points_behind
    )
    found = order.first([important, long], at("10:30"), 0, {})
    assert found is not None
    assert found.id == first


def refused_by(policy: RoutingPolicy, *agents: str | None) -> WorkState:
    """Return the state after offers that these agents declined; None is the last, in silence."""
    state, moment, last = WorkState(work="chat"), at("09:00"), ""
    steps: list[tuple[WorkCommand, timedelta]] = [(Enqueue("q"), timedelta())]
    for n, agent in enumerate(agents, start=1):
        last = agent or last
        steps.append((Offer(f"o{n}", [last]), timedelta()))
        if agent is None:
            steps.append((ProcessTimeouts(), policy.offers.lease))
        else:
            steps.append((Decline(f"d{n}", agent, n), timedelta(seconds=1)))
    for step, later in steps:
        moment += later
        for event in events_of_command(state, step, moment, policy.offers):
            state = apply_event(state, event)
    return state


# Dynamics 365, assignment-methods.md: Serena rejects a chat twice and lets the third offer time
# out. That is three declines, and the chat is not offered to her again, but to others.
def test_dynamics_counts_declines_for_each_agent_and_offers_to_others_first() -> None:
    policy = ROUTING_PRESETS["dynamics_highest_capacity"]
    roster = Roster(agents=[Agent(id="serena", capacity=9), Agent(id="ana", capacity=1)])
    chat = Work(id="chat", opened=at("09:00"))
    assert chosen("dynamics_highest_capacity", roster, "09:00") == "serena"
    for refusals, first, alone in ((1, "ana", "serena"), (2, "ana", "serena"), (3, "ana", "")):
        state = refused_by(policy, *(["serena", "serena", None][:refusals]))
        assert state.status is WorkStatus.QUEUED, "no number of declines ends the routing"
        routed = state.as_work(chat, at("10:00"), policy.offers)
        answer = route(routed, roster, at("10:00"), strategy=policy.strategy)
        assert isinstance(answer, Assigned)
        assert answer.agent == first
        only = roster.remove("ana")
        last = route(routed, only, at("10:00"), strategy=policy.strategy)
        assert (last.agent if isinstance(last, Assigned) else "") == alone


# Twilio, multi-reservation: after a rejection TaskRouter moves on to the next worker; nobody is
# excluded for ever.
def test_twilio_moves_on_to_the_next_worker() -> None:
    policy = ROUTING_PRESETS["twilio_longest_idle"]
    roster = Roster(agents=[Agent(id="alice"), Agent(id="bob")])
    task = Work(id="chat", opened=at("09:00"))
    state = refused_by(policy, *["alice"] * 5)
    routed = state.as_work(task, at("10:00"), policy.offers)
    answer = route(routed, roster, at("10:00"), strategy=policy.strategy)
    assert isinstance(answer, Assigned)
    assert answer.agent == "bob"
    back = route(routed, roster.remove("bob"), at("10:00"), strategy=policy.strategy)
    assert isinstance(back, Assigned)
    assert back.agent == "alice"


# mod_callcenter.c orders by level, then by the column of the strategy, then by position.
@pytest.mark.parametrize(
    "preset", [name for name in ROUTING_PRESETS if name.startswith("freeswitch")]
)
def test_freeswitch_breaks_ties_by_position(preset: str) -> None:
    roster = Roster(
        agents=[
            Agent(id="1000", position=2),
            Agent(id="1001", position=1),
            Agent(id="1002", tier=1, position=0),
        ]
    )
    assert chosen(preset, roster, "09:00") == "1001"


SALES_AGENTS = Agent(id="seller", groups=["sales"], capacity=1)


# Amazon Connect, queue priority and delay, example 1: sales has priority 1 and support priority 2.
def test_connect_serves_the_queue_of_the_better_priority_first() -> None:
    order = ROUTING_PRESETS["amazon_connect"].order
    both = Requirement(groups="sales")
    backlog = Backlog(order)
    backlog.add(Work(id="support", opened=at("09:00"), rank=2, requires=both))
    backlog.add(Work(id="sales", opened=at("09:05"), rank=1, requires=both))
    works = sorted(backlog, key=lambda work: (work.rank, order.within(work)))
    assert [work.id for work in works] == ["sales", "support"]


# Amazon Connect, example 2: both have priority 1, and support a delay of 30 seconds for the sales
# agents. They get a contact of support once it is older than that, and then the older one first.
def test_connect_delays_a_queue_and_not_a_rank() -> None:
    policy = ROUTING_PRESETS["amazon_connect"]
    delay = RelaxationStep(after=timedelta(seconds=30), groups="sales")
    support = Work(
        id="support",
        opened=at("09:00"),
        rank=1,
        requires=Requirement(groups="support"),
        relaxation=RelaxationPlan(steps=[delay]),
    )
    sales = Work(
        id="sales",
        opened=at("09:00") + timedelta(seconds=10),
        rank=1,
        requires=Requirement(groups="sales"),
    )
    router = Router(Roster(agents=[SALES_AGENTS]), policy)
    early, late = at("09:00") + timedelta(seconds=29), at("09:00") + timedelta(seconds=30)
    assert isinstance(router.route(support, early), Waiting)
    assert isinstance(router.route(sales, early), Assigned)
    assert isinstance(router.route(support, late), Assigned)
    first = policy.order.first([sales, support], late, 0, {})
    assert first is support


# ServiceNow, awa-group-queue-priorities: three groups of one agent with capacity 2; each prefers
# the three queues in another order. The third line of the second scenario in the document gives
# its agent 1 a third item, against the capacity of 2; here, agent 3 gets it.
@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        ("aabbcc", {"1": "aa", "2": "bb", "3": "cc"}),
        ("aaabbb", {"1": "aa", "2": "bb", "3": "ab"}),
        ("cccccc", {"3": "cc", "2": "cc", "1": "cc"}),
    ],
)
@pytest.mark.parametrize("preset", ["servicenow_most_capacity", "servicenow_last_assigned"])
def test_servicenow_prefers_by_group_and_queue(
    preset: str, waiting: str, expected: dict[str, str]
) -> None:
    orders = {"1": "abc", "2": "bca", "3": "cab"}
    roster = Roster(
        agents=[
            Agent(
                id=id,
                groups=list("abc"),
                capacity=2,
                tiers={queue: order.index(queue) for queue in order},
            )
            for id, order in orders.items()
        ]
    )
    got: dict[str, str] = dict.fromkeys(orders, "")
    for n, queue in enumerate(waiting):
        work = Work(id=f"{queue}{n}", opened=at("09:00"), requires=Requirement(groups=queue))
        answer = route(work, roster, at("09:00"), strategy=ROUTING_PRESETS[preset].strategy)
        assert isinstance(answer, Assigned)
        got[answer.agent] += queue
        roster = roster.assign(work, answer.agent, at("09:00"))
    assert got == expected


def test_every_preset_says_what_it_does_not_reproduce() -> None:
    assert [name for name, policy in ROUTING_PRESETS.items() if not policy.note] == []
