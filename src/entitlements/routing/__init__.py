"""Routing: the choice of an agent for work, with a reason for every agent considered.

Start with `Agent`, `Roster`, `Work` and `route`; `Router` is the live form of a roster. `Strategy`
orders agents, `QueueOrder` orders waiting work, and `RoutingPolicy` holds the choices of a team.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.routing.agents.agent import Agent, RateLimit
    from entitlements.routing.agents.agent_state import AgentState
    from entitlements.routing.agents.assignment_override import AssignmentOverride
    from entitlements.routing.agents.on_call import OnCall, OnCallLayer, OnCallOverride
    from entitlements.routing.agents.workload import AssignedWork, Workload
    from entitlements.routing.answers.answers import Assigned, ConsideredAgent, Unroutable, Waiting
    from entitlements.routing.batch_assignment import BatchAssignment, assign_batch
    from entitlements.routing.eligibility.obstacles import Obstacle, ObstacleKind
    from entitlements.routing.escalation import (
        EscalationCall,
        EscalationPolicy,
        EscalationStep,
        ToAgents,
        ToGroup,
        ToManager,
        ToOnCall,
        escalation_agents,
        requirement_after,
    )
    from entitlements.routing.live.backlog import Backlog
    from entitlements.routing.live.book.offer_book import OfferBook
    from entitlements.routing.live.router import Router
    from entitlements.routing.offers.offer_policy import OfferPolicy
    from entitlements.routing.policies.fairness import (
        BoundViolation,
        FairnessBounds,
        FairnessReport,
        ServedWork,
        fairness_report,
    )
    from entitlements.routing.policies.policy import RoutingPolicy
    from entitlements.routing.policies.presets import ROUTING_PRESETS
    from entitlements.routing.roster import Roster
    from entitlements.routing.selection import available_agents, route, take_unstaffed_steps
    from entitlements.routing.strategies.custom import custom_strategy
    from entitlements.routing.strategies.named import (
        DEFAULT_STRATEGY,
        LEAST_LOADED,
        LONGEST_IDLE,
        MOST_SPARE,
        ROUND_ROBIN,
        STRATEGIES,
        longest_idle,
        power_of_d,
        seeded_random,
    )
    from entitlements.routing.strategies.scored import (
        AffineScore,
        affine_score,
        least_opportunity_cost,
    )
    from entitlements.routing.strategies.strategy import (
        KeyScope,
        SelectionContext,
        SortKeyPart,
        Strategy,
    )
    from entitlements.routing.work.keyed_orders import (
        first_match_order,
        linear_ageing,
        preference_order,
        strict_rank,
    )
    from entitlements.routing.work.queue_limits import (
        QueueChoice,
        QueueLimit,
        QueueLimits,
        QueueState,
        choose_queue,
    )
    from entitlements.routing.work.queue_order import (
        DEFAULT_QUEUE_ORDER,
        EARLIEST_DEADLINE,
        FIRST_IN_FIRST_OUT,
        STRICT_RANK,
        GuardedDeadline,
        QueueOrder,
    )
    from entitlements.routing.work.rank_orders import (
        DelayRatio,
        FixedRatio,
        MarginalCost,
        RankPlusDelay,
    )
    from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationStep
    from entitlements.routing.work.requirements import Requirement, RoutingObligations
    from entitlements.routing.work.work import Work
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "agents.agent": (
                "Agent",
                "RateLimit",
            ),
            "agents.agent_state": ("AgentState",),
            "agents.assignment_override": ("AssignmentOverride",),
            "agents.on_call": (
                "OnCall",
                "OnCallLayer",
                "OnCallOverride",
            ),
            "agents.workload": (
                "AssignedWork",
                "Workload",
            ),
            "answers.answers": (
                "Assigned",
                "ConsideredAgent",
                "Unroutable",
                "Waiting",
            ),
            "batch_assignment": (
                "BatchAssignment",
                "assign_batch",
            ),
            "eligibility.obstacles": (
                "Obstacle",
                "ObstacleKind",
            ),
            "escalation": (
                "EscalationCall",
                "EscalationPolicy",
                "EscalationStep",
                "ToAgents",
                "ToGroup",
                "ToManager",
                "ToOnCall",
                "escalation_agents",
                "requirement_after",
            ),
            "policies.fairness": (
                "BoundViolation",
                "FairnessBounds",
                "FairnessReport",
                "ServedWork",
                "fairness_report",
            ),
            "live.backlog": ("Backlog",),
            "live.book.offer_book": ("OfferBook",),
            "live.router": ("Router",),
            "offers.offer_policy": ("OfferPolicy",),
            "policies.policy": ("RoutingPolicy",),
            "policies.presets": ("ROUTING_PRESETS",),
            "roster": ("Roster",),
            "selection": (
                "available_agents",
                "route",
                "take_unstaffed_steps",
            ),
            "strategies.custom": ("custom_strategy",),
            "strategies.named": (
                "DEFAULT_STRATEGY",
                "LEAST_LOADED",
                "LONGEST_IDLE",
                "MOST_SPARE",
                "ROUND_ROBIN",
                "STRATEGIES",
                "longest_idle",
                "power_of_d",
                "seeded_random",
            ),
            "strategies.scored": (
                "AffineScore",
                "affine_score",
                "least_opportunity_cost",
            ),
            "strategies.strategy": (
                "KeyScope",
                "SelectionContext",
                "SortKeyPart",
                "Strategy",
            ),
            "work.keyed_orders": (
                "first_match_order",
                "linear_ageing",
                "preference_order",
                "strict_rank",
            ),
            "work.queue_limits": (
                "QueueChoice",
                "QueueLimit",
                "QueueLimits",
                "QueueState",
                "choose_queue",
            ),
            "work.queue_order": (
                "DEFAULT_QUEUE_ORDER",
                "EARLIEST_DEADLINE",
                "FIRST_IN_FIRST_OUT",
                "STRICT_RANK",
                "GuardedDeadline",
                "QueueOrder",
            ),
            "work.rank_orders": (
                "DelayRatio",
                "FixedRatio",
                "MarginalCost",
                "RankPlusDelay",
            ),
            "work.relaxation": (
                "RelaxationPlan",
                "RelaxationStep",
            ),
            "work.requirements": (
                "Requirement",
                "RoutingObligations",
            ),
            "work.work": ("Work",),
        },
    )

__all__ = [
    "DEFAULT_QUEUE_ORDER",
    "DEFAULT_STRATEGY",
    "EARLIEST_DEADLINE",
    "FIRST_IN_FIRST_OUT",
    "LEAST_LOADED",
    "LONGEST_IDLE",
    "MOST_SPARE",
    "ROUND_ROBIN",
    "ROUTING_PRESETS",
    "STRATEGIES",
    "STRICT_RANK",
    "AffineScore",
    "Agent",
    "AgentState",
    "Assigned",
    "AssignedWork",
    "AssignmentOverride",
    "Backlog",
    "BatchAssignment",
    "BoundViolation",
    "ConsideredAgent",
    "DelayRatio",
    "EscalationCall",
    "EscalationPolicy",
    "EscalationStep",
    "FairnessBounds",
    "FairnessReport",
    "FixedRatio",
    "GuardedDeadline",
    "KeyScope",
    "MarginalCost",
    "Obstacle",
    "ObstacleKind",
    "OfferBook",
    "OfferPolicy",
    "OnCall",
    "OnCallLayer",
    "OnCallOverride",
    "QueueChoice",
    "QueueLimit",
    "QueueLimits",
    "QueueOrder",
    "QueueState",
    "RankPlusDelay",
    "RateLimit",
    "RelaxationPlan",
    "RelaxationStep",
    "Requirement",
    "Roster",
    "Router",
    "RoutingObligations",
    "RoutingPolicy",
    "SelectionContext",
    "ServedWork",
    "SortKeyPart",
    "Strategy",
    "ToAgents",
    "ToGroup",
    "ToManager",
    "ToOnCall",
    "Unroutable",
    "Waiting",
    "Work",
    "Workload",
    "affine_score",
    "assign_batch",
    "available_agents",
    "choose_queue",
    "custom_strategy",
    "escalation_agents",
    "fairness_report",
    "first_match_order",
    "least_opportunity_cost",
    "linear_ageing",
    "longest_idle",
    "power_of_d",
    "preference_order",
    "requirement_after",
    "route",
    "seeded_random",
    "strict_rank",
    "take_unstaffed_steps",
]
