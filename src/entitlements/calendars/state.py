"""Why is it open, or closed?

An answer names the rule that decided and, where it has one, the rule's own name, so that a person
can be told "closed: holiday Boxing Day" instead of a bare no.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, final

import attrs

from entitlements.kernel.converters import (
    as_text,
    enum_member,
)
from entitlements.kernel.no_truth_value import NoTruthValue


class HoursRule(StrEnum):
    """What decided, the strongest first."""

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

    >>> HoursCause(Rule.HOLIDAY, "Boxing DateShape", "desk").text
    'holiday `Boxing DateShape` in `desk`'

    Attributes:
        rule: Which kind of rule.
        name: The rule's own name; empty if it has none.
        calendar: The name of the calendar it belongs to; may be empty.
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
    """A date, or part of one, on which the ordinary hours did not hold."""

    date: date
    because: HoursCause


@final
@attrs.frozen(kw_only=True)
class Open(NoTruthValue):
    """It is open.

    Attributes:
        since: When it opened; None if it always was.
        until: When it closes; None if it never does.
        because: The rules that opened it: one for a calendar, several for a composition.
    """

    since: datetime | None
    until: datetime | None
    because: tuple[HoursCause, ...]


@final
@attrs.frozen(kw_only=True)
class Closed(NoTruthValue):
    """It is closed; the fields mean what they mean for `Open`."""

    since: datetime | None
    until: datetime | None
    because: tuple[HoursCause, ...]


State: TypeAlias = Open | Closed
