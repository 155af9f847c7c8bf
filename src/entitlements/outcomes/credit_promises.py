"""Promises from records: which promises cases and outages show to be kept or missed.

What an operator measured elsewhere is stated as figures; what the library can see itself, in the
histories of cases and in outages, follows here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Final

from entitlements.billing.credits.credit_schedules import CreditBasis, CreditSchedule
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.facts import Facts
from entitlements.engine.statements.earned_credits import (
    MeasuredFigure,
    PromiseVerdict,
    credit_periods,
)
from entitlements.engine.statements.sold_lines import SoldLine, sold_lines
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.instants import EARLIEST, MICROSECOND, MINUTE, from_micros
from entitlements.outcomes.attainment import AttainmentBasis, Verdict, promises_of
from entitlements.outcomes.availability import measure_availability
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.reports.records import ReportRecords

_KEPT: Final = {Verdict.MET: True, Verdict.MISSED: False}


def case_verdicts(case: CaseRecord, until: date, zone: str) -> Iterator[PromiseVerdict]:
    """Yield the promises to a case that were kept or missed before a day.

    Args:
        case: The case with its history.
        until: What is decided on this day or later is left out.
        zone: The zone in which the day begins.

    Raises:
        EntitlementsError: Its clocks cannot be measured, for example over a calendar that ends.
    """
    end = from_micros(day_start(until, zone))
    for each in promises_of(case, EARLIEST, end, AttainmentBasis.DECIDED):
        if each.verdict in _KEPT and each.at is not None:
            yield PromiseVerdict(
                case=case.id, milestone=each.milestone, at=each.at, kept=_KEPT[each.verdict]
            )


def outage_figures(
    facts: Facts, customer: str, records: ReportRecords, until: date
) -> Iterator[MeasuredFigure]:
    """Yield the figures of the periods that were over before a day, from outages.

    They are those of the services that credit schedules name. A service without an outage was up
    all the time if the records name it, and is not known if they do not.

    Args:
        facts: The facts, with the customer's account.
        customer: The customer.
        records: The outages, the services and planned maintenance.
        until: Periods that end after this day are left out.

    Raises:
        UnknownIdError: The customer has no account.
    """
    account = instance_of(Facts, facts).accounts.get(customer)
    if account is None:
        raise UnknownIdError("account", customer, known=facts.accounts)
    known = {*records.services, *(each.service for each in records.outages)}
    for line in sold_lines(facts, line_histories(account, facts.catalog)):
        for schedule, period in credit_periods(line, date.min, until):
            if schedule.service not in known:
                continue
            days = period.first, period.after
            figure = _figure(line, schedule, records, days)
            if figure is not None:
                contract, name = line.key
                yield MeasuredFigure(
                    contract=contract,
                    line=name,
                    schedule=schedule.id,
                    start=period.first,
                    figure=figure,
                )


def _figure(
    line: SoldLine, schedule: CreditSchedule, records: ReportRecords, days: Iterable[date]
) -> Fraction | None:
    start, end = (from_micros(day_start(each, line.zone)) for each in days)
    found = measure_availability(
        [each for each in records.outages if each.service == schedule.service],
        start,
        end,
        maintenance=records.maintenance,
        rules=records.availability,
    )
    if schedule.basis is CreditBasis.DOWNTIME:
        return Fraction(found.down // MICROSECOND, MINUTE)
    return found.percent
