"""Outage figures: what outages and maintenance show of the promises about availability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from fractions import Fraction

from entitlements.aftersales.availability import measure_availability
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.billing.credits.credit_schedules import CreditBasis
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.engine.statements.earned_credits import credit_periods
from entitlements.engine.statements.sold_lines import ONE_DAY, SoldLine
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.ids import identifiers
from entitlements.kernel.instants import MICROSECOND, MINUTE, from_micros, to_micros


def outage_figures(
    lines: Iterable[SoldLine],
    outages: Iterable[Outage],
    by: datetime,
    *,
    maintenance: Iterable[MaintenanceWindow] = (),
    services: Iterable[str] = (),
) -> Iterator[MeasuredFigure]:
    """Yield the figures of the periods that were over at an instant, from outages.

    They are those of the services that credit schedules name, each counted by the exclusions of
    its schedule. A service without an outage was up
    all the time if it is one of `services`, and otherwise nothing is known of it. So it is where
    all of a period was excluded.

    Args:
        lines: The contract lines of a customer.
        outages: The outages of all services.
        by: Periods that end later are left out.
        maintenance: Planned maintenance of all services.
        services: Services that are watched, also without an outage.
    """
    down, planned = tuple_of(Outage, outages), tuple_of(MaintenanceWindow, maintenance)
    known = {*identifiers(services), *(each.service for each in down)}
    for line in tuple_of(SoldLine, lines):
        for schedule, period in credit_periods(line, date.min, by.date() + 2 * ONE_DAY):
            end = day_start(period.after, line.zone)
            if schedule.service not in known or end > to_micros(by):
                continue
            found = measure_availability(
                down,
                from_micros(day_start(period.first, line.zone)),
                from_micros(end),
                maintenance=planned,
                rules=schedule.exclusions,
                service=schedule.service,
            )
            figure = found.percent
            if schedule.basis is CreditBasis.DOWNTIME:
                figure = Fraction(found.down // MICROSECOND, MINUTE)
            if figure is not None:
                contract, name = line.key
                yield MeasuredFigure(
                    contract=contract,
                    line=name,
                    schedule=schedule.id,
                    start=period.first,
                    figure=figure,
                )
