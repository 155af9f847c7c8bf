"""Routing policies: strategy, queue order, offers and fairness bounds of a team."""

from __future__ import annotations

from typing import Final, final

import attrs

from entitlements.kernel.converters import instance_of, remark
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.policies.fairness import FairnessBounds
from entitlements.routing.strategies.named import DEFAULT_STRATEGY
from entitlements.routing.strategies.strategy import Strategy
from entitlements.routing.work.queue_limits import QueueLimits, queue_limits
from entitlements.routing.work.queue_order import DEFAULT_QUEUE_ORDER, QueueOrder
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
@attrs.frozen(repr=False, kw_only=True)
class RoutingPolicy(ReprWithoutDefaults):
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

    >>> RoutingPolicy().strategy.name
    'least_loaded, longest_idle'
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
