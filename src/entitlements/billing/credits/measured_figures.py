"""Measured figures: what was measured of a service in a period, and from which a credit follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import final

import attrs

from entitlements.contracts.dates.day_boundaries import check_day
from entitlements.kernel.converters import frozen_map, tuple_of
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.kernel.money.money import Exact, exact_number


def _civil_day(value: date) -> date:
    check_day(value, "the first day of a measured period")
    return value


def _exact(value: Exact) -> Fraction:
    return exact_number(value, "figure")


@final
@attrs.frozen(kw_only=True)
class MeasuredFigure:
    """A figure that was measured elsewhere: percent of availability, or minutes of downtime.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        schedule: Id of the credit schedule.
        start: First day of the period, as the schedule counts it, in the zone of the contract.
        figure: The exact figure.

    >>> MeasuredFigure(contract="C-1", line="main", schedule="uptime", start=date(2026, 3, 1),
    ...     figure=Fraction(999, 10)).figure
    Fraction(999, 10)
    """

    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    schedule: str = attrs.field(converter=identifier)
    start: date = attrs.field(converter=_civil_day)
    figure: Fraction = attrs.field(converter=_exact)


def measured_figures(values: Iterable[MeasuredFigure]) -> tuple[MeasuredFigure, ...]:
    """Return figures as a tuple; used as a converter."""
    return tuple_of(MeasuredFigure, values)


def credit_claims(values: Mapping[str, datetime | str]) -> FrozenMap[str, datetime]:
    """Return when credits were claimed, by their ids; used as a converter."""
    return FrozenMap({identifier(id): utc(at) for id, at in frozen_map(values).items()})
