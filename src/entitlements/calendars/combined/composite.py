"""Calendars combined by any, all, except, not.

Hours of different zones can be combined, to any depth; the result is `BusinessHours` again. Nothing
is computed before it is needed. The normal form uses `any`, `all`, and `not` of single calendars;
hours that the laws of sets make equal have the same normal form, hours that only happen to be open
at the same times do not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import (
    BusinessHours,
    NormalForm,
    as_hours,
)
from entitlements.calendars.options import SetOperator, as_operator
from entitlements.calendars.state import HoursCause, SkippedDay
from entitlements.calendars.timeline.cache import timeline_for
from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.calendars.timeline.open_time import OpenTime, ZoneOpenTime
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.kernel.converters import as_text, as_tuple
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.frozenmaps import MAX_CHARACTERS_SHOWN
from entitlements.kernel.instants import DAY
from entitlements.kernel.periods.spans import (
    Intervals,
    difference,
    intersection,
    total_length,
    union,
)

MAX_PARTS: Final = 64
MAX_LEVELS: Final = 64
_THIRTY_YEARS: Final = 10_958 * DAY
_ALWAYS: Final[NormalForm] = ("always",)
_NEVER: Final[NormalForm] = ("never",)
_WEEK: Final = 7 * DAY
_MANY_WEEKS: Final = 8 * _WEEK
# Windows end up to two days after their date; clocks differ from UTC by up to a day.
_REACH: Final = 4 * DAY
_SIGNS: Final = {
    SetOperator.ANY: " | ",
    SetOperator.ALL: " & ",
    SetOperator.EXCEPT: " - ",
    SetOperator.NOT: "",
}
_NOT: Final[dict[bool | None, bool | None]] = {True: False, False: True, None: None}


def compose(operator: SetOperator, *parts: BusinessHours) -> BusinessHours:
    """Return `parts` combined by `operator`; unnamed parts of the same operator are merged."""
    operator = as_operator(operator)
    if operator not in {SetOperator.ANY, SetOperator.ALL}:
        return CompositeCalendar(operator, parts)
    flat = [
        each
        for part in parts
        for each in (
            part.parts
            if isinstance(part, CompositeCalendar) and part.operator is operator and not part.name
            else (part,)
        )
    ]
    return CompositeCalendar(operator, tuple(flat))


def _parts(values: Iterable[BusinessHours]) -> tuple[BusinessHours, ...]:
    return tuple(map(as_hours, as_tuple(values)))


@final
@attrs.frozen(eq=False)
class CompositeCalendar(BusinessHours):
    """Hours made of other hours; `a | b`, `a & b`, `a - b` and `~a` build it.

    A search for the next opening ends after 30 years without open time.

    >>> from entitlements.calendars import Calendar
    >>> berlin = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    >>> (~berlin).named("closed")
    (~Calendar(zone='Europe/Berlin', week=Week('Mo-Fr 09:00-17:00'))).named('closed')

    Attributes:
        operator: How the parts are combined.
        parts: The hours that are combined: one for `not`, at least one otherwise.
        name: The name of the hours; not part of equality.
        day_zone: The zone in which days are counted; None for the common zone of the parts.
        size: The number of calendars in it, at any depth; at most 64.
        depth: The number of levels; at most 64.
    """

    operator: SetOperator = attrs.field(converter=as_operator)
    parts: tuple[BusinessHours, ...] = attrs.field(converter=_parts)
    name: str = attrs.field(default="", converter=as_text, kw_only=True)
    day_zone: str | None = attrs.field(
        default=None, kw_only=True, converter=attrs.converters.optional(zone_name)
    )

    size: int = attrs.field(init=False, repr=False)
    depth: int = attrs.field(init=False, repr=False)

    @size.default
    def _sum_of_sizes(self) -> int:
        return sum(each.size if isinstance(each, CompositeCalendar) else 1 for each in self.parts)

    @depth.default
    def _one_level_more(self) -> int:
        inner = (each.depth for each in self.parts if isinstance(each, CompositeCalendar))
        return 1 + max(inner, default=0)

    def __attrs_post_init__(self) -> None:
        if not self.parts or (self.operator is SetOperator.NOT and len(self.parts) > 1):
            raise InvalidValueError(
                f"`{self.operator}` cannot combine `{len(self.parts)}` calendars",
                hint="`not` takes one calendar, the other operators one or more",
            )
        if self.size > MAX_PARTS:
            raise LimitExceededError(
                f"`{self.size}` calendars in one composition",
                hint=f"at most {MAX_PARTS} are allowed",
            )
        if self.depth > MAX_LEVELS:
            raise LimitExceededError(
                f"`{self.depth}` levels in one composition",
                hint=f"at most {MAX_LEVELS} are allowed",
            )

    def __repr__(self) -> str:
        text = self.expression(repr)
        if len(text) <= MAX_CHARACTERS_SHOWN:
            return text
        name = f" `{self.name}`" if self.name else ""
        return f"<CompositeCalendar{name}: {self.operator} of {self.size} calendars>"

    def expression(self, written: Callable[[BusinessHours], str]) -> str:
        """Return the expression that combines its parts; `written` gives the text of a part."""
        parts = [
            f"({written(each)})" if isinstance(each, CompositeCalendar) else written(each)
            for each in self.parts
        ]
        text = _SIGNS[self.operator].join(parts)
        if self.operator is SetOperator.NOT:
            text = f"~{text}"
        if self.day_zone is not None:
            text = f"({text}).in_zone({self.day_zone!r})"
        return f"({text}).named({self.name!r})" if self.name else text

    def named(self, name: str) -> CompositeCalendar:
        """Return the same hours under a name."""
        return attrs.evolve(self, name=name)

    def in_zone(self, zone: str) -> CompositeCalendar:
        """Return the same hours, with days counted in `zone`."""
        return attrs.evolve(self, day_zone=zone)

    @property
    def zone(self) -> str:
        """The zone in which days are counted.

        Raises:
            InvalidValueError: The parts are in different zones, and `in_zone` was not used.
        """
        if self.day_zone is not None:
            return self.day_zone
        constant = (_ALWAYS, _NEVER)
        zones = {each.zone for each in self.parts if each.normal_form not in constant}
        if len(zones) > 1:
            raise InvalidValueError(
                f"the calendars are in different zones: `{'`, `'.join(sorted(zones))}`",
                hint="choose one for counting days with `in_zone(...)`",
            )
        return zones.pop() if zones else "UTC"

    @cached_property
    def timeline(self) -> Timeline:
        """The same hours for computations with integers; shared by equal hours."""
        timeline = timeline_for(self.normal_form, self.open_time)
        if self.covered is None:
            return timeline
        return KnownRangeTimeline(timeline, *self.covered, self.name or "composition")

    @cached_property
    def open_time(self) -> OpenTime:
        """The open time from which the timeline is compiled."""
        return CompositeOpenTime(self.operator, tuple(each.open_time for each in self.parts))

    @cached_property
    def normal_form(self) -> NormalForm:
        """The rules in one form for all hours that the laws of sets make equal."""
        forms = [each.normal_form for each in self.parts]
        match self.operator:
            case SetOperator.NOT:
                return _negated(forms[0])
            case SetOperator.EXCEPT:
                return _flat("all", [forms[0], *map(_negated, forms[1:])])
            case SetOperator.ANY | SetOperator.ALL:
                return _flat(self.operator.value, forms)

    @cached_property
    def covered(self) -> tuple[int, int] | None:
        """The instants for which the holidays of all parts are known."""
        ranges = [each.covered for each in self.parts if each.covered is not None]
        return (max(a for a, _ in ranges), min(b for _, b in ranges)) if ranges else None

    def day_bounds(self, day: int) -> tuple[int, int] | None:
        """Return first and last open instant of the date `day`, or None if it has none."""
        at = load_zone(self.zone).instant
        periods = self.open_time.periods(at(day), at(day + 1))
        return (periods[0][0], periods[-1][1]) if periods else None

    def causes(self, at: int) -> tuple[HoursCause, ...]:
        """Return the rules of the parts that decide."""
        return tuple(cause for part in self._deciding(at) for cause in part.causes(at))

    def skipped(self, low: int, high: int) -> Iterator[SkippedDay]:
        """Yield the skipped days of all parts, in the order of the parts."""
        return (each for part in self.parts for each in part.skipped(low, high))

    def warnings(self, low: int, high: int) -> Iterator[str]:
        """Yield the warnings of all parts."""
        return (each for part in self.parts for each in part.warnings(low, high))

    def combined(self, operator: SetOperator, *others: BusinessHours) -> BusinessHours:
        """Combine these hours and `others` with `operator`."""
        return compose(operator, self, *others)

    def _deciding(self, at: int) -> Iterable[BusinessHours]:
        is_open = self.timeline.is_open(at)
        match self.operator:
            case SetOperator.NOT:
                return self.parts
            case SetOperator.EXCEPT:
                removing = [each for each in self.parts[1:] if each.timeline.is_open(at)]
                return [self.parts[0]] if is_open or not removing else removing
            case SetOperator.ANY | SetOperator.ALL:
                return [each for each in self.parts if each.timeline.is_open(at) == is_open]


@final
class CompositeOpenTime:
    """The open time of combined calendars, computed from the parts when it is needed."""

    __slots__ = (
        "_operator",
        "_parts",
        "_weeks",
        "final_state",
        "idle_limit",
        "periodic_from",
        "regular_until",
        "zones",
    )

    def __init__(self, operator: SetOperator, parts: tuple[OpenTime, ...]) -> None:
        self._operator = operator
        self._parts = parts
        self.regular_until = min(each.regular_until for each in parts)
        self.periodic_from = max(each.periodic_from for each in parts)
        self.final_state = _combined_state(operator, [each.final_state for each in parts])
        self.zones = frozenset().union(*(each.zones for each in parts))
        self.idle_limit = _THIRTY_YEARS
        self._weeks: dict[Hashable, int] = {}

    def periods(self, low: int, high: int) -> Intervals:
        """Return the open time in `[low, high)`, cut to it."""
        found = (each.periods(low, high) for each in self._parts)
        if self._operator is SetOperator.ANY:
            return union(each for periods in found for each in periods)
        if self._operator is SetOperator.NOT:
            return difference([(low, high)] if low < high else [], next(found))
        combine = intersection if self._operator is SetOperator.ALL else difference
        left = next(found)
        while left and (other := next(found, None)) is not None:
            left = combine(left, other)
        return left

    def total(self, low: int, high: int) -> int:
        """Return how much of `[low, high)` is open."""
        if self._operator is SetOperator.NOT:
            return max(0, high - low) - self._parts[0].total(low, high)
        regime = self.regime(low, high) if high - low >= _MANY_WEEKS else None
        if regime is not None:
            return self._counted_by_weeks(low, high, regime)
        known = self._decided(low, high)
        return total_length(self.periods(low, high)) if known is None else known

    def regime(self, low: int, high: int) -> Hashable | None:
        """Return the regimes of all parts, or None if a part has none."""
        regimes = tuple(each.regime(low, high) for each in self._parts)
        return None if None in regimes else regimes

    def _counted_by_weeks(self, low: int, high: int, regime: Hashable) -> int:
        """Return the total of `[low, high)`, which has one regime.

        Weeks in which all clocks have the same offsets have the same total, computed once.
        """
        clocks = [each.offset_periods(low - _REACH, high + _REACH) for each in self.zones]
        total = 0
        for start in range(low, high - _WEEK + 1, _WEEK):
            first, last = start - _REACH, start + _WEEK + _REACH
            key = (
                regime,
                start % _WEEK,
                *(
                    tuple(
                        (max(begin - first, 0), offset)
                        for begin, end, offset in offsets
                        if first < end and begin < last
                    )
                    for offsets in clocks
                ),
            )
            known = self._weeks.get(key)
            if known is None:
                known = self._weeks[key] = total_length(self.periods(start, start + _WEEK))
            total += known
        return total + total_length(self.periods(high - (high - low) % _WEEK, high))

    def _decided(self, low: int, high: int) -> int | None:
        """Return the total if one calendar decides it because it is always or never open there.

        Counting one calendar is much cheaper than combining all; a search for the next opening may
        look at decades without open time.
        """
        for number, part in enumerate(self._parts):
            if isinstance(part, ZoneOpenTime):
                total = part.total(low, high)
                is_first = self._operator is SetOperator.ALL or not number
                if self._operator is SetOperator.ANY:
                    if total == high - low:
                        return total
                elif total == (0 if is_first else high - low):
                    return 0
        return None


def _combined_state(operator: SetOperator, states: list[bool | None]) -> bool | None:
    """Return whether all time is open (True) or closed (False) in the end; None is neither."""
    match operator:
        case SetOperator.NOT:
            return _NOT[states[0]]
        case SetOperator.EXCEPT:
            return _combined_state(
                SetOperator.ALL, [states[0], *(_NOT[each] for each in states[1:])]
            )
        case SetOperator.ALL:
            return False if False in states else None if None in states else True
        case SetOperator.ANY:
            return True if True in states else None if None in states else False


def _negated(form: NormalForm) -> NormalForm:
    match form:
        case ("always",):
            return _NEVER
        case ("never",):
            return _ALWAYS
        case ("not", inner):
            return tuple(inner)
        case ("any" | "all" as operator, *parts):
            other = "all" if operator == "any" else "any"
            return _flat(other, [_negated(each) for each in parts])
        case _:
            return ("not", form)


def _flat(operator: str, forms: Iterable[NormalForm]) -> NormalForm:
    """Return `forms` combined by `operator`: flat, sorted, without duplicates or constants."""
    from entitlements.kernel.data.digests import canonical_json  # noqa: PLC0415 - on first use

    neutral, absorbing = (_NEVER, _ALWAYS) if operator == "any" else (_ALWAYS, _NEVER)
    level = [
        part
        for form in forms
        for part in (form[1:] if form[0] == operator else (form,))
        if part != neutral
    ]
    parts = sorted(set(level), key=canonical_json)
    if absorbing in parts or any(("not", each) in parts for each in parts):
        return absorbing
    if len(parts) < 2:  # noqa: PLR2004 - one part needs no operator
        return parts[0] if parts else neutral
    return (operator, *parts)
