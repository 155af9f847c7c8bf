"""Oracle of routing: eligibility, strategies and matching by brute force.

Written from the rules, over public values only, without states, heaps and integers. The choices of
the library are compared with these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

from entitlements.calendars import BusinessHours
from entitlements.kernel.instants import MICROSECOND
from entitlements.routing import (
    Agent,
    GuardedDeadline,
    QueueLimits,
    QueueState,
    Requirement,
    Roster,
    Work,
    Workload,
)

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def on_duty(agent: Agent, at: datetime) -> bool:
    """Return whether the agent works at `at`: no absence, and shift or extra duty."""
    if any(span.start <= at < span.end for span in agent.absences):
        return False
    if agent.shift is None or agent.shift.is_open(at):
        return True
    return any(span.start <= at < span.end for span in agent.overtime)


def not_away(workload: Workload, at: datetime) -> bool:
    """Return whether the agent is not away, or was expected back by now."""
    return not workload.away or (workload.back is not None and workload.back <= at)


def within_rate_limit(agent: Agent, workload: Workload, at: datetime) -> bool:
    """Return whether fewer assignments than the rate limit allows still count at `at`."""
    if agent.rate_limit is None:
        return True
    counting = [each for each in workload.recent if at < each + agent.rate_limit.within]
    return len(counting) < agent.rate_limit.count


def qualified(agent: Agent, needs: Requirement) -> bool:
    """Return whether groups, skills, channel and obligations are met."""
    obligations = needs.obligations
    return (
        (not needs.groups or any(group in agent.groups for group in needs.groups))
        and all(agent.skills.get(name, -1) >= level for name, level in needs.skills.items())
        and all(agent.clearances.get(name, -1) >= n for name, n in obligations.clearances.items())
        and (not obligations.residency or agent.region in obligations.residency)
        and (needs.channel is None or agent.channels is None or needs.channel in agent.channels)
    )


def has_capacity(agent: Agent, workload: Workload, needs: Requirement) -> bool:
    """Return whether the agent has capacity, by a new sum over all assigned work."""
    assigned = [held.requires for held in workload.held.values()]
    for pool, weight in needs.weights.items():
        limit = agent.capacity.get(pool)
        load = sum(each.weights.get(pool, 0) for each in assigned)
        if weight > 0 and limit is not None and load + weight > limit:
            return False
    if assigned and (needs.exclusive or any(each.exclusive for each in assigned)):
        return False
    if agent.work_limit is not None and len(assigned) + 1 > agent.work_limit:
        return False
    if needs.channel is not None and agent.channels is not None:
        limit = agent.channels[needs.channel]
        same = sum(each.channel == needs.channel for each in assigned)
        if limit is not None and same + 1 > limit:
            return False
    return all(
        each.channel not in agent.combines or needs.channel in agent.combines[each.channel]
        for each in assigned
        if each.channel is not None
    )


def eligible(work: Work, roster: Roster, at: datetime) -> frozenset[str]:
    """Return the ids of the agents who can take `work` at `at`."""
    needs = work.requirement_at(at)
    found = set()
    for id, agent in roster.agents.items():
        workload = roster.workload(id)
        if needs.on_call is None:
            works = on_duty(agent, at)
        else:
            works = id in roster.on_call[needs.on_call].who(at) and not any(
                span.start <= at < span.end for span in agent.absences
            )
        if (
            id not in work.excluded_agents
            and works
            and qualified(agent, needs)
            and not_away(workload, at)
            and within_rate_limit(agent, workload, at)
            and has_capacity(agent, workload, needs)
        ):
            found.add(id)
    return frozenset(found)


def _load(workload: Workload, needs: Requirement) -> int:
    return sum(
        each.requires.weights.get(pool, 0)
        for each in workload.held.values()
        for pool in needs.weights
    )


def _free(agent: Agent, workload: Workload, needs: Requirement) -> list[tuple[int, int]]:
    free = []
    for pool, weight in needs.weights.items():
        limit = agent.capacity.get(pool)
        if weight and limit is not None:
            load = sum(e.requires.weights.get(pool, 0) for e in workload.held.values())
            free.append((limit - load, limit))
    if needs.channel is not None and agent.channels is not None:
        most = agent.channels[needs.channel]
        if most is not None:
            same = [e for e in workload.held.values() if e.requires.channel == needs.channel]
            free.append((most - len(same), most))
    return free


def _busy_share(agent: Agent, workload: Workload, roster: Roster, at: datetime) -> Any:
    busy = workload.busy
    if not busy or roster.since is None:
        return Fraction(busy // MICROSECOND)
    shift: BusinessHours | None = agent.shift
    on_shift = at - roster.since if shift is None else shift.between(roster.since, at)
    if on_shift <= timedelta():
        return Fraction(busy // MICROSECOND)
    return Fraction(busy // MICROSECOND, on_shift // MICROSECOND)


def _wanted(needs: Requirement) -> dict[str, int]:
    names = {*needs.preferred, *needs.skills}
    return {name: max(needs.preferred.get(name, 0), needs.skills.get(name, 0)) for name in names}


def _met(agent: Agent, needs: Requirement) -> int:
    return sum(agent.skills.get(name, -1) >= level for name, level in _wanted(needs).items())


Measure = Callable[[Agent, Workload, Requirement, Roster, datetime], Any]

MEASURES: Mapping[str, Measure] = {
    "most_spare": lambda a, s, n, _r, _t: -min((x for x, _ in _free(a, s, n)), default=2**62),
    "most_spare_ratio": lambda a, s, n, _r, _t: (
        -min((Fraction(x, of) for x, of in _free(a, s, n) if of), default=Fraction(1))
    ),
    "least_loaded": lambda _a, s, n, _r, _t: _load(s, n),
    "longest_idle": lambda _a, s, _n, _r, _t: s.released or LONG_AGO,
    "least_recently_assigned": lambda _a, s, _n, _r, _t: s.last_assigned or LONG_AGO,
    "round_robin": lambda a, s, _n, _r, _t: (s.assignment_number, a.position),
    "weighted_round_robin": lambda a, s, _n, _r, _t: Fraction(s.assigned + 1, a.weight),
    "fewest_handled": lambda _a, s, _n, _r, _t: s.handled,
    "least_busy_time": lambda a, s, _n, r, t: _busy_share(a, s, r, t),
    "weighted_idle": lambda a, s, _n, _r, t: (
        (1, -a.speed * (t - s.released)) if s.released else (0, timedelta())
    ),
    "nearest_proficiency": lambda a, _s, n, _r, _t: (
        -_met(a, n),
        sum(abs(a.skills.get(name, 0) - level) for name, level in _wanted(n).items()),
    ),
    "most_proficient": lambda a, _s, n, _r, _t: -sum(a.skills.get(each, 0) for each in _wanted(n)),
    "highest_mean": lambda a, _s, n, _r, _t: (
        -Fraction(sum(a.skills[each] for each in n.skills), len(n.skills)) if n.skills else 0
    ),
    "most_skills": lambda a, _s, n, _r, _t: (
        -sum(each in a.skills for each in _wanted(n)),
        -_met(a, n),
    ),
    "least_versatile": lambda a, s, _n, _r, _t: (len(a.skills), s.released or LONG_AGO),
    "tiers": lambda a, _s, n, _r, _t: min(
        (a.tiers.get(group, a.tier) for group in n.groups & a.groups), default=a.tier
    ),
    "position": lambda a, _s, _n, _r, _t: a.position,
}
"""The value that each strategy compares, smaller first, before the common last keys."""


def best(work: Work, roster: Roster, at: datetime, measures: Iterable[str]) -> str | None:
    """Return the id of the best agent for `work`, by comparing all pairs of eligible agents."""
    candidates = eligible(work, roster, at)
    if candidates - work.demoted_agents:
        candidates = candidates - work.demoted_agents
    for names in work.preferred_agents:
        if candidates & set(names):
            candidates = candidates & set(names)
            break
    needs = work.requirement_at(at)

    def key(id: str) -> tuple[Any, ...]:
        agent, workload = roster.agent(id), roster.workload(id)
        values = [MEASURES[name](agent, workload, needs, roster, at) for name in measures]
        return (*values, workload.last_assigned or LONG_AGO, id)

    for id in candidates:
        if all(key(id) <= key(other) for other in candidates):
            return id
    return None


def signed_in(roster: Roster, groups: Iterable[str], at: datetime) -> frozenset[str]:
    """Return the agents of any of `groups`, or of all, who are on duty and not away."""
    wanted = set(groups)
    return frozenset(
        id
        for id, agent in roster.agents.items()
        if (not wanted or wanted & agent.groups)
        and on_duty(agent, at)
        and not_away(roster.workload(id), at)
    )


def requirement_while_unstaffed(work: Work, roster: Roster, at: datetime) -> Requirement:
    """Return the requirement after all steps that hold, for work without an on-call schedule."""
    needs, plan = work.requires, work.relaxation
    steps = () if plan is None else plan.steps
    by_time = True
    for number, step in enumerate(steps):
        by_time = by_time and (number < work.steps_taken or _reached(work, step.after, at))
        if not by_time and (not step.unstaffed or signed_in(roster, needs.groups, at)):
            break
        needs = step.apply(needs)
    return needs


def _reached(work: Work, after: timedelta, at: datetime) -> bool:
    """Return whether so much time of the plan's clock has passed at `at`."""
    plan = work.relaxation
    if plan is None:
        return False
    starts = {"requested": work.requested, "routable": work.routable}
    restarts = {"decline": work.declined, "transfer": work.transferred}
    start = max(starts.get(plan.since) or work.opened, restarts.get(plan.restart) or work.opened)
    passed = at - start if plan.hours is None else plan.hours.between(start, max(start, at))
    return at >= start and passed >= after


def queue_for(
    group: str,
    limits: Mapping[str, QueueLimits],
    queues: Mapping[str, QueueState],
    at: datetime,
) -> str | None:
    """Return the group whose queue work of `group` enters, by the rules of queue limits."""

    def is_open(name: str) -> bool:
        if name not in limits:
            return True
        own, queue = limits[name], queues.get(name, QueueState())
        full = own.length is not None and queue.waiting >= own.length
        old = own.age is not None and queue.oldest is not None and at >= queue.oldest + own.age
        closed = own.unstaffed and queue.signed_in == 0
        return not (full or old or closed)

    candidates = [group, *(limits[group].overflow if group in limits else ())]
    return next((each for each in candidates if is_open(each)), None)


def next_to_serve(
    waiting: Iterable[Work], roster: Roster, at: datetime, served: int, order: GuardedDeadline
) -> str | None:
    """Return the id of the work that a guarded order serves next, by trying all of it.

    Only work that an agent can take now counts, also for whether any work is late.
    """
    able = [work for work in waiting if eligible(work, roster, at)]
    if not able:
        return None

    def place(work: Work) -> tuple[datetime, datetime, str]:
        return (work.due or work.opened + order.due_after, work.opened, work.id)

    able.sort(key=place)
    late = place(able[0])[0] < at
    relieves = order.relief is not None and (served + 1) % order.relief == 0
    if late and not relieves:
        best = min(work.rank for work in able)
        able = [work for work in able if work.rank == best]
    return able[0].id


def cheapest(costs: Mapping[tuple[int, int], int], rows: int, columns: int) -> tuple[int, int]:
    """Return (pairs, cost) of the largest matching of minimum cost, by trying all of them.

    `costs` holds the allowed pairs (row, column); for at most seven rows and columns.
    """
    short, long_ = min(rows, columns), max(rows, columns)
    best_so_far = (0, 0)
    for chosen in permutations(range(long_), short):
        pairs = [(r, c) if rows <= columns else (c, r) for r, c in enumerate(chosen)]
        allowed = [costs[pair] for pair in pairs if pair in costs]
        here_ = (-len(allowed), sum(allowed))
        best_so_far = min(best_so_far, here_)
    return -best_so_far[0], best_so_far[1]


def erlang_c(agents: int, load: float) -> float:
    """Return the probability of waiting, for Poisson arrivals and exponential service.

    >>> round(erlang_c(14, 10.0), 3)
    0.174
    """
    term, total = 1.0, 1.0
    for n in range(1, agents):
        term *= load / n
        total += term
    last = term * load / (agents - load)
    return last / (total + last)
