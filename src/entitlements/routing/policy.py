"""Routing policies: strategy, queue order, offers and fairness bounds of a team, and presets.

`ROUTING_PRESETS` holds policies with the names of other systems, each with its sources. Read a
preset to move from that system without a change of rules.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, remark
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifiers
from entitlements.routing.fairness import FairnessBounds
from entitlements.routing.offers.lifecycle import OfferPolicy
from entitlements.routing.strategies.named import (
    DEFAULT_STRATEGY,
    FEWEST_HANDLED,
    HIGHEST_MEAN,
    LEAST_BUSY_TIME,
    LEAST_LOADED,
    LEAST_RECENTLY_ASSIGNED,
    LONGEST_IDLE,
    MOST_PROFICIENT,
    MOST_SKILLS,
    MOST_SPARE,
    MOST_SPARE_RATIO,
    NEAREST_PROFICIENCY,
    ROUND_ROBIN,
    TIERS,
    IdleSince,
    longest_idle,
    seeded_random,
)
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.queue_limits import QueueLimits, queue_limits
from entitlements.routing.work.queue_order import (
    DEFAULT_QUEUE_ORDER,
    FIRST_IN_FIRST_OUT,
    STRICT_RANK,
    QueueOrder,
)
from entitlements.routing.work.rank_orders import RankPlusDelay
from entitlements.routing.work.relaxation import RelaxationPlan


def _strategy(value: Strategy) -> Strategy:
    return instance_of(Strategy, value)


def _order(value: QueueOrder) -> QueueOrder:
    if not callable(getattr(value, "first", None)) or not callable(getattr(value, "within", None)):
        raise InvalidValueError(
            f"`{value!r:.100}` is not a queue order", hint="such as `FIRST_IN_FIRST_OUT`"
        )
    return value


def _offers(value: OfferPolicy) -> OfferPolicy:
    return instance_of(OfferPolicy, value)


def _bounds(value: FairnessBounds) -> FairnessBounds:
    return instance_of(FairnessBounds, value)


def _relaxation(value: RelaxationPlan | None) -> RelaxationPlan | None:
    return None if value is None else instance_of(RelaxationPlan, value)


@final
@attrs.frozen(kw_only=True)
class RoutingPolicy:
    """The routing rules of a team; they are part of the facts.

    Attributes:
        name: Name of the policy.
        strategy: Order of the eligible agents.
        order: Order of the waiting work.
        offers: Rules of offers and refusals.
        bounds: Bounds on fairness.
        relaxation: How the requirement of every accepted request loosens while it waits; None for
            never.
        queues: Limits of the queues by group, with overflow; a missing group has none.
        sources: Documents that describe the rules, for policies of another system.
        note: What the other system does that a policy does not express.

    >>> ROUTING_PRESETS["zendesk_round_robin"].strategy.name
    'least_recently_assigned'
    """

    name: str = attrs.field(default="default", converter=identifier)
    strategy: Strategy = attrs.field(default=DEFAULT_STRATEGY, converter=_strategy)
    order: QueueOrder = attrs.field(default=DEFAULT_QUEUE_ORDER, converter=_order)
    offers: OfferPolicy = attrs.field(factory=OfferPolicy, converter=_offers)
    bounds: FairnessBounds = attrs.field(factory=FairnessBounds, converter=_bounds)
    relaxation: RelaxationPlan | None = attrs.field(default=None, converter=_relaxation)
    queues: FrozenMap[str, QueueLimits] = attrs.field(factory=FrozenMap, converter=queue_limits)
    sources: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    note: str = attrs.field(default="", converter=remark)


DEFAULT_ROUTING: Final = RoutingPolicy()
"""The policy of facts that state none: the default strategy, queue order and offers."""

_SALESFORCE: Final = (
    "developer.salesforce.com: object reference, QueueRoutingConfig",
    "help.salesforce.com: Omni-Channel routing model options",
)
_DYNAMICS: Final = (
    "MicrosoftDocs/dynamics-365-customer-engagement: administer/assignment-methods.md",
    "MicrosoftDocs/dynamics-365-customer-engagement: administer/set-up-skill-based-routing.md",
)
_SERVICENOW: Final = (
    "ServiceNow/ServiceNowDocs: advanced-work-assignment/awa-assignment-rules.md",
)
_ZENDESK: Final = ("support.zendesk.com: articles 7990049158554 and 9290784330522",)
_ASTERISK: Final = (
    "asterisk/asterisk: configs/samples/queues.conf.sample",
    "asterisk/asterisk: apps/app_queue.c",
)
_FREESWITCH: Final = (
    "signalwire/freeswitch: src/mod/applications/mod_callcenter/mod_callcenter.c",
)

_UNLIMITED_DECLINES: Final = OfferPolicy(declines=None, restart_relaxation=True)
_THREE_DECLINES: Final = OfferPolicy(declines=3, expiry_declines=True)
_RINGING: Final = OfferPolicy(
    lease=timedelta(seconds=15), declines=None, cool_down=timedelta(seconds=5)
)

_ALL: Final = (
    RoutingPolicy(
        name="salesforce_least_active",
        strategy=LEAST_LOADED,
        order=STRICT_RANK,
        offers=_UNLIMITED_DECLINES,
        sources=_SALESFORCE,
        note="ties are not documented",
    ),
    RoutingPolicy(
        name="salesforce_most_available",
        strategy=MOST_SPARE,
        order=STRICT_RANK,
        offers=_UNLIMITED_DECLINES,
        sources=_SALESFORCE,
        note="ties are not documented",
    ),
    RoutingPolicy(
        name="dynamics_highest_capacity",
        strategy=MOST_SPARE.then(LEAST_RECENTLY_ASSIGNED),
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
        note="considers 100 items of a queue in one cycle; here, whole queues are skipped instead",
    ),
    RoutingPolicy(
        name="dynamics_round_robin",
        strategy=LEAST_RECENTLY_ASSIGNED,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
        note="has one rotation for each queue; here, there is one for the roster",
    ),
    RoutingPolicy(
        name="dynamics_least_active",
        strategy=LONGEST_IDLE,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
    ),
    RoutingPolicy(
        name="dynamics_nearest_proficiency",
        strategy=NEAREST_PROFICIENCY,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
    ),
    RoutingPolicy(
        name="dynamics_most_proficient",
        strategy=MOST_PROFICIENT,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
    ),
    RoutingPolicy(
        name="dynamics_skill_count",
        strategy=MOST_SKILLS,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
    ),
    RoutingPolicy(
        name="servicenow_most_capacity",
        strategy=MOST_SKILLS.then(MOST_SPARE, LEAST_RECENTLY_ASSIGNED),
        order=STRICT_RANK,
        sources=_SERVICENOW,
    ),
    RoutingPolicy(
        name="servicenow_last_assigned",
        strategy=MOST_SKILLS.then(LEAST_RECENTLY_ASSIGNED),
        order=STRICT_RANK,
        sources=_SERVICENOW,
    ),
    RoutingPolicy(
        name="zendesk_highest_spare_capacity",
        strategy=MOST_SPARE,
        order=STRICT_RANK,
        sources=_ZENDESK,
    ),
    RoutingPolicy(
        name="zendesk_highest_spare_percentage",
        strategy=MOST_SPARE_RATIO,
        order=STRICT_RANK,
        sources=_ZENDESK,
    ),
    RoutingPolicy(
        name="zendesk_round_robin",
        strategy=LEAST_RECENTLY_ASSIGNED,
        order=STRICT_RANK,
        sources=_ZENDESK,
        note="counts the last assignment of the same channel",
    ),
    RoutingPolicy(
        name="twilio_longest_idle",
        strategy=longest_idle(IdleSince.AVAILABLE),
        order=STRICT_RANK,
        offers=OfferPolicy(lease=timedelta(seconds=120), declines=None),
        sources=("twilio.com/docs/taskrouter: task evaluation, queue ordering, lifecycle",),
    ),
    RoutingPolicy(
        name="genesys_standard",
        strategy=longest_idle(IdleSince.AVAILABLE),
        order=STRICT_RANK,
        sources=("help.mypurecloud.com: acd-evaluation-routing-methods",),
    ),
    RoutingPolicy(
        name="genesys_best_available",
        strategy=HIGHEST_MEAN.then(LONGEST_IDLE),
        order=STRICT_RANK,
        sources=("help.mypurecloud.com: acd-evaluation-routing-methods",),
        note="considers only the 100 longest idle agents",
    ),
    RoutingPolicy(
        name="amazon_connect",
        strategy=LONGEST_IDLE,
        order=RankPlusDelay({}),
        sources=(
            "awsdocs/amazon-connect-admin-guide: concepts-routing-profiles-priority.md",
            "awsdocs/amazon-connect-admin-guide: routing-profiles.md",
        ),
        note="priorities and delays belong to a routing profile; here, set delays by rank",
    ),
    RoutingPolicy(
        name="asterisk_leastrecent",
        strategy=TIERS.then(LONGEST_IDLE),
        order=FIRST_IN_FIRST_OUT,
        offers=_RINGING,
        sources=_ASTERISK,
    ),
    RoutingPolicy(
        name="asterisk_fewestcalls",
        strategy=TIERS.then(FEWEST_HANDLED),
        order=FIRST_IN_FIRST_OUT,
        offers=_RINGING,
        sources=_ASTERISK,
    ),
    RoutingPolicy(
        name="asterisk_rrmemory",
        strategy=TIERS.then(ROUND_ROBIN),
        order=FIRST_IN_FIRST_OUT,
        offers=_RINGING,
        sources=_ASTERISK,
        note="here, members who are skipped keep their position",
    ),
    RoutingPolicy(
        name="asterisk_random",
        strategy=TIERS.then(seeded_random("asterisk")),
        order=FIRST_IN_FIRST_OUT,
        offers=_RINGING,
        sources=_ASTERISK,
        note="here, the order is a hash, and the same on every replay",
    ),
    RoutingPolicy(
        name="freeswitch_longest_idle",
        strategy=TIERS.then(LONGEST_IDLE),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
    ),
    RoutingPolicy(
        name="freeswitch_fewest_calls",
        strategy=TIERS.then(FEWEST_HANDLED),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
    ),
    RoutingPolicy(
        name="freeswitch_least_talk_time",
        strategy=TIERS.then(LEAST_BUSY_TIME),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
        note="counts talk time; here, busy time divided by time on shift",
    ),
    RoutingPolicy(
        name="freeswitch_round_robin",
        strategy=TIERS.then(ROUND_ROBIN),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
    ),
)

ROUTING_PRESETS: Final[FrozenMap[str, RoutingPolicy]] = FrozenMap(
    {each.name: each for each in _ALL}
)
"""The presets by name."""
