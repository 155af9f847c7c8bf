"""Grants: units that can be used between two instants, made from the allowances of a plan.

The grants of a term are a pure function of the allowance, the term and the zone. They can be made
any time ahead; a grant that has not begun gives nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
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
    overage_policy_of,
    unit_of,
)
from entitlements.contracts.dates.day_boundaries import clamped
from entitlements.kernel.converters import instance_of, whole_number
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
    micros_or_end,
    micros_or_start,
    to_micros,
    utc,
)

MAX_GRANTS: Final = 10_000
MAX_POOL: Final = MAX_ID_LENGTH - len(key("grant", "", "2026-01-01"))
_PLAN_GRANT_PREFIX: Final = key("grant", "pool")
_PLAN_POOL_KINDS: Final = {("pool", 6), ("pool-digest", 4)}
"""The kinds of pool keys of plans, and the number of parts in the ids of their grants."""


@final
@attrs.frozen(kw_only=True)
class Grant:
    """Units that can be used from `effective` until `expires`, half-open.

    Attributes:
        id: Names the grant within its ledger.
        unit: What is counted.
        amount: Units at the beginning; 0 permits overage only.
        effective: First instant of use.
        expires: First instant after use; None for never.
        allowance: The allowance from which it was made, if any.
        pool: The pool to which it belongs; a reservation can ask for pools. By default the
            allowance.
        priority: Lower is used first.
        resets: Instant at which the rest is cut to `rollover`; given together with it.
        rollover: How much of the rest can be used after `resets`.
        over_use: What happens when a request needs more than is left.
        cap: The most units of overage; given exactly with `OveragePolicy.CAP`.

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
    over_use: OveragePolicy = attrs.field(default=OveragePolicy.REFUSE, converter=overage_policy_of)
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
        """The most units that it gives without corrections: its amount and the least rollover."""
        return self.amount + (0 if self.rollover is None else self.rollover.at_least)

    @property
    def issued_by_hand(self) -> int:
        """The units that count towards the 64-bit limit of a ledger; 0 for grants of plans."""
        return self.max_rollover if self.allowance is None else 0


@lru_cache(maxsize=4_096)
def plan_pool(grant: str) -> str | None:
    """Return the pool of a plan's grant by its id; None for a grant issued by hand.

    >>> plan_pool(key("grant", key("pool", "C-1", "1", "cases"), "2026-01-01"))
    'pool␟C-1␟1␟cases'
    >>> plan_pool(key("grant", "cases", "2026-01-01")) is None
    True
    """
    if not grant.startswith(_PLAN_GRANT_PREFIX):
        return None
    parts = key_parts(grant)
    return key(*parts[1:-1]) if (parts[1], len(parts)) in _PLAN_POOL_KINDS else None


def consumption_key(grant: Grant) -> tuple[int, int, int, str]:
    """Return the sort key in which grants are consumed, smallest first.

    That is priority, then expiry (never is last), then the first instant of use, then id.
    """
    return grant.priority, micros_or_end(grant.expires), to_micros(grant.effective), grant.id


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
    """Return the grants of an allowance in one term, in the order in which they begin.

    Cycles begin at the wall time at which the term begins. Each is counted from the start of the
    term, so that the 31st returns after a short month; a wall time that a clock change skips is the
    first instant after the gap. No grant ends after the term. Cycles that are left out cost
    nothing.

    Args:
        allowance: The allowance.
        start: First instant of the term.
        end: First instant after the term.
        zone: IANA zone in which the cycles are counted.
        pool: The pool of the grants, unique in the ledger; by default the id of the allowance. The
            id of a grant is made of the pool and of the local date on which the grant begins.
        since: Leave out grants that have expired by this instant.
        until: Leave out grants that begin at or after this instant.

    >>> monthly = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("month"))
    >>> [each.id for each in grants_of_term(monthly, utc("2026-01-31T00:00Z"),
    ...                             utc("2026-04-01T00:00Z"), "UTC")]
    ['grant␟cases␟2026-01-31', 'grant␟cases␟2026-02-28', 'grant␟cases␟2026-03-31']

    Raises:
        InvalidValueError: `end` is not after `start`, or the zone is unknown.
        LimitExceededError: More than 10,000 grants lie between `since` and `until`.
    """
    instance_of(Allowance, allowance)
    first, last = to_micros(start), to_micros(end)
    if last <= first:
        raise InvalidValueError(f"term ends at `{end}`, not after `{start}`")
    area = load_zone(zone_name(zone))
    stop = last if until is None else min(last, to_micros(until))
    name = pool or allowance.id
    found: list[Grant] = []
    alive_after = micros_or_start(since)
    for count, begin, following, second in _cycles(allowance, area, first, last, alive_after):
        if begin >= stop:
            break
        if len(found) >= MAX_GRANTS:
            raise LimitExceededError(
                f"allowance `{allowance.id}` has more than {MAX_GRANTS} grants",
                hint="limit them with `since` and `until`",
            )
        expires = following if allowance.rollover is None else second
        if allowance.lifetime is not None:
            lifetime_end = _end_of_lifetime(
                allowance, allowance.lifetime, area, first, count, begin
            )
            expires = min(last, lifetime_end)
        if expires > alive_after:
            found.append(_grant(allowance, area, begin, following, expires, last, name))
    return tuple(found)


def _end_of_lifetime(
    allowance: Allowance, life: Cycle, area: Zone, first: int, count: int, begin: int
) -> int:
    """Return when a grant's lifetime ends; months are counted from the start of the term.

    Counted from a day that was clamped to a short month, it would end before the next grant begins.
    """
    cycle = allowance.recurrence
    if cycle is None or not cycle.months or not life.months or count == 0:
        return _cycle_start(area, begin, life, 1)
    origin = _origin(allowance, cycle, area, first)
    return _cycle_start(area, origin, Cycle(Period.MONTH), cycle.months * count + life.months)


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
    """Yield number and start of each cycle, and the starts of the next two, or the term's end.

    Cycles whose grants expired long before `since` may be left out.
    """
    cycle = allowance.recurrence
    if cycle is None:
        yield 0, first, last, last
        return
    origin = _origin(allowance, cycle, area, first)
    count = _expired_cycles(allowance, cycle, area, origin, since) if since > origin else 0
    begin = max(first, _cycle_start(area, origin, cycle, count)) if count else first
    following, number = begin, count
    while following <= begin:
        count += 1
        following = _cycle_start(area, origin, cycle, count)
    while begin < last:
        count += 1
        second = _cycle_start(area, origin, cycle, count)
        yield number, begin, min(following, last), min(second, last)
        begin, following, number = following, second, count - 1


def _origin(allowance: Allowance, cycle: Cycle, area: Zone, first: int) -> int:
    """Return the instant from which the cycles of a term that begins at `first` are counted."""
    if allowance.aligned is CycleAlignment.TERM:
        return first
    return area.instant(_aligned_day(area.wall(first) // DAY, cycle.period))


def _expired_cycles(allowance: Allowance, cycle: Cycle, area: Zone, origin: int, since: int) -> int:
    """Return how many cycles from `origin` on have surely expired by `since`; a lower bound."""
    passed = (area.wall(since) - area.wall(origin)) // (DAY * cycle.most_days)
    life = allowance.lifetime
    lasts = -(-life.most_days // cycle.least_days) if life is not None else 2
    return max(0, passed - lasts - 1)


def _cycle_start(area: Zone, origin: int, cycle: Cycle, count: int) -> int:
    """Return the instant `count` cycles after `origin`; `END_OF_TIME` after the last instant."""
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
    # Years from 9999 on begin after all supported instants, in every zone.
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
