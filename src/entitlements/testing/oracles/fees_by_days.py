"""Standing fees and service credits, counted day by day.

Days are looked at one by one, and so are the thirty cells of a month where a month has thirty days.
It uses no function of `entitlements.billing`, only fields of its values.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from entitlements.billing.credits.claim_windows import ClaimWindow
from entitlements.billing.credits.credit_schedules import CreditSchedule
from entitlements.billing.fees.standing_charges import StandingCharge

_DAY = timedelta(days=1)


class OracleFee(NamedTuple):
    """What the line of one period must say: the days that are paid, when, and how much."""

    first: date
    after: date
    charged: date
    cents: int
    is_whole: bool


def fees_by_days(charge: StandingCharge, since: date, until: date) -> list[OracleFee]:
    """Return the fees that are charged on the days from `since` up to `until`."""
    found: list[OracleFee] = []
    for period in _periods(charge, until):
        paid = [day for day in period if _is_paid(charge, day)]
        if not paid:
            continue
        first, after = paid[0], paid[-1] + _DAY
        charged = first if charge.timing.value == "advance" else after
        if since <= charged < until:
            end = after
            if charge.proration.last_day.value == "paid" and after <= period[-1]:
                end += _DAY
            cents = _cents(charge, period, end) - _cents(charge, period, first)
            found.append(OracleFee(first, after, charged, cents, paid == period))
    return found


def _is_paid(charge: StandingCharge, day: date) -> bool:
    return charge.start <= day and (charge.end is None or day <= charge.end)


def _periods(charge: StandingCharge, until: date) -> Iterator[list[date]]:
    """Yield the days of each period that touches what is paid before a day."""
    day = min(charge.start, charge.anchor or charge.start)
    longest = timedelta(days=8 * 31 * charge.every.count * 12)
    begin = _next_edge(charge, day)
    while begin > charge.start:  # the periods before the anchor
        begin = _edge_before(charge, begin)
    while begin < until:
        end = _next_edge(charge, begin + _DAY)
        assert end - begin < longest  # noqa: S101 - an oracle that is wrong fails loudly
        yield [begin + number * _DAY for number in range((end - begin).days)]
        begin = end


def _next_edge(charge: StandingCharge, day: date) -> date:
    while not _is_edge(charge, day):
        day += _DAY
    return day


def _edge_before(charge: StandingCharge, day: date) -> date:
    day -= _DAY
    while not _is_edge(charge, day):
        day -= _DAY
    return day


def _is_edge(charge: StandingCharge, day: date) -> bool:
    """Return whether a period begins on a day."""
    anchor, every = charge.anchor or charge.start, charge.every
    if every.period.value == "week":
        return (day - anchor).days % (7 * every.count) == 0
    wanted = charge.billing_day or anchor.day
    if not _falls_on(day, wanted):
        return False
    first = anchor
    while not _falls_on(first, wanted):
        first += _DAY
    months = {"month": 1, "quarter": 3, "year": 12}[every.period.value] * every.count
    return (12 * (day.year - first.year) + day.month - first.month) % months == 0


def _falls_on(day: date, wanted: int) -> bool:
    """Return whether a day is the wanted one of its month, or the last of a shorter one."""
    return day.day == wanted or (day.day < wanted and (day + _DAY).day == 1)


def _cents(charge: StandingCharge, period: list[date], day: date) -> int:
    """Return the price of what has passed of a period when a day begins, in whole cents."""
    return _half_up(100 * Fraction(charge.price.amount) * _passed(charge, period, day))


def _half_up(exact: Fraction) -> int:
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def _passed(charge: StandingCharge, period: list[date], day: date) -> Fraction:
    before = [each for each in period if each < day]
    if len(before) == len(period):
        return Fraction(1)
    match charge.proration.days.value:
        case "actual":
            return Fraction(len(before), len(period))
        case "fixed_30":
            return _thirtieths(charge, period, day)
        case "seconds":
            lengths = [_seconds(each, charge.zone) for each in period]
            return Fraction(sum(lengths[: len(before)]), sum(lengths))
        case _:
            return Fraction(bool(before))


def _thirtieths(charge: StandingCharge, period: list[date], day: date) -> Fraction:
    """Return the cells before a day, of the thirty that each month has."""
    end = period[-1] + _DAY
    if charge.every.period.value == "week":
        whole = max(_cells(period[0], end), 1)
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[charge.every.period.value]
        whole = 30 * months * charge.every.count
    return Fraction(min(max(_cells(period[0], day), 0), whole), whole)


def _cells(first: date, day: date) -> int:
    """Count cells from that of the first day to that of another."""
    year, month, cell = first.year, first.month, min(first.day, 30)
    count = 0
    while (year, month, cell) < (day.year, day.month, min(day.day, 30)):
        count, cell = count + 1, cell + 1
        if cell > 30:  # noqa: PLR2004 - cells of a month
            year, month, cell = year + month // 12, month % 12 + 1, 1
    return count


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _seconds(day: date, zone: str) -> int:
    return int((_midnight(day + _DAY, zone) - _midnight(day, zone)).total_seconds())


def credit_percent(schedule: CreditSchedule, figure: Fraction) -> Fraction:
    """Return the credit for a figure, by looking at each band in turn."""
    for _ in range(schedule.free_misses):
        figure = max(figure - 1, Fraction())
    for band in schedule.bands:
        above = band.at_least is None or figure >= band.at_least
        above = above and (band.above is None or figure > band.above)
        under = band.below is None or figure < band.below
        under = under and (band.at_most is None or figure <= band.at_most)
        if above and under:
            percent = band.credit or Fraction()
            if band.times is not None:
                percent = band.times * (100 - figure)
            return min(schedule.cap, percent)
    return Fraction()


def credit_cents(schedule: CreditSchedule, figure: Fraction, fees: int) -> int:
    """Return what is given back of fees, in cents."""
    cents = _half_up(fees * credit_percent(schedule, figure) / 100)
    least = schedule.more_than
    return 0 if least is not None and cents <= 100 * Fraction(least.amount) else cents


def claimable_until(window: ClaimWindow, missed: datetime, zone: str) -> datetime:
    """Return the first instant at which it is too late to claim."""
    day = missed.astimezone(ZoneInfo(zone)).date()
    if window.after.value != "event":
        group = 1 if window.after.value == "month" else 3
        while not _ends(day, group):
            day += _DAY
    if window.within is not None:
        start = missed if window.after.value == "event" else _midnight(day + _DAY, zone)
        return start + window.within
    if window.days is not None:
        for _ in range(window.days):
            day += _DAY
    elif window.months is not None:
        day = _months_later(day, window.months)
    else:
        day = _months_later(day.replace(day=1), window.month_ends or 0)
        while not _ends(day, 1):
            day += _DAY
    return _midnight(day + _DAY, zone)


def _ends(day: date, group: int) -> bool:
    """Return whether a day is the last of its month or quarter."""
    return (day + _DAY).day == 1 and day.month % group == 0


def _months_later(day: date, months: int) -> date:
    """Walk to the same day of a later month, or the last day of a shorter one."""
    wanted, left = day.day, months
    while left:
        day += _DAY
        left -= day.day == 1
    while day.day < wanted and (day + _DAY).day != 1 and months:
        day += _DAY
    return day
