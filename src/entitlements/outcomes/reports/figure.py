"""Figure of a report: what was counted, for which group, and the ids of what made it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import TypeAlias, final

import attrs

from entitlements.kernel.converters import as_text, as_tuple, enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import optional_identifier
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.outcomes.figures.shares import Interval, Share

FigureValue: TypeAlias = int | Share | timedelta | Fraction | Interval | None
"""A count, a share, a time, a score or its interval; None if it is not known."""


class ReportSection(TextEnum):
    """The parts of a report, in their order."""

    ATTAINMENT = "attainment"
    WAITING = "waiting"
    FLOW = "flow"
    BACKLOG = "backlog"
    PAUSES = "pauses"
    PAUSE_REASONS = "pause_reasons"
    PAUSE_AGENTS = "pause_agents"
    AFTER_RESOLUTION = "after_resolution"
    COMPLAINTS = "complaints"
    COMPLAINT_CAUSES = "complaint_causes"
    SATISFACTION = "satisfaction"
    AVAILABILITY = "availability"
    ERROR_BUDGETS = "error_budgets"
    NOTICES = "notices"
    WEEKDAYS = "weekdays"
    HOURS = "hours"


def _section(value: ReportSection | str) -> ReportSection:
    return enum_member(ReportSection, value)


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(as_text, as_tuple(values)))


@final
@attrs.frozen(kw_only=True)
class Figure:
    """One figure of a report, which can be opened to the ids of what made it.

    Attributes:
        section: The part of the report.
        name: What it is about: a milestone, a reason, an agent, a service; None if unknown.
        measure: What is counted, such as `missed` or `median`.
        group: The group of cases, such as a severity; None for cases that have none.
        is_total: Whether it is about all groups together.
        value: The figure; None if it is not known. A share of nothing is not known either.
        ids: The ids of the cases that made it; of outages, complaints and notices where these are
            counted. A case that counts twice is there twice, but once for promises.

    Raises:
        InvalidValueError: The value is of another kind, or a total has a group.
    """

    section: ReportSection = attrs.field(converter=_section)
    name: str | None = attrs.field(converter=optional_identifier)
    measure: str = attrs.field(converter=as_text)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    is_total: bool = True
    value: FigureValue
    ids: tuple[str, ...] = attrs.field(default=(), converter=_ids)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.value, bool) or not isinstance(
            self.value, int | Share | timedelta | Fraction | Interval | None
        ):
            raise InvalidValueError(f"`{self.value!r:.60}` is no figure", path="value")
        if instance_of(bool, self.is_total) and self.group is not None:
            raise InvalidValueError("a total has no group", path="group")

    @property
    def is_known(self) -> bool:
        """Whether there is a value: none of nothing."""
        return self.value is not None and self.value != Share(0, 0)
