"""What does a policy say, in integers?

Targets become clauses: amounts in microseconds beside the timeline that counts them. For a case
that was only just opened the deadlines come without a history, with one look at each calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Final, Protocol, TypeAlias, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.options import BusinessDays, Landing
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import from_micros, text_of, to_micros
from entitlements.kernel.memo import Memo
from entitlements.sla.milestones import Milestone, Recurrence
from entitlements.sla.options import ClockOptions, ClockStart, NextResponseStart, UpdateStart
from entitlements.sla.targets import Target, WarningOffset

_MICROSECOND: Final = timedelta(microseconds=1)
_KEPT: Final = 4_096
_ALWAYS: Final = Calendar.always()


@final
class CompiledTarget:
    """One target, ready to count.

    Attributes:
        target: The target it was made from.
        hours: The hours that count.
        timeline: The same, for integers.
        limit: The amount in microseconds; None for a number of days.
        days: The number of business days, or None.
        late_landing: Whether a deadline at closing moves to the next opening.
    """

    __slots__ = ("_options", "days", "hours", "late_landing", "limit", "target", "timeline")

    def __init__(self, target: Target, hours: BusinessHours, options: ClockOptions) -> None:
        self.target = target
        self.hours = hours
        self.timeline: Timeline = hours.timeline
        within = target.within
        self.limit = within // _MICROSECOND if isinstance(within, timedelta) else None
        self.days = within if isinstance(within, BusinessDays) else None
        self.late_landing = options.landing is Landing.NEXT_OPENING
        self._options = options

    def __reduce__(self) -> tuple[object, ...]:
        # The working form of hours is compiled again where it is read.
        return CompiledTarget, (self.target, self.hours, self._options)

    def amount(self, start: int, base: int) -> tuple[int, int | None]:
        """Return the counted time the target gives from `start`, and the day's own instant.

        Args:
            start: Where counting begins.
            base: The open time before `start`.
        """
        if self.days is None:
            return self.limit or 0, None
        due = self.day(start, self.days)
        return self.timeline.open_time_before(due) - base, due

    def day(self, start: int, days: BusinessDays) -> int:
        """Return the instant that is so many business days from `start`."""
        return to_micros(self.hours.add_days(from_micros(start), days.count, anchor=days.anchor))

    def instant_of_total(self, start: int, total: int) -> int:
        """Return the instant from `start` on at which B reaches `total`, as the policy lands it."""
        timeline = self.timeline
        at = timeline.latest_with(total) if self.late_landing else timeline.earliest_with(total)
        return max(at, start)

    def due(self, start: int, base: int) -> int:
        """Return the deadline of a clock that runs from `start` without a stop."""
        amount, day = self.amount(start, base)
        return self.instant_of_total(start, base + amount) if day is None else day

    def warning_amounts(self, limit: int) -> tuple[int, ...]:
        """Return the counted time after which to warn, in order, each once."""
        amounts = {_before(each, limit) for each in self.target.warn}
        return tuple(sorted(each for each in amounts if each < limit))


def _before(warn: WarningOffset, limit: int) -> int:
    if isinstance(warn, Fraction):
        return limit * warn.numerator // warn.denominator
    return max(0, limit - warn // _MICROSECOND)


SharedCalendar: TypeAlias = tuple[Callable[[int], int], Callable[[int], int], tuple[int, ...]]
"""How open time is counted, how it is reached, and the amounts of all milestones."""


@final
class OpeningTargets:
    """The clauses for one kind of case, and which of them start with the opening.

    Attributes:
        names: The milestones, in the policy's order.
        clauses: The clause of each milestone, by name; no entry where no target fits.
        groups: For each calendar its clauses that start at the opening, with their positions.
        common: The one calendar's functions and the amounts, if no milestone needs more.
        unanswered: Whether the policy has first responses, but none for such a case.
    """

    __slots__ = ("_blank", "clauses", "common", "groups", "names", "unanswered")

    def __init__(
        self, names: tuple[str, ...], clauses: dict[str, CompiledTarget], started: frozenset[str]
    ) -> None:
        self.names = names
        self.clauses = clauses
        first = Milestone.FIRST_RESPONSE.value
        self.unanswered = first in names and first not in clauses
        groups: dict[int, list[tuple[int, CompiledTarget]]] = {}
        for position, name in enumerate(names):
            clause = clauses.get(name)
            if clause is None or name not in started or clause.target.within is None:
                continue
            groups.setdefault(id(clause.timeline), []).append((position, clause))
        self.groups = [(group[0][1].timeline, group) for group in groups.values()]
        self._blank: list[int | None] = [None] * len(names)
        self.common = self._find_common()

    def _find_common(self) -> SharedCalendar | None:
        """Return the one timeline and the amounts, if every milestone is a plain amount by it."""
        if len(self.groups) != 1 or len(self.groups[0][1]) != len(self.names):
            return None
        timeline, group = self.groups[0]
        limits = [clause.limit for _, clause in group if not clause.late_landing]
        plain = tuple(limit for limit in limits if limit is not None)
        return (
            (timeline.open_time_before, timeline.earliest_with, plain)
            if len(plain) == len(group)
            else None
        )

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:
        """Return the instants at which to warn of a milestone that starts at `opened`, in order."""
        clause = self.clauses.get(name)
        if clause is None:
            return ()
        base = clause.timeline.open_time_before(opened)
        limit, _ = clause.amount(opened, base)
        return tuple(
            clause.instant_of_total(opened, base + each) for each in clause.warning_amounts(limit)
        )

    def due_instants(self, opened: int) -> tuple[int | None, ...]:
        """Return the deadline of each milestone of a case opened at `opened`, or None."""
        if self.common is not None:
            elapsed, reach, limits = self.common
            base = elapsed(opened)
            return tuple([reach(base + limit) for limit in limits])
        found = self._blank.copy()
        for timeline, group in self.groups:
            base, reach = timeline.open_time_before(opened), timeline.earliest_with
            for position, clause in group:
                limit = clause.limit
                if limit is None or clause.late_landing:
                    found[position] = clause.due(opened, base)
                else:
                    found[position] = reach(base + limit)
        return tuple(found)


class Clauses(Protocol):
    """What deadlines come from."""

    @property
    def names(self) -> tuple[str, ...]:
        """The milestones, in the policy's order."""
        ...

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:
        """Return the instants at which to warn of a milestone that starts at `opened`, in order."""
        ...


@final
@attrs.frozen
class KnownWarnings:
    """The clauses of stored deadlines, as far as those need them: names, and warnings."""

    names: tuple[str, ...]
    instants: tuple[tuple[int, ...], ...]

    def warnings(self, name: str, opened: int) -> tuple[int, ...]:  # noqa: ARG002 - there is one opening
        """Return the instants at which to warn of a milestone, in order."""
        return self.instants[self.names.index(name)]


@final
class OpeningDeadlines:
    """The deadlines of a case that was only just opened.

    Two are equal if opening, milestones and deadlines are. Stored ones take their warnings along.

    Attributes:
        opened: The opening, in microseconds.
        dues: The deadline of each milestone in microseconds, or None; in the order of `names`.
        plan: The clauses they come from.
    """

    __slots__ = ("due_instants", "opened", "plan")

    def __init__(self, plan: Clauses, opened: int, dues: tuple[int | None, ...]) -> None:
        self.plan = plan
        self.opened = opened
        self.due_instants = dues

    @property
    def names(self) -> tuple[str, ...]:
        """The milestones, in the policy's order."""
        return self.plan.names

    def due(self, name: str) -> int | None:
        """Return the deadline of the milestone `name`, or None if it has none yet."""
        return self.due_instants[self.plan.names.index(name)]

    def warnings(self, name: str) -> tuple[int, ...]:
        """Return the instants at which to warn of the milestone `name`, in order."""
        if name not in self.names or self.due(name) is None:
            return ()
        return self.plan.warnings(name, self.opened)

    def _key(self) -> tuple[object, ...]:
        return self.opened, self.names, self.due_instants

    def __eq__(self, other: object) -> bool:
        return (
            self._key() == other._key() if isinstance(other, OpeningDeadlines) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        said = zip(self.names, self.due_instants, strict=True)
        dues = (f"{name}={None if due is None else text_of(due)}" for name, due in said)
        return f"Deadlines({', '.join(dues)})"

    def __copy__(self) -> OpeningDeadlines:
        return self

    def __deepcopy__(self, _: object) -> OpeningDeadlines:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        known = KnownWarnings(self.names, tuple(self.warnings(name) for name in self.names))
        return OpeningDeadlines, (known, self.opened, self.due_instants)


@final
class CompiledPolicy:
    """A policy, ready to count; immutable but for a bounded memory of plans."""

    __slots__ = (
        "_clauses",
        "_plans",
        "_severities",
        "id",
        "milestones",
        "options",
        "recurrences",
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
        self._clauses = [
            CompiledTarget(each, calendars[each.calendar] if each.calendar else _ALWAYS, options)
            for each in targets
        ]
        self._plans: Memo[tuple[str | None, str, frozenset[str]], OpeningTargets] = Memo(_KEPT)
        self._severities = frozenset(name for each in targets for name in each.severities)
        self.starts_on = {each.milestone: each.starts_on for each in targets}
        self.recurrences = {each.milestone: _recurrence(each) for each in targets}

    def deadlines(
        self, severity: str | None, channel: str, conditions: frozenset[str], opened: int
    ) -> OpeningDeadlines:
        """Return the deadlines of a case opened at `opened`; the same as `measure` would give.

        Raises:
            UnknownIdError: The policy has no first response for that severity.
            NeverReachedError: A calendar does not have that much open time.
        """
        plan = self._plans.get((severity, channel, conditions))
        if plan is None or plan.unanswered:
            plan = self.plan(severity, channel, conditions)
        return OpeningDeadlines(plan, opened, plan.due_instants(opened))

    def plan(
        self, severity: str | None, channel: str, conditions: frozenset[str]
    ) -> OpeningTargets:
        """Return the clauses for such a case.

        Raises:
            UnknownIdError: The policy has no first response for that severity.
        """
        plan = self.plan_without_conditions(severity, channel, conditions)
        if plan.unanswered and severity is not None:
            raise UnknownIdError(
                f"severity with a `{Milestone.FIRST_RESPONSE}` in policy `{self.id}`",
                severity,
                known=self._severities,
            )
        return plan

    def plan_without_conditions(
        self, severity: str | None, channel: str, conditions: frozenset[str]
    ) -> OpeningTargets:
        """Return the clauses for such a case, even if there is no first response for it."""
        key = (severity, channel, conditions)
        plan = self._plans.get(key)
        if plan is None:
            plan = OpeningTargets(self.milestones, self._fitting(*key), self._started_by_opening())
            self._plans.put(key, plan)
        return plan

    def _fitting(
        self, severity: str | None, channel: str, conditions: frozenset[str]
    ) -> dict[str, CompiledTarget]:
        found: dict[str, CompiledTarget] = {}
        for clause in self._clauses:
            target = clause.target
            if target.milestone not in found and target.fits(severity, channel, conditions):
                found[target.milestone] = clause
        return found

    def _started_by_opening(self) -> frozenset[str]:
        return frozenset(name for name in self.milestones if self.starts_at_opening(name))

    def starts_at_opening(self, name: str) -> bool:
        """Return whether the clock of the milestone `name` starts with the opening."""
        options = self.options
        if self.starts_on[name] is not None:
            return False
        if name == Milestone.NEXT_RESPONSE:
            return options.next_response is NextResponseStart.FIRST_UNANSWERED_OR_OPENING
        if name == Milestone.UPDATE and options.update_start is UpdateStart.FIRST_RESPONSE:
            return False
        return options.start is ClockStart.OPENING


_DEFAULT_RECURRENCE: Final[dict[str, Recurrence]] = {
    Milestone.NEXT_RESPONSE.value: Recurrence.EACH,
    Milestone.UPDATE.value: Recurrence.PERIODIC,
}


def _recurrence(target: Target) -> Recurrence:
    return target.recurrence or _DEFAULT_RECURRENCE.get(target.milestone, Recurrence.ONCE)
