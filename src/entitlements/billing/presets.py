"""Presets: the rules of other billing systems, where they differ from the defaults here.

Each names the documentation or the code that it was read from, and what it does not reproduce.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from entitlements.billing.fees.proration import DayCount, LastDay, Proration
from entitlements.billing.work.rounding import (
    Rounding,
    RoundingDirection,
    RoundingScope,
    RoundingTie,
)

KILL_BILL: Final = Proration(days=DayCount.ACTUAL)
"""Kill Bill: civil days of this period, half-open.

Kill Bill rounds the fraction to nine digits before the amount; here the amount alone is rounded.
"""

KILL_BILL_FIXED_30: Final = Proration(days=DayCount.FIXED_30)
"""Kill Bill with a fixed month of 30 days."""

LAGO: Final = Proration(days=DayCount.ACTUAL, last_day=LastDay.PAID)
"""Lago: the day on which a subscription ends is paid. Lago cuts amounts off, and rounds nothing."""

STRIPE: Final = Proration(days=DayCount.SECONDS)
"""Stripe: elapsed time. Stripe counts seconds from the instant of a change, here from its day."""


def kimai(minutes: int, direction: RoundingDirection | str = RoundingDirection.UP) -> Rounding:
    """Return Kimai's rounding of the duration of each entry.

    Its `closest` rounds exactly half an increment down. Kimai rounds start and end of an entry to
    a grid first, if that is switched on; here only the duration is rounded.
    """
    return Rounding(
        increment=timedelta(minutes=minutes),
        direction=direction,
        tie=RoundingTie.DOWN,
        per=RoundingScope.ENTRY,
    )


def connectwise(increment: int, minimum: int = 0) -> Rounding:
    """Return ConnectWise's `Round Bill Hours To` and minimum of a work type, in minutes, per entry.

    Not reproduced: prepaid time is given to entries there when they are saved, and not by the
    instant of the work.
    """
    return Rounding(
        increment=timedelta(minutes=increment),
        minimum=timedelta(minutes=minimum),
        per=RoundingScope.ENTRY,
    )


def autotask(increment: int, minimum: int = 0) -> Rounding:
    """Return Autotask's rounding and minimum of each entry, in minutes.

    Not reproduced: amounts there have four digits before they are posted with two.
    """
    return connectwise(increment, minimum)
