"""The price of a request: what its work will cost, before it begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.access.promise import ChargeKind, charge_kind
from entitlements.kernel.money.money import Money


@final
@attrs.frozen(kw_only=True)
class RequestPrice:
    """What the work on a request costs, if it begins at one instant: by the hour, or as a whole.

    By the hour it is an estimate for ordinary work by the agent who is assigned; another kind
    of work, or another agent, may have another rate. What the plan includes and what prepaid units
    pay has no price.

    Attributes:
        kind: How it is paid for.
        hourly: What an hour costs; None if the case has one price.
        incident: What the case costs as a whole, beyond the incidents that were bought; None if its
            work has a price.
        rate: Id of the rate; None for the agreed price of overage.
        after_hours: Whether it is the price after hours.
        minimum: The least time that is charged.
        least: What that least time costs, or the case, in whole minor units.
        consent_needed: Whether the customer must agree first, and has not yet.
        until: The first instant at which work costs something else; None for never.
    """

    kind: ChargeKind = attrs.field(converter=charge_kind)
    hourly: Money | None = None
    incident: Money | None = None
    rate: str | None = None
    after_hours: bool = False
    minimum: timedelta = timedelta()
    least: Money
    consent_needed: bool = False
    until: datetime | None = None
