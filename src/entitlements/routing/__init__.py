"""Who? Routing with reasons: rosters, eligibility, strategies, order, offers and a live index.

Start reading at `requirements`, `work` and `agents`, go on to `eligibility`, `strategies` and
`route`, end at `order`, `offers` and `router`.
"""

from entitlements.routing.agents import Agent, Pace
from entitlements.routing.answers import Assigned, Considered, Route, Unroutable, Waiting
from entitlements.routing.obstacles import Obstacle, Rule
from entitlements.routing.oncall import Layer, OnCall, Override
from entitlements.routing.relaxation import RelaxationPlan, Restart, Since, Step
from entitlements.routing.requirements import Obligations, Requirement
from entitlements.routing.roster import Roster
from entitlements.routing.route import availability, route
from entitlements.routing.router import Router
from entitlements.routing.standings import Held, Standing
from entitlements.routing.strategies import (
    DEFAULT_STRATEGY,
    FEWEST_HANDLED,
    HIGHEST_MEAN,
    LEAST_BUSY_TIME,
    LEAST_LOADED,
    LEAST_RECENTLY_ASSIGNED,
    LEAST_VERSATILE,
    LONGEST_IDLE,
    MOST_PROFICIENT,
    MOST_SPARE,
    MOST_SPARE_RATIO,
    NEAREST_PROFICIENCY,
    ROUND_ROBIN,
    SKILL_COUNT,
    STRATEGIES,
    TIERS,
    WEIGHTED_IDLE,
    WEIGHTED_ROUND_ROBIN,
    Affine,
    Idle,
    Strategy,
    affine,
    custom,
    least_opportunity_cost,
    longest_idle,
    power_of_d,
    seeded_random,
)
from entitlements.routing.work import Work

__all__ = [
    "DEFAULT_STRATEGY",
    "FEWEST_HANDLED",
    "HIGHEST_MEAN",
    "LEAST_BUSY_TIME",
    "LEAST_LOADED",
    "LEAST_RECENTLY_ASSIGNED",
    "LEAST_VERSATILE",
    "LONGEST_IDLE",
    "MOST_PROFICIENT",
    "MOST_SPARE",
    "MOST_SPARE_RATIO",
    "NEAREST_PROFICIENCY",
    "ROUND_ROBIN",
    "SKILL_COUNT",
    "STRATEGIES",
    "TIERS",
    "WEIGHTED_IDLE",
    "WEIGHTED_ROUND_ROBIN",
    "Affine",
    "Agent",
    "Assigned",
    "Considered",
    "Held",
    "Idle",
    "Layer",
    "Obligations",
    "Obstacle",
    "OnCall",
    "Override",
    "Pace",
    "RelaxationPlan",
    "Requirement",
    "Restart",
    "Roster",
    "Route",
    "Router",
    "Rule",
    "Since",
    "Standing",
    "Step",
    "Strategy",
    "Unroutable",
    "Waiting",
    "Work",
    "affine",
    "availability",
    "custom",
    "least_opportunity_cost",
    "longest_idle",
    "power_of_d",
    "route",
    "seeded_random",
]
