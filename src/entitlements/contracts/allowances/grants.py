"""Grants: units that can be used between two instants, made from the allowances of a plan.

The grants of a term are a pure function of the allowance, the term and the zone. They can be made
any time ahead; a grant that has not begun gives nothing yet.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import (
    Zone,
    date_of_day_number,
    load_zone,
    zone_name,
)
from entitlements.contracts.allowances.allowance import (
    Allowance,
    OveragePolicy,
    Rollover,
    Unit,
    check_cap,
    overage_policy_of,
    unit_of,
)
from entitlements.contracts.allowances.grant_cycles import GrantPeriod, grant_periods
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
    from_micros,
    micros_or_end,
    micros_or_start,
    text_of,
    to_micros,
    utc,
)
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults

MAX_GRANTS: Final = 10_000
MAX_POOL: Final = MAX_ID_LENGTH - len(key("grant", "", "2026-01-01"))
_PLAN_GRANT_PREFIX: Final = key("grant", "pool")
_PLAN_POOL_KINDS: Final = {("pool", 6), ("pool-digest", 4)}
"""The kinds of pool keys of plans, and the number of parts in the ids of their grants."""


@final
@attrs.frozen(repr=False, kw_only=True)
class Grant(ReprWithoutDefaults):
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
                f"grant `{self.id}` expires at `{text_of(self.expires)}`, "
                f"not after `{text_of(self.effective)}`"
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
    'pool^C-1^1^cases'
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

    >>> from entitlements.contracts import Cycle
    >>> monthly = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("month"))
    >>> [each.id for each in grants_of_term(monthly, utc("2026-01-31T00:00Z"),
    ...                             utc("2026-04-01T00:00Z"), "UTC")]
    ['grant^cases^2026-01-31', 'grant^cases^2026-02-28', 'grant^cases^2026-03-31']

    Raises:
        InvalidValueError: `end` is not after `start`, or the zone is unknown.
        LimitExceededError: More than 10,000 grants lie between `since` and `until`.
    """
    instance_of(Allowance, allowance)
    first, last = to_micros(start), to_micros(end)
    if last <= first:
        raise InvalidValueError(f"term ends at `{text_of(end)}`, not after `{text_of(start)}`")
    area = load_zone(zone_name(zone))
    stop = last if until is None else min(last, to_micros(until))
    name = pool or allowance.id
    found: list[Grant] = []
    alive_after = micros_or_start(since)
    for period in grant_periods(allowance, area, first, last, alive_after):
        if period.begins >= stop:
            break
        if len(found) >= MAX_GRANTS:
            raise LimitExceededError(
                f"allowance `{allowance.id}` has more than {MAX_GRANTS} grants",
                hint="limit them with `since` and `until`",
            )
        found.append(_grant(allowance, area, period, last, name))
    return tuple(found)


def _grant(allowance: Allowance, area: Zone, period: GrantPeriod, last: int, pool: str) -> Grant:
    rollover = allowance.rollover if period.cycle_ends < last else None
    day = date_of_day_number(area.wall(period.begins) // DAY)
    return Grant(
        id=key("grant", pool, day.isoformat()),
        unit=allowance.unit,
        amount=allowance.amount,
        effective=from_micros(period.begins),
        expires=from_micros(period.expires),
        allowance=allowance.id,
        pool=pool,
        priority=allowance.priority,
        resets=None if rollover is None else from_micros(period.cycle_ends),
        rollover=rollover,
        over_use=allowance.over_use,
        cap=allowance.cap,
    )
