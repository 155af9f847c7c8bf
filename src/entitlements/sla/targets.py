"""Targets: the time promised for a milestone, by calendar, severity, channel, conditions, kind.

Of all targets of a milestone the first one that fits a case counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Final, TypeAlias, final

import attrs

from entitlements.calendars.cut_offs import cut_off_text
from entitlements.calendars.options import Anchor, BusinessDays
from entitlements.kernel.converters import as_tuple, enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import identifier, identifier_set, identifiers, optional_identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.periods.durations import format_duration
from entitlements.sla.milestones import DEFAULT_RECURRENCE, Recurrence

WarningOffset: TypeAlias = Fraction | timedelta
"""A share of the target, or the counted time that is left when the warning comes."""

MAX_TARGET: Final = timedelta(days=36_525)
"""A century."""


class Commitment(TextEnum):
    """How binding a target is."""

    GUARANTEE = "guarantee"
    """Promised: a case that misses it is a breach."""

    OBJECTIVE = "objective"
    """Aimed at and measured: a case that misses it is late, and no breach."""

    BEST_EFFORT = "best_effort"
    """Done as soon as possible, without a time; reported, and better than nothing."""


def _commitment(value: Commitment | str) -> Commitment:
    return enum_member(Commitment, value)


def _milestone(value: str) -> str:
    return str(identifier(value))


def _reasons(value: Iterable[str] | None) -> frozenset[str] | None:
    return None if value is None else identifier_set(value)


def _warnings(values: Iterable[Fraction | float | str | timedelta]) -> tuple[WarningOffset, ...]:
    return tuple(each if isinstance(each, timedelta) else _share(each) for each in as_tuple(values))


def _share(value: Fraction | float | str) -> Fraction:
    try:
        # Through text, so that 0.1 is a tenth and not the nearest binary fraction.
        return value if isinstance(value, Fraction) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise InvalidValueError(
            f"`{value!r}` is not a share of a target", hint="use a number between 0 and 1"
        ) from None


def _cut_off(value: str | None) -> str | None:
    return None if value is None else cut_off_text(value)


def _recurrence(value: Recurrence | str | None) -> Recurrence | None:
    return None if value is None else enum_member(Recurrence, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class Target(ReprWithoutDefaults):
    """The time promised for one milestone, in the cases that it fits.

    Attributes:
        milestone: One of `Milestone`, or any id for a custom milestone.
        within: Counted time; a number of business days; or None to state that nothing is promised.
        calendar: Name of the policy's calendar by which time is counted; None for elapsed time.
        severities: The severities that it fits; empty for all, and for a case without one.
        channels: The channels that it fits; empty for all.
        conditions: The conditions that the request must have declared, all of them.
        kinds: The kinds of requests that it fits; empty for all, and for a request without one.
        warn: When to warn: shares of the target, or counted time left before it is due.
        paused_by: The reasons that pause the clock; None for those of the policy's options.
        starts_on: Name of the reached event that starts the clock; None for the milestone's default
            start. It is the same for all targets of one milestone, as is `recurrence`.
        recurrence: How often the clock starts; None for the milestone's default.
        cut_off: Time of a business day of `calendar`, such as `15:00`: what starts the clock later
            on that day counts as received at the first opening of the next business day, and
            outside the hours at the next opening. Business days count from there. None for none.
        exclusive: Whether the due instant itself is late, as in "in less than 15 minutes".
        commitment: How binding the target is. `best_effort` has no time, so `within` is None.

    >>> Target(milestone="first_response", within=timedelta(hours=4), warn=[0.75]).warn
    (Fraction(3, 4),)

    Raises:
        InvalidValueError: `within` is not greater than 0, a warning is not inside the target, or
            the commitment does not fit a target with or without a time.
        LimitExceededError: `within` is longer than a century.
    """

    milestone: str = attrs.field(converter=_milestone)
    within: timedelta | BusinessDays | None
    calendar: str | None = attrs.field(default=None, converter=optional_identifier)
    severities: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    channels: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    conditions: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    kinds: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    warn: tuple[WarningOffset, ...] = attrs.field(default=(), converter=_warnings)
    paused_by: frozenset[str] | None = attrs.field(default=None, converter=_reasons)
    starts_on: str | None = attrs.field(default=None, converter=optional_identifier)
    recurrence: Recurrence | None = attrs.field(default=None, converter=_recurrence)
    cut_off: str | None = attrs.field(default=None, converter=_cut_off)
    exclusive: bool = False
    commitment: Commitment = attrs.field(default=Commitment.GUARANTEE, converter=_commitment)

    def __attrs_post_init__(self) -> None:
        within = self.within
        _check_commitment(self.commitment, within)
        if isinstance(within, timedelta):
            _check_amount(within)
        elif within is not None:
            _check_days(within, self.calendar)
        for each in self.warn:
            _check_warning(each, within)
        instance_of(bool, self.exclusive)
        if self.cut_off is not None:
            _check_cut_off(self)

    @property
    def is_nothing(self) -> bool:
        """Whether the target states that nothing is promised, not even best effort."""
        return self.within is None and self.commitment is not Commitment.BEST_EFFORT

    def fits(
        self,
        severity: str | None,
        channel: str,
        conditions: Iterable[str],
        kind: str | None = None,
    ) -> bool:
        """Return whether the target fits a case."""
        return (
            (not self.severities or severity in self.severities)
            and (not self.channels or channel in self.channels)
            and self.conditions.issubset(identifier_set(conditions))
            and (not self.kinds or kind in self.kinds)
        )


def _check_commitment(commitment: Commitment, within: timedelta | BusinessDays | None) -> None:
    if commitment is Commitment.BEST_EFFORT and within is not None:
        raise InvalidValueError(
            "best effort has no time", hint="use `objective` for a time that is no promise"
        )
    if commitment is Commitment.OBJECTIVE and within is None:
        raise InvalidValueError("an objective needs a time", hint="use `best_effort` without one")


def _check_amount(within: timedelta) -> None:
    if within <= timedelta():
        raise InvalidValueError(
            f"the amount of a target is `{within}`; it must be greater than 0",
            hint="use None if nothing is promised",
        )
    if within > MAX_TARGET:
        raise LimitExceededError(f"the amount of a target is `{within}`, longer than a century")


def _check_days(within: BusinessDays, calendar: str | None) -> None:
    if not isinstance(within, BusinessDays):
        raise InvalidValueError(
            f"`{within!r}` is not an amount of time", hint="pass a timedelta or BusinessDays"
        )
    if within.count < 1 and (within.count or within.anchor is not Anchor.END):
        raise InvalidValueError(
            f"the amount of a target is `{within.count}` business days; it must be greater than 0",
            hint="for the closing of the same business day, use 0 with the anchor `end`",
        )
    if within.count > MAX_TARGET.days:
        raise LimitExceededError(
            f"the amount of a target is `{within.count}` business days, longer than a century"
        )
    if calendar is None:
        raise InvalidValueError("a target in business days needs a calendar", hint="set `calendar`")


def _check_cut_off(target: Target) -> None:
    if target.calendar is None:
        raise InvalidValueError("a cut-off needs a calendar", hint="set `calendar`", path="cut_off")
    repeats = target.recurrence or DEFAULT_RECURRENCE.get(target.milestone)
    if repeats in {Recurrence.PERIODIC, Recurrence.SEQUENTIAL}:
        raise InvalidValueError(
            f"`{target.milestone}` starts again by itself, so that a cut-off has no request",
            hint="use `recurrence: once` or `each`, or leave out the cut-off",
            path="cut_off",
        )


def _check_warning(warn: WarningOffset, within: timedelta | BusinessDays | None) -> None:
    if isinstance(warn, Fraction):
        if not 0 < warn < 1:
            raise InvalidValueError(f"a warning at `{warn}` of the target must be between 0 and 1")
        return
    if warn <= timedelta() or (isinstance(within, timedelta) and warn >= within):
        raise InvalidValueError(
            f"a warning `{format_duration(warn)}` before the deadline must be inside the target"
        )
