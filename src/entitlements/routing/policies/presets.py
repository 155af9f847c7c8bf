"""Routing presets: policies that do what the named systems do.

Each has its sources, and a note on what the system does that a policy does not express.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.strategies.named import (
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
    POSITION,
    ROUND_ROBIN,
    TIERS,
    IdleSince,
    longest_idle,
    seeded_random,
)
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.keyed_orders import linear_ageing, strict_rank
from entitlements.routing.work.queue_order import FIRST_IN_FIRST_OUT, STRICT_RANK

_LEARN: Final = "learn.microsoft.com/dynamics365/customer-service/administer"
_SALESFORCE: Final = (
    "developer.salesforce.com: object reference, QueueRoutingConfig",
    "help.salesforce.com: Omni-Channel routing model options",
)
_DYNAMICS: Final = (f"{_LEARN}/assignment-methods", f"{_LEARN}/set-up-skill-based-routing")
_SERVICENOW: Final = (
    "servicenow.com/docs: advanced-work-assignment, awa-assignment-rules",
    "servicenow.com/docs: advanced-work-assignment, awa-group-queue-priorities",
)
_ZENDESK: Final = (
    "support.zendesk.com: articles 7990049158554 and 9290784330522",
    "support.zendesk.com: article 6712096584090, queues of omnichannel routing",
)
_GENESYS: Final = (
    "help.mypurecloud.com: acd-evaluation-routing-methods",
    "community.genesys.com: conversation-priority-and-score",
)
_ASTERISK: Final = (
    "asterisk/asterisk: configs/samples/queues.conf.sample",
    "asterisk/asterisk: apps/app_queue.c",
)
_FREESWITCH: Final = (
    "developer.signalwire.com: FreeSWITCH explained, mod_callcenter",
    "signalwire/freeswitch: src/mod/applications/mod_callcenter/mod_callcenter.c",
)

_UNLIMITED_DECLINES: Final = OfferPolicy(declines=None, restart_relaxation=True)
_THREE_DECLINES: Final = OfferPolicy(declines=None, agent_declines=3, expiry_declines=True)
_RINGING: Final = OfferPolicy(
    lease=timedelta(seconds=15), declines=None, cool_down=timedelta(seconds=5)
)
_ROUTABLE: Final = strict_rank("routable")
_SCORE: Final = linear_ageing(per_rank=timedelta(minutes=1), since="routable")
_QUEUE_TIERS: Final = TIERS.then(MOST_SKILLS)

_TIES: Final = "the order of agents who tie is not documented; here, the last assignment decides"
_CYCLE: Final = (
    "stops after 100 agents have declined a piece, and considers 100 items of a queue in one "
    "cycle; here, neither is limited, and whole queues are skipped instead"
)
_ROUNDS: Final = (
    "give every agent a tier for each queue (`Agent.tiers`) in the order of their group; assigns "
    "in rounds, so that work that an agent prefers less waits for the rounds before, which an "
    "order of work does not express"
)
_CHANNEL: Final = "has SLA targets and skills as further criteria on some plans"
_POINTS: Final = "a priority of n points is n minutes of waiting; here, a rank is a point less"
_LEVELS: Final = (
    "offers to the next level after a wait; add relaxation steps with a group for each level, "
    "`unstaffed` for `tier-rule-no-agent-no-wait`. A base score is a head start of "
    "`linear_ageing`"
)
_PENALTY: Final = "penalties that change while a caller waits are relaxation steps here"


def _dynamics(name: str, strategy: Strategy, note: str = _CYCLE) -> RoutingPolicy:
    return RoutingPolicy(
        name=f"dynamics_{name}",
        strategy=strategy,
        order=FIRST_IN_FIRST_OUT,
        offers=_THREE_DECLINES,
        sources=_DYNAMICS,
        note=note,
    )


def _freeswitch(name: str, strategy: Strategy, note: str = _LEVELS) -> RoutingPolicy:
    return RoutingPolicy(
        name=f"freeswitch_{name}",
        strategy=TIERS.then(strategy, POSITION),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
        note=note,
    )


def _asterisk(name: str, strategy: Strategy, note: str = _PENALTY) -> RoutingPolicy:
    return RoutingPolicy(
        name=f"asterisk_{name}",
        strategy=TIERS.then(strategy),
        order=FIRST_IN_FIRST_OUT,
        offers=_RINGING,
        sources=_ASTERISK,
        note=note,
    )


def _zendesk(name: str, strategy: Strategy, note: str = _CHANNEL) -> RoutingPolicy:
    return RoutingPolicy(
        name=f"zendesk_{name}", strategy=strategy, order=_ROUTABLE, sources=_ZENDESK, note=note
    )


_ALL: Final = (
    RoutingPolicy(
        name="salesforce_least_active",
        strategy=LEAST_LOADED,
        order=STRICT_RANK,
        offers=_UNLIMITED_DECLINES,
        sources=_SALESFORCE,
        note=_TIES,
    ),
    RoutingPolicy(
        name="salesforce_most_available",
        strategy=MOST_SPARE,
        order=STRICT_RANK,
        offers=_UNLIMITED_DECLINES,
        sources=_SALESFORCE,
        note=_TIES,
    ),
    _dynamics("highest_capacity", MOST_SPARE.then(LEAST_RECENTLY_ASSIGNED)),
    _dynamics(
        "round_robin",
        LEAST_RECENTLY_ASSIGNED,
        f"has one rotation for each queue; here, there is one for the roster. It also {_CYCLE}",
    ),
    _dynamics("least_active", LONGEST_IDLE),
    _dynamics("nearest_proficiency", NEAREST_PROFICIENCY),
    _dynamics("most_proficient", MOST_PROFICIENT),
    _dynamics("skill_count", MOST_SKILLS),
    RoutingPolicy(
        name="servicenow_most_capacity",
        strategy=_QUEUE_TIERS.then(MOST_SPARE, LEAST_RECENTLY_ASSIGNED),
        order=STRICT_RANK,
        sources=_SERVICENOW,
        note=_ROUNDS,
    ),
    RoutingPolicy(
        name="servicenow_last_assigned",
        strategy=_QUEUE_TIERS.then(LEAST_RECENTLY_ASSIGNED),
        order=STRICT_RANK,
        sources=_SERVICENOW,
        note=_ROUNDS,
    ),
    _zendesk("highest_spare_capacity", MOST_SPARE),
    _zendesk("highest_spare_percentage", MOST_SPARE_RATIO),
    _zendesk(
        "round_robin",
        LEAST_RECENTLY_ASSIGNED,
        f"counts the last assignment of the same channel; here, of all. It also {_CHANNEL}",
    ),
    RoutingPolicy(
        name="twilio_longest_idle",
        strategy=longest_idle(IdleSince.AVAILABLE),
        order=STRICT_RANK,
        offers=OfferPolicy(lease=timedelta(seconds=120), declines=None, agent_declines=None),
        sources=(
            "twilio.com/docs/taskrouter: task evaluation, queue ordering, lifecycle of a task",
            "twilio.com/blog: route-tasks-even-faster-with-taskrouter-multi-reservation",
        ),
        note="moves a worker who lets a reservation time out to another activity, which is a "
        "change of status here",
    ),
    RoutingPolicy(
        name="genesys_standard",
        strategy=longest_idle(IdleSince.AVAILABLE),
        order=_SCORE,
        sources=_GENESYS,
        note=_POINTS,
    ),
    RoutingPolicy(
        name="genesys_best_available",
        strategy=HIGHEST_MEAN.then(LONGEST_IDLE),
        order=_SCORE,
        sources=_GENESYS,
        note=f"considers only the 100 longest idle agents. Moreover, {_POINTS}",
    ),
    RoutingPolicy(
        name="amazon_connect",
        strategy=LONGEST_IDLE,
        order=STRICT_RANK,
        sources=(
            "docs.aws.amazon.com/connect: concepts-routing-profiles-priority",
            "docs.aws.amazon.com/connect: RoutingProfileQueueConfig",
        ),
        note="the delay of a queue in a routing profile is a relaxation step here, which adds the "
        "group of that profile after the delay; priorities that differ between profiles are not "
        "expressed",
    ),
    _asterisk("leastrecent", LONGEST_IDLE.then(POSITION)),
    _asterisk("fewestcalls", FEWEST_HANDLED.then(POSITION)),
    _asterisk(
        "rrmemory",
        ROUND_ROBIN,
        f"here, members who are skipped keep their position. Moreover, {_PENALTY}",
    ),
    _asterisk(
        "random",
        seeded_random("asterisk"),
        f"here, the order is a hash, and the same on every replay. Moreover, {_PENALTY}",
    ),
    _freeswitch("longest_idle", LONGEST_IDLE),
    _freeswitch("fewest_calls", FEWEST_HANDLED),
    _freeswitch(
        "least_talk_time",
        LEAST_BUSY_TIME,
        f"counts talk time; here, busy time divided by time on shift. It {_LEVELS}",
    ),
    _freeswitch("round_robin", ROUND_ROBIN),
    RoutingPolicy(
        name="freeswitch_top_down",
        strategy=TIERS.then(POSITION),
        order=FIRST_IN_FIRST_OUT,
        sources=_FREESWITCH,
        note=_LEVELS,
    ),
)

ROUTING_PRESETS: Final[FrozenMap[str, RoutingPolicy]] = FrozenMap(
    {each.name: each for each in _ALL}
)
"""The presets by name."""
