"""Questions for a search: what customers could ask under each contract line, and when.

Requests are made of everything that the facts name, the simplest first; instants are those at which
answers change: openings and closings, holidays, clock changes, the ends of terms, and some between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.contracts.account import Account
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import Contract, ContractLine, CoverageLevel
from entitlements.engine.facts import Facts
from entitlements.kernel.requests import Request

SOMEBODY: Final = "somebody"
"""The person who asks where a contract is for any contact."""

_WEEK: Final = timedelta(days=7)
_MINUTE: Final = timedelta(minutes=1)


@final
@attrs.frozen
class AskedLine:
    """One contract line, with what can be asked under it.

    Attributes:
        account: The account of the customer.
        contract: The contract.
        line: The line.
        plan: The plan of the line.
        contact: A person who may ask.
        product: A product that it covers; None if it covers none of the catalog.
    """

    account: Account
    contract: Contract
    line: ContractLine
    plan: Plan
    contact: str
    product: str | None

    def requests(self, *, groups: Iterable[str | None] = (None,)) -> Iterator[Request]:
        """Yield a request for each severity, channel and kind of the plan."""
        plan = self.plan
        if self.product is None:
            return
        severities: tuple[str | None, ...] = plan.severities or (None,)
        kinds: tuple[str | None, ...] = tuple(sorted(plan.kinds)) or (None,)
        channels = sorted(plan.channels)
        for severity, channel, kind, group in product(severities, channels, kinds, groups):
            yield Request(
                id="the request",
                customer=self.account.customer,
                contact=self.contact,
                contract=self.contract.id,
                product=self.product,
                severity=severity,
                channel=channel,
                kind=kind,
                group=group,
            )


def asked_lines(facts: Facts) -> Iterator[AskedLine]:
    """Yield every contract line of the facts."""
    for account in facts.accounts.values():
        for contract in account.contracts:
            contact = contract.contacts[0].contact if contract.contacts else SOMEBODY
            for line in contract.lines:
                plan = _plan_of(line, facts)
                if plan is not None:
                    covered = _product_of(line, account, facts)
                    yield AskedLine(account, contract, line, plan, contact, covered)


def _plan_of(line: ContractLine, facts: Facts) -> Plan | None:
    found = [each for each in facts.catalog.plans if each.id == line.plan]
    exact = [each for each in found if each.version == line.plan_version]
    return next(reversed(exact or found), None)


def _product_of(line: ContractLine, account: Account, facts: Facts) -> str | None:
    products = [each.id for each in facts.catalog.products]
    ids = line.coverage.ids
    match line.coverage.level:
        case CoverageLevel.PRODUCT:
            return next((each for each in products if each in ids), None)
        case CoverageLevel.ASSET:
            return next((each.product for each in account.assets if each.id in ids), None)
        case _:
            return next(iter(products), None)


def instants(facts: Facts, start: datetime, length: timedelta, limit: int) -> list[datetime]:
    """Return instants from `start` on at which answers may change, in order.

    Args:
        facts: The facts with their calendars.
        start: The first instant.
        length: The period from `start`.
        limit: At most so many: regular ones in the first week, then exceptions.
    """
    end = start + length
    found: set[datetime] = {start}
    for hours in facts.catalog.calendars.values():
        found.update(_edges(hours, start, start + _WEEK))
    for hours in facts.catalog.calendars.values():
        if isinstance(hours, Calendar):
            found.update(_exceptional(hours, start, end))
    for account in facts.accounts.values():
        for contract in account.contracts:
            zone = ZoneInfo(contract.zone)
            for day in (contract.start, contract.end):
                if day is not None:
                    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
                    found.add(noon.astimezone(UTC))
    inside = sorted(each for each in found if start <= each < end)
    if len(inside) <= limit:
        return inside
    return [inside[number * len(inside) // limit] for number in range(limit)]


def _edges(hours: BusinessHours, start: datetime, end: datetime) -> Iterator[datetime]:
    for period in islice(hours.periods(start, end), 20):
        yield from (period.start, period.end, period.end - _MINUTE)


def _exceptional(calendar: Calendar, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield noon of every holiday and of every day with other hours, and the evening before."""
    zone = ZoneInfo(calendar.zone)
    days = {holiday.date for each in calendar.holidays for holiday in each.holidays}
    days |= {each.date for each in calendar.dated}
    for day in sorted(days):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
        if start <= noon < end:
            yield noon
            yield noon - timedelta(hours=19)
