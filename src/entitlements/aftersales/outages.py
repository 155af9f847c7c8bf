"""Outages and planned maintenance of services, as dated facts."""

from __future__ import annotations

from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import instance_of, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.periods.spans import Span


@final
@attrs.frozen(kw_only=True)
class Outage:
    """Time in which a service was down, or in which it is not known whether it was.

    Attributes:
        id: Names the outage.
        service: The service.
        start: When it began.
        end: When it ended; None while it lasts.
        is_unknown: Whether it is not known if the service was down.
        cause: What caused it, such as `customer` or `force_majeure`, as the exclusions of credit
            schedules name it; None if it is not known.

    Raises:
        InvalidValueError: It does not end after its start.
    """

    id: str = attrs.field(converter=identifier)
    service: str = attrs.field(converter=identifier)
    start: datetime = attrs.field(converter=utc)
    end: datetime | None = attrs.field(default=None, converter=utc_or_none)
    is_unknown: bool = False
    cause: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        instance_of(bool, self.is_unknown)
        if self.end is not None and self.end <= self.start:
            raise InvalidValueError(
                f"outage `{self.id}` ends at `{text_of(self.end)}`, "
                f"not after `{text_of(self.start)}`",
                path="end",
            )


@final
@attrs.frozen(kw_only=True)
class MaintenanceWindow:
    """Time for which maintenance was planned.

    Attributes:
        id: Names the window.
        service: The service; None for all services.
        start: When it begins.
        end: When it ends.
        announced: When customers were informed of it; None if they were not. An exclusion may
            ask for an announcement some days before.

    >>> window = MaintenanceWindow(id="M-1", start="2026-03-02T01:00Z", end="2026-03-02T03:00Z")
    >>> window.span.length
    datetime.timedelta(seconds=7200)

    Raises:
        InvalidValueError: It does not end after its start.
    """

    id: str = attrs.field(converter=identifier)
    service: str | None = attrs.field(default=None, converter=optional_identifier)
    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    announced: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidValueError(
                f"maintenance `{self.id}` ends at `{text_of(self.end)}`, "
                f"not after `{text_of(self.start)}`",
                path="end",
            )

    @property
    def span(self) -> Span:
        """The time from start to end."""
        return Span(self.start, self.end)
