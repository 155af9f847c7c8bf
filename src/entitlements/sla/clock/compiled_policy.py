"""SLA policies compiled to integers.

A compiled target is an amount in microseconds beside the timeline that counts it. The deadlines of
a case at its opening need no history, and one look at each calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Final, TypeAlias, final

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.cut_offs import cut_off_seconds, received_at
from entitlements.calendars.options import BusinessDays, Landing
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import MICROSECOND, from_micros, to_micros
from entitlements.kernel.on_demand.memo import Memo
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.milestones import DEFAULT_RECURRENCE, Milestone, Recurrence
from entitlements.sla.options.clock_options import (
    ClockOptions,
    ClockStart,
    NextResponseStart,
    UpdateStart,
)
from entitlements.sla.targets import Target, WarningOffset

_MAX_KEPT: Final = 4_096
_ALWAYS: Final = Calendar.always()


@final
class CompiledTarget:
    """One target with its amounts in microseconds and the timeline that counts them.

    Attributes:
        definition: The target as the policy has it.
        hours: The business hours that count.
        timeline: The same hours in microseconds.
        limit: The amount in microseconds; None for a number of business days.
        days: The number of business days, or None.
        late_landing: Whether a deadline at closing moves to the next opening.
        exclusive: Whether the deadline itself is late.
        commitment: How binding it is; None if it states that nothing is promised.
    """

    __slots__ = (
        "_cut_off",
        "_options",
        "commitment",
        "days",
        "definition",
        "exclusive",
        "hours",
        "late_landing",
        "limit",
        "timeline",
    )

    def __init__(self, definition: Target, hours: BusinessHours, options: ClockOptions) -> None:
        self.definition = definition
        self.hours = hours
        self.timeline: Timeline = hours.timeline
        within = definition.within
        self.limit = within // MICROSECOND if isinstance(within, timedelta) else None
        self.days = within if isinstance(within, BusinessDays) else None
        self.late_landing = options.landing is Landing.NEXT_OPENING
        self.exclusive = definition.exclusive
        self.commitment = None if definition.is_nothing else definition.commitment
        cut_off = definition.cut_off
        self._cut_off = None if cut_off is None else cut_off_seconds(cut_off)
        self._options = options

    def __reduce__(self) -> tuple[object, ...]:
        # Compiled hours are not stored; they are compiled again after loading.
        return CompiledTarget, (self.definition, self.hours, self._options)

    @property
    def counts_at_once(self) -> bool:
        """Whether counting begins where the clock starts, without a cut-off."""
        return self._cut_off is None

    def received_at(self, at: int) -> int:
        """Return where a clock that starts at `at` begins to count: there, or after a cut-off."""
        return at if self._cut_off is None else received_at(self.hours, at, self._cut_off)

    def amount(self, start: int, base: int) -> tuple[int, int | None]:
        """Return the counted time that the target gives, and the due instant of business days.

        Args:
            start: Where counting begins.
            base: The open time before `start`.
        """
        if self.days is None:
            return self.limit or 0, None
        due = self.due_of_days(start, self.days)
        return self.timeline.open_time_before(due) - base, due

    def due_of_days(self, start: int, days: BusinessDays) -> int:
        """Return the instant that is `days` business days after `start`."""
        return to_micros(self.hours.add_days(from_micros(start), days.count, anchor=days.anchor))

    def instant_of_total(self, start: int, total: int) -> int:
        """Return when the open time since the epoch reaches `total`, not before `start`.

        At a closing, the option `landing` chooses between that closing and the next opening.
        """
        timeline = self.timeline
        at = timeline.latest_with(total) if self.late_landing else timeline.earliest_with(total)
        return max(at, start)

    def due(self, at: int) -> int:
        """Return the deadline of a clock that starts at `at` and runs without a pause.

        It is never before the start: the same business day may have ended by then.
        """
        start = self.received_at(at)
        base = self.timeline.open_time_before(start)
        amount, day = self.amount(start, base)
        return self.instant_of_total(start, base + amount) if day is None else max(day, start)

    def warning_amounts(self, limit: int) -> tuple[int, ...]:
        """Return the counted time after which to warn, in order, each once."""
        amounts = {_warning_amount(each, limit) for each in self.definition.warn}
        return tuple(sorted(each for each in amounts if each < limit))


def _warning_amount(offset: WarningOffset, limit: int) -> int:
    if isinstance(offset, Fraction):
        return limit * offset.numerator // offset.denominator
    return max(0, limit - offset // MICROSECOND)


SharedCalendar: TypeAlias = tuple[Callable[[int], int], Callable[[int], int], tuple[int, ...]]
"""Open time before an instant, the instant of a total, and the amounts of all milestones."""


@final
class OpeningTargets:
    """The targets for one severity, channel, set of conditions and kind of request.

    Attributes:
        names: The milestones, in the policy's order.
        by_milestone: The target of each milestone; no entry where no target fits.
        groups: For each calendar the targets that start at the opening, with their positions.
        shared_calendar: The one calendar and the amounts, if all deadlines are found with it.
        lacks_first_response: Whether the policy has first responses, but none for such a case.
    """

    __slots__ = (
        "_blank",
        "by_milestone",
        "groups",
        "lacks_first_response",
        "names",
        "shared_calendar",
    )

    def __init__(
        self,
        names: tuple[str, ...],
        by_milestone: dict[str, CompiledTarget],
        started: frozenset[str],
    ) -> None:
        self.names = names
        self.by_milestone = by_milestone
        first = Milestone.FIRST_RESPONSE.value
        self.lacks_first_response = first in names and first not in by_milestone
        groups: dict[int, list[tuple[int, CompiledTarget]]] = {}
        for position, name in enumerate(names):
            target = by_milestone.get(name)
            if target is None or name not in started or target.definition.within is None:
                continue
            groups.setdefault(id(target.timeline), []).append((position, target))
        self.groups = [(group[0][1].timeline, group) for group in groups.values()]
        self._blank: list[int | None] = [None] * len(names)
        self.shared_calendar = self._find_shared_calendar()

    def _find_shared_calendar(self) -> SharedCalendar | None:
        """Return the one timeline and the amounts, if every milestone is a plain amount by it."""
        if len(self.groups) != 1 or len(self.groups[0][1]) != len(self.names):
            return None
        timeline, group = self.groups[0]
        limits = [
            target.limit for _, target in group if target.counts_at_once and not target.late_landing
        ]
        plain = tuple(limit for limit in limits if limit is not None)
        if len(plain) != len(group):
            return None
        return timeline.open_time_before, timeline.earliest_with, plain

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:
        """Return the instants at which to warn of a milestone that starts at `opened`, in order."""
        target = self.by_milestone.get(name)
        if target is None or not target.definition.warn:
            return ()
        start = target.received_at(opened)
        base = target.timeline.open_time_before(start)
        limit, _ = target.amount(start, base)
        return tuple(
            target.instant_of_total(start, base + each) for each in target.warning_amounts(limit)
        )

    def due_instants(self, opened: int) -> tuple[int | None, ...]:
        """Return the deadline of each milestone of a case opened at `opened`, or None.

        Raises:
            NeverReachedError: A calendar does not have that much open time.
        """
        if self.shared_calendar is not None:
            open_time_before, earliest_with, limits = self.shared_calendar
            base = open_time_before(opened)
            return tuple([earliest_with(base + limit) for limit in limits])
        found = self._blank.copy()
        for timeline, group in self.groups:
            base, earliest_with = timeline.open_time_before(opened), timeline.earliest_with
            for position, target in group:
                limit = target.limit
                if limit is None or target.late_landing or not target.counts_at_once:
                    found[position] = target.due(opened)
                else:
                    found[position] = earliest_with(base + limit)
        return tuple(found)


_CaseKey: TypeAlias = tuple[str | None, str, frozenset[str], str | None]
"""Severity, channel, conditions and kind of a case."""


@final
class CompiledPolicy:
    """A policy compiled to integers; immutable but for a bounded cache of targets.

    Attributes:
        started: The milestones whose clocks start with the opening.
    """

    __slots__ = (
        "_severities",
        "_targets",
        "_targets_by_case",
        "change_modes",
        "id",
        "milestones",
        "options",
        "recurrences",
        "started",
        "starts_on",
    )

    def __init__(
        self,
        id: str,
        targets: tuple[Target, ...],
        milestones: tuple[str, ...],
        calendars: Mapping[str, BusinessHours],
        options: ClockOptions,
    ) -> None:
        self.id = id
        self.milestones = milestones
        self.options = options
        self._targets = [
            CompiledTarget(each, calendars[each.calendar] if each.calendar else _ALWAYS, options)
            for each in targets
        ]
        self._targets_by_case: Memo[_CaseKey, OpeningTargets] = Memo(_MAX_KEPT)
        self._severities = frozenset(name for each in targets for name in each.severities)
        self.starts_on = {each.milestone: each.starts_on for each in targets}
        self.change_modes = {name: ChangeModes(options, name) for name in milestones}
        self.recurrences = {each.milestone: _recurrence(each) for each in targets}
        self.started = frozenset(filter(self._starts_at_opening, milestones))

    def targets_for(
        self,
        severity: str | None,
        channel: str,
        conditions: frozenset[str],
        kind: str | None = None,
    ) -> OpeningTargets:
        """Return the targets for such a case.

        Raises:
            UnknownIdError: The policy has no first response for that severity.
        """
        targets = self.find_targets(severity, channel, conditions, kind)
        if targets.lacks_first_response and severity is not None:
            raise UnknownIdError(
                f"severity with a `{Milestone.FIRST_RESPONSE}` in policy `{self.id}`",
                severity,
                known=self._severities,
            )
        return targets

    def find_targets(
        self,
        severity: str | None,
        channel: str,
        conditions: frozenset[str],
        kind: str | None = None,
    ) -> OpeningTargets:
        """Return the targets for such a case, even if there is no first response for it."""
        key = (severity, channel, conditions, kind)
        targets = self._targets_by_case.get(key)
        if targets is None:
            targets = OpeningTargets(self.milestones, self._fitting(*key), self.started)
            self._targets_by_case.put(key, targets)
        return targets

    def _fitting(
        self, severity: str | None, channel: str, conditions: frozenset[str], kind: str | None
    ) -> dict[str, CompiledTarget]:
        found: dict[str, CompiledTarget] = {}
        for target in self._targets:
            definition = target.definition
            if definition.milestone in found:
                continue
            if definition.fits(severity, channel, conditions, kind):
                found[definition.milestone] = target
        return found

    def _starts_at_opening(self, name: str) -> bool:
        """Return whether the clock of the milestone `name` starts with the opening."""
        options = self.options
        if self.starts_on[name] is not None:
            return False
        if name == Milestone.NEXT_RESPONSE:
            return options.next_response is NextResponseStart.FIRST_UNANSWERED_OR_OPENING
        if name == Milestone.UPDATE and options.update_start is UpdateStart.FIRST_RESPONSE:
            return False
        return options.start is ClockStart.OPENING


def _recurrence(target: Target) -> Recurrence:
    return target.recurrence or DEFAULT_RECURRENCE.get(target.milestone, Recurrence.ONCE)
