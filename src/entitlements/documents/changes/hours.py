"""Comparison of hours: whether one calendar is open whenever another is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.contracts.plans import Plan
from entitlements.documents.changes.change import FactsChange, effect_of
from entitlements.documents.tables.plan_table import hours_text
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import InvalidValueError, LimitExceededError, NotCoveredError
from entitlements.kernel.instants import utc
from entitlements.kernel.periods.durations import format_duration

COMPARED: Final = timedelta(days=731)
"""Two years, so that every weekday, season and yearly holiday occurs."""


@final
@attrs.frozen
class HoursComparison:
    """Hours that plans name, for comparisons over two years from `at`."""

    old: Facts
    new: Facts
    at: datetime = attrs.field(converter=utc)

    def before(self, plan: Plan, name: str | None) -> BusinessHours | None:
        """Return the hours of a name in the old plan; None if each contract line binds them."""
        return _hours(self.old, plan, name)

    def after(self, plan: Plan, name: str | None) -> BusinessHours | None:
        """Return the hours of a name in the new plan; None if each contract line binds them."""
        return _hours(self.new, plan, name)

    def covers(self, wide: BusinessHours | None, narrow: BusinessHours | None) -> bool:
        """Return whether `wide` is open whenever `narrow` is; False if that cannot be known."""
        if wide == Calendar.always() or narrow == Calendar.never():
            return True  # whatever a contract line binds
        if wide is None or narrow is None:
            return False
        lost = self.difference(narrow, wide)
        return lost is not None and not lost

    def difference(self, one: BusinessHours, other: BusinessHours) -> timedelta | None:
        """Return how long `one` is open and `other` is not; None where holidays are unknown."""
        if one == other or other == Calendar.always():
            return timedelta()
        try:
            return (one - other).between(self.at, self.at + COMPARED)
        except (NotCoveredError, LimitExceededError, InvalidValueError):
            return None

    def changes(self) -> Iterator[FactsChange]:
        """Yield the calendars of both documents that are open at other times."""
        for name, before in self.old.catalog.calendars.items():
            after = self.new.catalog.calendars.get(name)
            if after is None or after == before:
                continue
            lost, won = self.difference(before, after), self.difference(after, before)
            yield FactsChange(
                effect_of(no_worse=lost == timedelta(), no_better=won == timedelta()),
                f"calendar {name}",
                hours_text(before),
                hours_text(after) + _amounts(lost, won),
            )


def _hours(facts: Facts, plan: Plan, name: str | None) -> BusinessHours | None:
    if name is None:
        return Calendar.always()
    if name in plan.line_calendars:
        return None
    policy = facts.policies[plan.policy]
    return facts.catalog.calendars.get(name) or policy.calendars.get(name)


def _amounts(lost: timedelta | None, won: timedelta | None) -> str:
    if lost is None or won is None:
        return ""
    parts = [
        f"{format_duration(amount)} {word}"
        for amount, word in ((lost, "less"), (won, "more"))
        if amount
    ]
    return f" ({', '.join(parts)} in two years)" if parts else " (open at the same times)"
