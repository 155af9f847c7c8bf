"""Claims of service credits."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc


@final
@attrs.frozen(kw_only=True)
class CreditClaim:
    """A customer has claimed a service credit.

    Attributes:
        id: Id of the credit, such as `uptime 2026-02-01 of C-1 main`; it is claimed once.
        customer: Who claims it.
        claimed: When it was claimed.

    >>> CreditClaim(id="uptime 2026-02-01 of C-1 main", customer="acme",
    ...             claimed="2026-03-20T10:00Z").claimed.day
    20
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    claimed: datetime = attrs.field(converter=utc)
