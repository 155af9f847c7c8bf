"""Open and Closed, with the rule that decided.

The answer names the rule that decided, such as `holiday`, and the name of the holiday, closure or
dated hours.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias, final

import attrs

from entitlements.kernel.converters import (
    as_text,
    enum_member,
)
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.mixins.text_enum import TextEnum


class HoursRule(TextEnum):
    """The rule that decided, in order of precedence."""

    CLOSURE = "closure"
    DATED = "dated"
    HOLIDAY = "holiday"
    WEEK = "week"


def _rule(value: HoursRule | str) -> HoursRule:
    return enum_member(HoursRule, value)


@final
@attrs.frozen
class HoursCause:
    """The rule that decided, in which calendar.

    >>> HoursCause("holiday", "Boxing Day", "desk").text
    'holiday `Boxing Day` in `desk`'

    Attributes:
        rule: The kind of rule.
        name: The name of the holiday, closure or dated hours; may be empty.
        calendar: The name of the calendar that has the rule; may be empty.
    """

    rule: HoursRule = attrs.field(converter=_rule)
    name: str = attrs.field(default="", converter=as_text)
    calendar: str = attrs.field(default="", converter=as_text)

    @property
    def text(self) -> str:
        """The cause in a few words."""
        words = [{"week": "weekly hours", "dated": "dated hours"}.get(self.rule, str(self.rule))]
        words += [f"`{self.name}`"] if self.name else []
        words += [f"in `{self.calendar}`"] if self.calendar else []
        return " ".join(words)


@final
@attrs.frozen
class SkippedDay:
    """A date, or part of one, whose hours were not those of the week.

    Attributes:
        date: The date in the zone of the calendar.
        because: The rule that replaced the hours of the week.
    """

    date: date
    because: HoursCause


@final
@attrs.frozen(kw_only=True)
class Open(NoTruthValue):
    """Open at the instant in question; `BusinessHours.state` returns it.

    Attributes:
        since: When it opened; None if it always was.
        until: When it closes; None if it never does.
        because: The rules that opened it: one for a calendar, several if combined.
    """

    since: datetime | None
    until: datetime | None
    because: tuple[HoursCause, ...]


@final
@attrs.frozen(kw_only=True)
class Closed(NoTruthValue):
    """Closed at the instant in question.

    Attributes:
        since: When it closed; None if it was never open before.
        until: When it opens; None if it never does.
        because: The rules that closed it: one for a calendar, several if combined.
    """

    since: datetime | None
    until: datetime | None
    because: tuple[HoursCause, ...]


State: TypeAlias = Open | Closed
