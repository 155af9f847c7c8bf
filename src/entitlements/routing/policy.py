"""How is it done here? Everything a team decides about routing, in one value."""

from __future__ import annotations

from typing import final

import attrs

from entitlements.kernel.ids import identifiers
from entitlements.routing.fairness import FairnessBounds
from entitlements.routing.offers import OfferPolicy
from entitlements.routing.order import DEFAULT_ORDER, Order
from entitlements.routing.strategies import DEFAULT_STRATEGY, Strategy


@final
@attrs.frozen(kw_only=True)
class RoutingPolicy:
    """What a team has decided about routing.

    Attributes:
        name: What it is called.
        strategy: Whom of those who can.
        order: Which work first.
        offers: How offers are made and declined.
        bounds: What is promised about fairness.
        sources: Where the choices come from, for policies that follow another system.
        note: What the other system does that a policy cannot say.
    """

    name: str = "default"
    strategy: Strategy = DEFAULT_STRATEGY
    order: Order = DEFAULT_ORDER
    offers: OfferPolicy = attrs.field(factory=OfferPolicy)
    bounds: FairnessBounds = attrs.field(factory=FairnessBounds)
    sources: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    note: str = ""
