"""How do people stand in a document? Agents, who is on call, and what each has in hand."""

from __future__ import annotations

from typing import Final

from entitlements.documents.sections.business_hours import Hours
from entitlements.documents.shapes.collections import Maybe, Several, Table
from entitlements.documents.shapes.records import record
from entitlements.documents.shapes.scalars import Name, Reference, Text, Whole
from entitlements.routing.agents.agent import Agent, Pace
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.on_call import Layer, OnCall, Override
from entitlements.routing.agents.workload import Held, Standing
from entitlements.routing.roster import Roster
from entitlements.routing.work.requirements import Obligations, Requirement

_LEVELS: Final = Table(Whole(), short=Several(Text()))
_LIMITS: Final = Table(Maybe(Whole()), short=Whole())
_AGENTS: Final = Several(Reference(("agent",)))

AGENT: Final = record(
    Agent,
    shapes={
        "id": Name("agent"),
        "groups": Several(Reference(("expert group",)), frozenset),
        "skills": _LEVELS,
        "capacity": _LIMITS,
        "channels": Maybe(Table(Maybe(Whole()), short=Several(Text()))),
        "alongside": Table(Several(Text(), frozenset)),
        "pace": Maybe(record(Pace, lone="count")),
        "shift": Maybe(Hours()),
        "clearances": _LEVELS,
        "tiers": _LEVELS,
    },
)
ON_CALL: Final = record(
    OnCall,
    shapes={
        "id": Name("on-call schedule"),
        "layers": Several(record(Layer, shapes={"members": _AGENTS, "hours": Maybe(Hours())})),
        "overrides": Several(record(Override, shapes={"agents": _AGENTS})),
    },
)
_REQUIREMENT: Final = record(
    Requirement,
    shapes={
        "skills": _LEVELS,
        "preferred": _LEVELS,
        "weights": Table(Whole(), short=Whole()),
        "obligations": record(Obligations, shapes={"clearances": _LEVELS}),
    },
)
_HELD: Final = record(
    Held, shapes={"requires": _REQUIREMENT, "override": Maybe(record(AssignmentOverride))}
)
_STANDING: Final = record(Standing, shapes={"held": Table(_HELD)})
ROSTER: Final = record(
    Roster,
    shapes={"standings": Table(_STANDING, refers="agent")},
    without=("agents", "on_call"),
)
