"""Which units are there, and from when to when? Allowances made into dated grants.

The schedule is a pure function of the promise, the term and the zone: it can be written down as
far ahead as one likes, and a grant that has not begun is no one's yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import (
    LAST_DAY,
    Zone,
    date_of_day_number,
    day_number,
    load_zone,
    zone_name,
)
from entitlements.contracts.allowances.allowance import (
    Allowance,
    Cycle,
    CycleAlignment,
    OveragePolicy,
    Period,
    Rollover,
    Unit,
    check_cap,
    over_use_of,
    unit_of,
)
from entitlements.contracts.allowances.quantities import MAX_QUANTITY
from entitlements.contracts.dates.day_boundaries import clamped
from entitlements.kernel.converters import whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import (
    MAX_ID_LENGTH,
    identifier_or_key,
    key,
    key_parts,
    optional_identifier,
)
from entitlements.kernel.instants import (
    DAY,
    END_OF_TIME,
    LATEST,
    SECOND,
    from_micros,
    micros_or_start,
    to_micros,
    utc,
)

MAX_GRANTS: Final = 10_000
MAX_POOL: Final = MAX_ID_LENGTH - len(key("grant", "", "2026-01-01"))
_OF_PLAN: Final = key("grant", "pool")
_PLAN_KEYS: Final = {("pool", 6), ("pool-digest", 4)}
"""Kinds of pools of plans, and how many parts the keys of their grants have."""


@final
@attrs.frozen(kw_only=True)
class Grant:
    """Units that can be used from `effective` up to, but not including, `expires`.

    Attributes:
        id: Names the grant within its ledger.
        unit: What is counted.
        amount: Units it begins with; 0 permits overage only.
        effective: First instant of use.
        expires: First instant after use; None for never.
        allowance: The allowance it was made of, if any.
        pool: What a reservation asks for when it may not take just any grant of its unit; by
            default the allowance.
        priority: Lower is used first.
        resets: Instant at which the rest is cut to `rollover`; given with it or not at all.
        rollover: How much of the rest lives on after `resets`.
        over_use: What happens when a request needs more than is left.
        cap: Most units of overage, with `OveragePolicy.CAP`.

    >>> Grant(id="g", unit="minutes", amount=60, effective="2026-01-01T00:00Z").expires is None
    True
    """

    id: str = attrs.field(converter=identifier_or_key)
    unit: Unit = attrs.field(converter=unit_of)
    amount: int
    effective: datetime = attrs.field(converter=utc)
    expires: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(utc))
    allowance: str | None = attrs.field(default=None, converter=optional_identifier)
    pool: str | None = attrs.field(
        default=attrs.Factory(lambda self: self.allowance, takes_self=True),
        converter=attrs.converters.optional(identifier_or_key),
    )
    priority: int = 0
    resets: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(utc))
    rollover: Rollover | None = None
    over_use: OveragePolicy = attrs.field(default=OveragePolicy.REFUSE, converter=over_use_of)
    cap: int | None = None

    def __attrs_post_init__(self) -> None:
        whole_number(self.amount, f"amount of grant `{self.id}`")
        whole_number(self.priority, "priority")
        check_cap(self.over_use, self.cap)
        if self.expires is not None and self.expires <= self.effective:
            raise InvalidValueError(
                f"grant `{self.id}` expires at `{self.expires}`, not after `{self.effective}`"
            )
        if (self.resets is None) != (self.rollover is None):
            raise InvalidValueError(f"grant `{self.id}` needs both `resets` and `rollover`")
        if self.resets is not None and not (
            self.effective < self.resets and (self.expires is None or self.resets < self.expires)
        ):
            raise InvalidValueError(f"grant `{self.id}` resets at `{self.resets}`, outside its use")

    @property
    def max_rollover(self) -> int:
        """The most units it can come to by itself: its amount and the least that rolls over."""
        return self.amount + (0 if self.rollover is None else self.rollover.least)

    @property
    def issued_by_hand(self) -> int:
        """What counts towards the limit of a ledger: grants that follow from a plan never fail."""
        return self.max_rollover if self.allowance is None else 0


def plan_pool(grant: str) -> str | None:
    """Return the pool of a plan's grant, told from its id; None for a grant given by hand.

    >>> plan_pool(key("grant", key("pool", "C-1", "1", "cases"), "2026-01-01"))
    'pool␟C-1␟1␟cases'
    >>> plan_pool(key("grant", "cases", "2026-01-01")) is None
    True
    """
    if not grant.startswith(_OF_PLAN):
        return None
    parts = key_parts(grant)
    return key(*parts[1:-1]) if (parts[1], len(parts)) in _PLAN_KEYS else None


def consumption_key(grant: Grant) -> tuple[int, int, int, str]:
    """Return what grants are ordered by when units are taken: smallest first.

    Priority, then expiry (never is last), then the instant from which it counts, then id.
    """
    expires = MAX_QUANTITY if grant.expires is None else to_micros(grant.expires)
    return grant.priority, expires, to_micros(grant.effective), grant.id


def grants_of_term(
    allowance: Allowance,
    start: datetime,
    end: datetime,
    zone: str,
    *,
    pool: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Grant, ...]:
    """Return the grants of a term, in the order in which they begin.

    Cycles begin at the same wall time as the term, each counted from its start, so that the 31st
    returns after a short month; a wall time that a clock change skips is the first instant after
    it. No grant outlives the term. Cycles that are left out cost nothing, however many there are.

    Args:
        allowance: The promise.
        start: First instant of the term.
        end: First instant after the term.
        zone: IANA zone whose calendar cuts the cycles.
        pool: Name of the pool the grants belong to, unique in the ledger; the allowance's id by
            default. The id of a grant is the key of it and the local date.
        since: Leave out grants that have expired by this instant.
        until: Leave out grants that begin at or after this instant.

    >>> monthly = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("month"))
    >>> [each.id for each in grants(monthly, utc("2026-01-31T00:00Z"),
    ...                             utc("2026-04-01T00:00Z"), "UTC")]
    ['grant␟cases␟2026-01-31', 'grant␟cases␟2026-02-28', 'grant␟cases␟2026-03-31']

    Raises:
        InvalidValueError: `end` is not after `start`, or the zone is unknown.
        LimitExceededError: there are more than 10,000 grants between `since` and `until`.
    """
    first, last = to_micros(start), to_micros(end)
    if last <= first:
        raise InvalidValueError(f"term ends at `{end}`, not after `{start}`")
    area = load_zone(zone_name(zone))
    stop = last if until is None else min(last, to_micros(until))
    name = pool or allowance.id
    made: list[Grant] = []
    lasting = micros_or_start(since)
    for count, begin, following, second in _cycles(allowance, area, first, last, lasting):
        if begin >= stop:
            break
        if len(made) >= MAX_GRANTS:
            raise LimitExceededError(
                f"allowance `{allowance.id}` has more than {MAX_GRANTS} grants",
                hint="ask for those from `since` to `until`",
            )
        expires = following if allowance.rollover is None else second
        if allowance.lifetime is not None:
            expires = min(last, _life_end(allowance, allowance.lifetime, area, first, count, begin))
        if expires > lasting:
            made.append(_grant(allowance, area, begin, following, expires, last, name))
    return tuple(made)


def _life_end(
    allowance: Allowance, life: Cycle, area: Zone, first: int, count: int, begin: int
) -> int:
    """Return when a grant's lifetime ends: months are counted from the start of the term.

    Those from a day that was clamped to a short month would end too early, before the next grant.
    """
    cycle = allowance.recurrence
    if cycle is None or not cycle.months or not life.months or count == 0:
        return _after(area, begin, life, 1)
    origin = _origin(allowance, cycle, area, first)
    return _after(area, origin, Cycle(Period.MONTH), cycle.months * count + life.months)


def _grant(
    allowance: Allowance,
    area: Zone,
    begin: int,
    following: int,
    expires: int,
    last: int,
    pool: str,
) -> Grant:
    rollover = allowance.rollover if following < last else None
    day = date_of_day_number(area.wall(begin) // DAY)
    return Grant(
        id=key("grant", pool, day.isoformat()),
        unit=allowance.unit,
        amount=allowance.amount,
        effective=from_micros(begin),
        expires=from_micros(expires),
        allowance=allowance.id,
        pool=pool,
        priority=allowance.priority,
        resets=None if rollover is None else from_micros(following),
        rollover=rollover,
        over_use=allowance.over_use,
        cap=allowance.cap,
    )


def _cycles(
    allowance: Allowance, area: Zone, first: int, last: int, since: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield each cycle's number and start, with those of the two after it, or the term's end.

    Cycles whose grants are long gone by `since` may be left out.
    """
    cycle = allowance.recurrence
    if cycle is None:
        yield 0, first, last, last
        return
    origin = _origin(allowance, cycle, area, first)
    count = _long_gone(allowance, cycle, area, origin, since) if since > origin else 0
    begin = max(first, _after(area, origin, cycle, count)) if count else first
    following, number = begin, count
    while following <= begin:
        count += 1
        following = _after(area, origin, cycle, count)
    while begin < last:
        count += 1
        second = _after(area, origin, cycle, count)
        yield number, begin, min(following, last), min(second, last)
        begin, following, number = following, second, count - 1


def _origin(allowance: Allowance, cycle: Cycle, area: Zone, first: int) -> int:
    """Return where the cycles of a term that begins at `first` are counted from."""
    if allowance.aligned is CycleAlignment.TERM:
        return first
    return area.instant(_aligned_day(area.wall(first) // DAY, cycle.period))


def _long_gone(allowance: Allowance, cycle: Cycle, area: Zone, origin: int, since: int) -> int:
    """Return a count of cycles from `origin` whose grants have surely expired by `since`."""
    passed = (area.wall(since) - area.wall(origin)) // (DAY * cycle.most_days)
    life = allowance.lifetime
    lasts = -(-life.most_days // cycle.least_days) if life is not None else 2
    return max(0, passed - lasts - 1)


def _after(area: Zone, origin: int, cycle: Cycle, count: int) -> int:
    """Return the instant so many cycles after `origin`; never, where the calendar ends before."""
    day, clock = divmod(area.wall(origin), DAY)
    later = _later(day, cycle, count)
    return END_OF_TIME if later > LAST_DAY else clamped(area.instant(later, clock // SECOND))


def _later(day: int, cycle: Cycle, count: int) -> int:
    if cycle.weeks:
        return day + 7 * cycle.weeks * count
    date_ = date_of_day_number(day)
    months = date_.year * 12 + date_.month - 1 + cycle.months * count
    following = _first_of(months + 1)
    return min(_first_of(months) + date_.day, following) - 1


def _first_of(months: int) -> int:
    year, month = divmod(months, 12)
    # Years from 9999 on begin beyond all instants, wherever that is.
    return LAST_DAY + 2 if year > LATEST.year else day_number(date(year, month + 1, 1))


def _aligned_day(day: int, period: Period) -> int:
    date_ = date_of_day_number(day)
    match period:
        case Period.WEEK:
            return day - date_.weekday()
        case Period.MONTH:
            return day_number(date_.replace(day=1))
        case Period.QUARTER:
            month = date_.month - (date_.month - 1) % 3
            return day_number(date_.replace(month=month, day=1))
        case Period.YEAR:
            return day_number(date_.replace(month=1, day=1))
