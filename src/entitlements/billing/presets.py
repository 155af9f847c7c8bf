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

From `InvoiceDateUtils` and the tests `inAdvance/*/TestProRation` of killbill/killbill. The first
periods are counted from the billing day of the month in which something begins: state it as the
`anchor` of a `StandingCharge`.

Not reproduced: the fraction is rounded to nine digits there, and the amount after it; here the
amount alone is. Where the first billing day is the last one of a short month, the period before it
is measured there from the same day of an earlier month: with billing day 31 and a start on 14
February 31 days, from 28 January. Here it begins on the 31st, and has 28.
"""

KILL_BILL_FIXED_30: Final = Proration(days=DayCount.FIXED_30)
"""Kill Bill with `prorationFixedDays` of 30.

Not reproduced: other numbers of days, such as 28, and that months of two years are compared there
without the year.
"""

LAGO: Final = Proration(days=DayCount.ACTUAL, last_day=LastDay.PAID)
"""Lago: the day on which a subscription ends is paid, in the zone of the customer.

From the specifications of fees and credit notes of getlago/lago-api. Not reproduced: amounts are
cut off there and rounded here, and tax is computed there from the rounded fee.
"""

STRIPE: Final = Proration(days=DayCount.SECONDS)
"""Stripe: elapsed time of this period.

From docs.stripe.com, prorations. Not reproduced: seconds are counted there from the instant of a
change, here from its day; and credits of what was paid, in place of the list price, which is a
billing mode there.
"""


def kimai(minutes: int, direction: RoundingDirection | str = RoundingDirection.UP) -> Rounding:
    """Return Kimai's rounding of the duration of each entry.

    From `src/Timesheet/Rounding` of kimai/kimai and its tests. Its `closest` rounds exactly half an
    increment down.

    Not reproduced: start and end of an entry are rounded to a grid of UTC there before its
    duration, if that is switched on; and hours are rounded to two decimals before the rate in its
    decimal mode.
    """
    return Rounding(
        increment=timedelta(minutes=minutes),
        direction=direction,
        tie=RoundingTie.DOWN,
        per=RoundingScope.ENTRY,
    )


def connectwise(increment: int, minimum: int = 0) -> Rounding:
    """Return ConnectWise's `Round Bill Hours To` and `Min Hours` of a work type, in minutes.

    From betterinvoice.io, work types of agreements, which is a third party's page and has the
    examples of the tests: no public page of ConnectWise's own was found. Its three types of rate
    are those of `AfterHours`: a custom rate is `hourly`, an adjustment `surcharge`.

    Not reproduced: prepaid time is given to entries there when they are saved, and not by the
    instant of the work; `Max Hours` of an entry; and rates that are chosen by location and site.
    """
    return Rounding(
        increment=timedelta(minutes=increment),
        minimum=timedelta(minutes=minimum),
        per=RoundingScope.ENTRY,
    )


def autotask(increment: int, minimum: int = 0) -> Rounding:
    """Return Autotask's rounding up and the minimum of each entry, in minutes.

    From the pages of autotask.net on factors, work types, billing for labor and blocks, whose
    examples are those of the tests; only the amounts of a quarter of an hour by role are from a
    third party's page. What is written there as block hour multiplier of a role is here a unit
    factor of a kind of work.

    Not reproduced: amounts have four digits there before they are posted with two; the maximum of
    an entry; and blocks are used there in the order of their start, while here the grant that
    expires first is, unless priorities say otherwise.
    """
    return connectwise(increment, minimum)
