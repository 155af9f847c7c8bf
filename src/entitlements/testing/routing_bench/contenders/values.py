"""Worlds in the library's values: agents, work, requirements and queue orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, final

from entitlements.calendars import Calendar
from entitlements.kernel.instants import from_micros, from_micros_or_none
from entitlements.kernel.periods.spans import Span
from entitlements.routing import (
    DEFAULT_QUEUE_ORDER,
    EARLIEST_DEADLINE,
    STRICT_RANK,
    Agent,
    QueueOrder,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    RoutingObligations,
    Work,
)
from entitlements.routing.work.requirements import NO_OBLIGATIONS
from entitlements.testing.routing_bench.worlds.events import Needs, Piece, Relaxation
from entitlements.testing.routing_bench.worlds.world import (
    ServiceOrder,
    World,
    WorldAgent,
    WorldShift,
)

ORDERS: Final[dict[ServiceOrder, QueueOrder]] = {
    ServiceOrder.RANK: STRICT_RANK,
    ServiceOrder.DEADLINE: EARLIEST_DEADLINE,
    ServiceOrder.GUARDED: DEFAULT_QUEUE_ORDER,
}
MAX_REQUIREMENTS: Final = 10_000
"""Requirements that are kept, so that memory does not grow with ever new needs."""

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def roster_of(world: World) -> Roster:
    """Return the agents of a world as a roster, without work."""
    calendars = {each.shift: calendar_of(each.shift) for each in world.agents if each.shift}
    agents = [agent_of(each, calendars) for each in world.agents]
    return Roster(agents=agents, since=from_micros(world.start))


def calendar_of(shift: WorldShift) -> Calendar:
    """Return the working hours of a shift."""
    days = ",".join(_DAYS[day] for day in shift.days)
    hours = f"{_clock(shift.opens)}-{_clock(shift.closes)}"
    return Calendar(zone=shift.zone, week=f"{days} {hours}" if days else "")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def agent_of(agent: WorldAgent, calendars: dict[WorldShift, Calendar]) -> Agent:
    """Return an agent; agents of equal shifts share a calendar."""
    return Agent(
        id=agent.id,
        groups=agent.groups,
        skills=agent.skills,
        capacity=agent.capacity,
        channels=agent.channels,
        clearances=dict.fromkeys(agent.clearances, 1),
        region=agent.region,
        shift=calendars[agent.shift] if agent.shift is not None else None,
        absences=[Span(from_micros(start), from_micros(end)) for start, end in agent.breaks],
    )


@final
class WorkMaker:
    """Makes work of pieces; pieces of equal needs share a requirement, as the guide advises."""

    __slots__ = ("_plans", "_requirements")

    def __init__(self) -> None:
        self._requirements: dict[Needs, Requirement] = {}
        self._plans: dict[tuple[Relaxation, ...], RelaxationPlan] = {}

    def work(self, piece: Piece, excluded: frozenset[str] = frozenset()) -> Work:
        """Return the work of a piece."""
        requires = self._requirements.get(piece.needs)
        if requires is None:
            if len(self._requirements) >= MAX_REQUIREMENTS:
                self._requirements.clear()
            requires = self._requirements[piece.needs] = requirement_of(piece.needs)
        return Work(
            id=piece.id,
            opened=from_micros(piece.at),
            requires=requires,
            rank=piece.rank,
            due=from_micros_or_none(piece.due),
            excluded_agents=excluded,
            relaxation=self._plan(piece.relaxation) if piece.relaxation else None,
        )

    def _plan(self, steps: tuple[Relaxation, ...]) -> RelaxationPlan:
        plan = self._plans.get(steps)
        if plan is None:
            plan = self._plans[steps] = plan_of(steps)
        return plan


def requirement_of(needs: Needs) -> Requirement:
    """Return the requirement of needs."""
    obligations = NO_OBLIGATIONS
    if needs.clearances or needs.regions:
        clearances = dict.fromkeys(needs.clearances, 1)
        obligations = RoutingObligations(clearances=clearances, residency=needs.regions)
    return Requirement(
        groups=needs.groups, skills=needs.skills, channel=needs.channel, obligations=obligations
    )


def plan_of(steps: tuple[Relaxation, ...]) -> RelaxationPlan:
    """Return the plan of relaxation steps."""
    return RelaxationPlan(
        steps=[
            RelaxationStep(
                after=timedelta(microseconds=step.after),
                drop=[name for name, level in step.lower.items() if not level],
                lower={name: level for name, level in step.lower.items() if level},
                any_group=step.any_group,
            )
            for step in steps
        ]
    )
