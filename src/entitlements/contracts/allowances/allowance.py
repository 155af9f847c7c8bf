"""Allowances: the incidents, minutes or credits that a plan includes.

An allowance says how many units a customer gets, how often, for which requests, when a request
takes them, and what happens when they run out. It is a promise, not a balance: `grants_of_term`
turns it into dated grants, and the ledger knows what is left of those.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.kernel.converters import enum_member, instance_of, whole_number
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import instant_of
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum

MAX_CYCLES: Final = 1000


class Unit(TextEnum):
    """What an allowance counts; units never mix."""

    INCIDENTS = "incidents"
    MINUTES = "minutes"
    CREDITS = "credits"


class Period(TextEnum):
    """A period of the calendar, from which cycles are made."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class CycleAlignment(TextEnum):
    """Where the cycles of an allowance begin.

    `TERM`: with the term; the 31st is clamped in shorter months. `CALENDAR`: on Mondays, or on the
    first day of the month, quarter or year; the first cycle is then shorter and has the whole
    amount.
    """

    TERM = "term"
    CALENDAR = "calendar"


class OveragePolicy(TextEnum):
    """What happens when a request needs more than is left."""

    REFUSE = "refuse"
    ALLOW_WITH_CONSENT = "allow_with_consent"
    CAP = "cap"


class ConsumptionMoment(TextEnum):
    """The moment at which a request takes its units for good; until then they are held."""

    OPENING = "opening"
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


def unit_of(value: Unit | str) -> Unit:
    """Return the unit that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(Unit, value)


def _period(value: Period | str) -> Period:
    return enum_member(Period, value)


def _alignment(value: CycleAlignment | str) -> CycleAlignment:
    return enum_member(CycleAlignment, value)


def overage_policy_of(value: OveragePolicy | str) -> OveragePolicy:
    """Return the policy that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(OveragePolicy, value)


def consumption_moment_of(value: ConsumptionMoment | str) -> ConsumptionMoment:
    """Return the moment that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(ConsumptionMoment, value)


@final
@attrs.frozen
class Cycle:
    """A whole number of weeks, months, quarters or years of the calendar.

    Attributes:
        period: The calendar period.
        count: How many of them, from 1 to 1200.

    >>> Cycle(Period.MONTH, 3).months
    3
    """

    period: Period = attrs.field(converter=_period)
    count: int = 1

    def __attrs_post_init__(self) -> None:
        whole_number(self.count, "count", least=1)
        if self.count > 1200:  # noqa: PLR2004 - a century of months, given in the message
            raise InvalidValueError(f"a cycle of `{self.count}` periods is longer than 1200")

    @property
    def months(self) -> int:
        """The length in months; 0 for weeks."""
        per = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12, Period.WEEK: 0}
        return per[self.period] * self.count

    @property
    def weeks(self) -> int:
        """The length in weeks; 0 for months, quarters and years."""
        return self.count if self.period is Period.WEEK else 0

    @property
    def most_days(self) -> int:
        """The length in days if each month has 31."""
        return 31 * self.months + 7 * self.weeks

    @property
    def least_days(self) -> int:
        """The length in days if each month has 28."""
        return 28 * self.months + 7 * self.weeks


@final
@attrs.frozen(kw_only=True)
class Rollover:
    """How many of a grant's remaining units can be used for one more cycle.

    At the end of its cycle a grant keeps `min(most, max(least, rest))` units.

    Attributes:
        at_most: The most units to keep.
        at_least: The units that the next cycle has at least, even if fewer are left.

    >>> Rollover(at_most=5).kept(8), Rollover(at_least=2, at_most=5).kept(0)
    (5, 2)
    """

    at_most: int
    at_least: int = 0

    def __attrs_post_init__(self) -> None:
        whole_number(self.at_least, "least rollover")
        whole_number(self.at_most, "rollover")
        if self.at_least > self.at_most:
            raise InvalidValueError(
                f"rollover of at least `{self.at_least}` and at most `{self.at_most}`"
            )

    def kept(self, rest: int) -> int:
        """Return what is kept of `rest` units."""
        return min(self.at_most, max(self.at_least, instance_of(int, rest)))


@final
@attrs.frozen(repr=False, kw_only=True)
class Allowance(ReprWithoutDefaults):
    """Units that a plan includes, and the rules for using them.

    Attributes:
        id: Names the allowance within its plan.
        unit: What is counted.
        amount: Units in each grant; 0 permits overage only.
        priority: Lower is used first.
        recurrence: A new grant each cycle; None for one grant a term.
        aligned: Where cycles begin.
        lifetime: How long each grant can be used, at most 1,000 cycles; None for its cycle, or the
            term without one.
        rollover: How much of the rest can be used for one more cycle; None for nothing.
        over_use: What happens when nothing is left.
        cap: The most units of overage per grant; given exactly with `OveragePolicy.CAP`.
        consumption: The moment at which a request takes its units.
        severities: Severities whose requests use it; empty for all.
        groups: Expert groups whose requests use it; empty for all.
        cost: Units that a request takes; for minutes, the units held until the work is measured.
        warranty: A follow-up opened within this time after the resolution takes no units.

    >>> Allowance(id="cases", unit="incidents", amount=12).over_use
    OveragePolicy.REFUSE
    """

    id: str = attrs.field(converter=identifier)
    unit: Unit = attrs.field(converter=unit_of)
    amount: int
    priority: int = 0
    recurrence: Cycle | None = None
    aligned: CycleAlignment = attrs.field(default=CycleAlignment.TERM, converter=_alignment)
    lifetime: Cycle | None = None
    rollover: Rollover | None = None
    over_use: OveragePolicy = attrs.field(default=OveragePolicy.REFUSE, converter=overage_policy_of)
    cap: int | None = None
    consumption: ConsumptionMoment = attrs.field(
        default=ConsumptionMoment.OPENING, converter=consumption_moment_of
    )
    severities: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    cost: int = 1
    warranty: timedelta = timedelta()

    def __attrs_post_init__(self) -> None:
        whole_number(self.amount, "amount")
        whole_number(self.priority, "priority")
        whole_number(self.cost, "cost", least=1)
        check_cap(self.over_use, self.cap)
        if instance_of(timedelta, self.warranty) < timedelta():
            raise InvalidValueError(f"warranty `{self.warranty}` is negative")
        if self.lifetime is not None and self.recurrence is not None:
            check_concurrent_grants(self.id, self.lifetime, self.recurrence)
        if self.rollover is not None and (self.recurrence is None or self.lifetime is not None):
            raise InvalidValueError(
                f"allowance `{self.id}` cannot roll over",
                hint="a rollover needs a recurrence and excludes a lifetime",
            )

    def applies_to(self, severity: str | None, group: str | None = None) -> bool:
        """Return whether a request of this severity, to this expert group, uses the allowance.

        A request without a group uses only allowances that are not limited to groups.
        """
        return _listed(severity, self.severities) and _listed(group, self.groups)

    def is_follow_up(self, resolved: datetime, at: datetime) -> bool:
        """Return whether a request opened at `at` continues one resolved at `resolved`.

        The warranty is half-open: its last instant does not belong to it.
        """
        return timedelta() <= instant_of(at) - instant_of(resolved) < self.warranty


def check_concurrent_grants(id: str, lifetime: Cycle, cycle: Cycle) -> None:
    """Raise `LimitExceededError` if too many grants of an allowance are in force at once."""
    if lifetime.most_days > MAX_CYCLES * cycle.least_days:
        raise LimitExceededError(
            f"grants of allowance `{id}` can be used for more than {MAX_CYCLES} cycles",
            hint="use a shorter lifetime, or longer cycles with more units",
        )


def check_cap(over_use: OveragePolicy, cap: int | None) -> None:
    """Raise `InvalidValueError` unless a cap is given exactly with the policy `cap`."""
    if (over_use is OveragePolicy.CAP) != (cap is not None):
        raise InvalidValueError(
            f"`over_use` is `{over_use}` and `cap` is `{cap}`",
            hint="a `cap` belongs to `over_use: cap` only",
        )
    if cap is not None:
        whole_number(cap, "cap")


def _listed(value: str | None, listed: AbstractSet[str]) -> bool:
    return not listed or value in listed
