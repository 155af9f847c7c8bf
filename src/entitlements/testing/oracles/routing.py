"""Who takes it? Routing by brute force, as slow and as plain as it can be said.

Written from the rules, over the public values only: no seats, no heaps, no integers. The library's
own choice is compared with these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

from entitlements.calendars import BusinessHours
from entitlements.kernel.instants import MICROSECOND
from entitlements.routing import Agent, Requirement, Roster, Work, Workload

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def on_duty(agent: Agent, at: datetime) -> bool:
    """Return whether the agent works at `at`: no absence, and shift or extra duty."""
    if any(span.start <= at < span.end for span in agent.absences):
        return False
    if agent.shift is None or agent.shift.is_open(at):
        return True
    return any(span.start <= at < span.end for span in agent.extra)


def here(standing: Workload, at: datetime) -> bool:
    """Return whether the agent has not left, or said that they would be back by now."""
    return not standing.away or (standing.back is not None and standing.back <= at)


def within_pace(agent: Agent, standing: Workload, at: datetime) -> bool:
    """Return whether fewer pieces than the pace allows still count at `at`."""
    if agent.pace is None:
        return True
    counting = [each for each in standing.recent if at < each + agent.pace.within]
    return len(counting) < agent.pace.count


def qualified(agent: Agent, needs: Requirement) -> bool:
    """Return whether groups, skills, channel and obligations are met."""
    duties = needs.obligations
    return (
        (not needs.groups or any(group in agent.groups for group in needs.groups))
        and all(agent.skills.get(name, -1) >= level for name, level in needs.skills.items())
        and all(agent.clearances.get(name, -1) >= n for name, n in duties.clearances.items())
        and (not duties.residency or agent.region in duties.residency)
        and (needs.channel is None or agent.channels is None or needs.channel in agent.channels)
    )


def room(agent: Agent, standing: Workload, needs: Requirement) -> bool:
    """Return whether the agent's hands have room, by adding everything up again."""
    hands = [held.requires for held in standing.held.values()]
    for pool, weight in needs.weights.items():
        limit = agent.capacity.get(pool)
        in_hand = sum(each.weights.get(pool, 0) for each in hands)
        if weight > 0 and limit is not None and in_hand + weight > limit:
            return False
    if hands and (needs.exclusive or any(each.exclusive for each in hands)):
        return False
    if agent.most is not None and len(hands) + 1 > agent.most:
        return False
    if needs.channel is not None and agent.channels is not None:
        limit = agent.channels[needs.channel]
        same = sum(each.channel == needs.channel for each in hands)
        if limit is not None and same + 1 > limit:
            return False
    return all(
        each.channel not in agent.alongside or needs.channel in agent.alongside[each.channel]
        for each in hands
        if each.channel is not None
    )


def eligible(work: Work, roster: Roster, at: datetime) -> frozenset[str]:
    """Return everybody who could take `work` at `at`."""
    needs = work.requirement_at(at)
    found = set()
    for id, agent in roster.agents.items():
        standing = roster.standing(id)
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
            and here(standing, at)
            and within_pace(agent, standing, at)
            and room(agent, standing, needs)
        ):
            found.add(id)
    return frozenset(found)


def _load(standing: Workload, needs: Requirement) -> int:
    return sum(
        each.requires.weights.get(pool, 0)
        for each in standing.held.values()
        for pool in needs.weights
    )


def _spares(agent: Agent, standing: Workload, needs: Requirement) -> list[tuple[int, int]]:
    spares = []
    for pool, weight in needs.weights.items():
        limit = agent.capacity.get(pool)
        if weight and limit is not None:
            in_hand = sum(e.requires.weights.get(pool, 0) for e in standing.held.values())
            spares.append((limit - in_hand, limit))
    return spares


def _busy_share(agent: Agent, standing: Workload, roster: Roster, at: datetime) -> Any:
    busy = standing.busy
    if not busy or roster.since is None:
        return Fraction(busy // MICROSECOND)
    shift: BusinessHours | None = agent.shift
    on_shift = at - roster.since if shift is None else shift.between(roster.since, at)
    if on_shift <= timedelta():
        return Fraction(busy // MICROSECOND)
    return Fraction(busy // MICROSECOND, on_shift // MICROSECOND)


def _wanted(needs: Requirement) -> dict[str, int]:
    return {**needs.preferred, **needs.skills}


def _met(agent: Agent, needs: Requirement) -> int:
    return sum(agent.skills.get(name, -1) >= level for name, level in _wanted(needs).items())


Measure = Callable[[Agent, Workload, Requirement, Roster, datetime], Any]

MEASURES: Mapping[str, Measure] = {
    "most_spare": lambda a, s, n, _r, _t: -min((x for x, _ in _spares(a, s, n)), default=2**62),
    "most_spare_ratio": lambda a, s, n, _r, _t: (
        -min((Fraction(x, of) for x, of in _spares(a, s, n) if of), default=Fraction(1))
    ),
    "least_loaded": lambda _a, s, n, _r, _t: _load(s, n),
    "longest_idle": lambda _a, s, _n, _r, _t: s.released or LONG_AGO,
    "least_recently_assigned": lambda _a, s, _n, _r, _t: s.last_assigned or LONG_AGO,
    "round_robin": lambda a, s, _n, _r, _t: (s.turn, a.position),
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
    "skill_count": lambda a, _s, n, _r, _t: (
        -sum(each in a.skills for each in _wanted(n)),
        -_met(a, n),
    ),
    "least_versatile": lambda a, s, _n, _r, _t: (len(a.skills), s.released or LONG_AGO),
    "tiers": lambda a, _s, n, _r, _t: min(
        (a.tiers.get(group, a.tier) for group in n.groups & a.groups), default=a.tier
    ),
}
"""What each strategy compares, smaller first, before the common tail."""


def best(work: Work, roster: Roster, at: datetime, measures: Iterable[str]) -> str | None:
    """Return who should take `work`: everybody is compared with everybody."""
    candidates = eligible(work, roster, at)
    for names in work.preferred_agents:
        if candidates & set(names):
            candidates = candidates & set(names)
            break
    needs = work.requirement_at(at)

    def key(id: str) -> tuple[Any, ...]:
        agent, standing = roster.agent(id), roster.standing(id)
        values = [MEASURES[name](agent, standing, needs, roster, at) for name in measures]
        return (*values, standing.last_assigned or LONG_AGO, id)

    for id in candidates:
        if all(key(id) <= key(other) for other in candidates):
            return id
    return None


def cheapest(costs: Mapping[tuple[int, int], int], rows: int, columns: int) -> tuple[int, int]:
    """Return (pairs, cost) of the largest matching of least cost, by trying all of them.

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
    """Return the share of callers who wait, for Poisson arrivals and exponential service.

    >>> round(erlang_c(14, 10.0), 3)
    0.174
    """
    term, total = 1.0, 1.0
    for n in range(1, agents):
        term *= load / n
        total += term
    last = term * load / (agents - load)
    return last / (total + last)
