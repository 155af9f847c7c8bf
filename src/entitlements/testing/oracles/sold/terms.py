"""Oracle of the terms of a line: numbers by quantity, and lead times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact

DAWN: Final = datetime(1, 1, 2, tzinfo=UTC)
DUSK: Final = datetime(9999, 12, 30, tzinfo=UTC)
_FAR: Final = date(2029, 1, 1)
_TINY: Final = timedelta(microseconds=1)


def bought(plan: Plan, quantity: int) -> Plan:
    """Return the plan with the numbers that a line of this quantity has."""
    contacts, cases = plan.contact_limit, plan.concurrency
    amounts = {each.id: each.amount for each in plan.allowances}
    for step in sorted(plan.quantity_steps, key=lambda each: each.quantity):
        if quantity < step.quantity:
            continue
        times = 1 if step.per is None else quantity // step.per
        contacts = contacts if step.contact_limit is None else step.contact_limit * times
        cases = cases if step.concurrency is None else step.concurrency * times
        for id, amount in step.amounts.items():
            amounts[id] = amount * times
    units = [attrs.evolve(each, amount=amounts[each.id]) for each in plan.allowances]
    return attrs.evolve(plan, contact_limit=contacts, concurrency=cases, allowances=units)


def counting(
    contract: Contract,
    amendments: Sequence[Amendment],
    line: ContractLine,
    over: Callable[[ContractLine, date], datetime],
    at: datetime,
) -> int:
    """Return how many units of a text of a line count at an instant.

    Args:
        contract: The contract.
        amendments: Its amendments, in order.
        line: The text, of the contract or of an amendment.
        over: When the lead time of a change on a day is over, by the text of that day.
        at: The instant.
    """
    own = next((each for each in contract.lines if each.id == line.id), None)
    texts: list[tuple[date | None, ContractLine | None]] = [(None, own)]
    for change in amendments:
        said = next((each for each in change.lines if each.id == line.id), None)
        if texts[-1][1] is not line and (said is not None or line.id in change.removed):
            texts.append((change.effective, said))
    later = [*texts[1:], (None, None)]
    whole = [
        one for one, other in zip(texts, later, strict=True) if not one[0] or one[0] != other[0]
    ]
    count = 0
    for unit in range(1, 1 + line.quantity):
        waits, before = DAWN, None
        for day, text in whole:
            if text is not None and text.quantity >= unit:
                if before is not None and before.quantity < unit and day is not None:
                    waits = over(text, day)
                elif before is None:
                    waits = DAWN
            before = text
        count += waits <= at
    return count


class Sold(NamedTuple):
    """A line under a plan, with what its names of calendars mean."""

    catalog: Catalog
    plan: Plan
    line: ContractLine
    zone: str

    @property
    def hours(self) -> BusinessHours | None:
        """The calendar of the lead time of the plan."""
        lead = self.plan.lead_time
        if lead is None or lead.calendar is None:
            return None
        name = self.line.calendars.get(lead.calendar, lead.calendar)
        return self.catalog.calendars.get(name)


def contacts_from(
    sold: Sold, lists: Mapping[datetime, Sequence[NamedContact]]
) -> dict[str, datetime]:
    """Return from when each person on the last list counts, after the lead time of the plan.

    Args:
        sold: The line.
        lists: The lists of contacts by their first instants; `DAWN` for the contract's own.
    """
    found: dict[str, datetime] = {}
    for start in sorted(lists):
        over = DAWN
        if start > DAWN:
            over = counts_from(sold, start.astimezone(ZoneInfo(sold.zone)).date())
        found = {each.contact: found.get(each.contact, over) for each in lists[start]}
    return found


def counts_from(sold: Sold, day: date) -> datetime:
    """Return when a change of this day counts, under the lead time of the plan."""
    lead, hours = sold.plan.lead_time, sold.hours
    begin = datetime.combine(day, time(), ZoneInfo(sold.zone)).astimezone(UTC)
    if lead is None:
        return begin
    if lead.time is not None:
        return begin + lead.time
    if hours is None:
        return DUSK
    left, openings = lead.business_days or 0, list[datetime]()
    while left:
        day += timedelta(days=1)
        start, end = (
            datetime.combine(day + more, time(), ZoneInfo(hours.zone)).astimezone(UTC)
            for more in (timedelta(), timedelta(days=1))
        )
        openings = [each.start for each in hours.periods(start - _TINY, end) if each.start >= start]
        left -= bool(openings)
    return openings[0]


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a month too short for it."""
    count = day.year * 12 + day.month - 1 + months
    for number in range(day.day, 0, -1):
        try:
            return date(count // 12, count % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError(day)


def midnight(day: date, zone: str) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def after(day: date, zone: str) -> datetime:
    """Return the first instant after a day."""
    return midnight(day + timedelta(days=1), zone)


@final
@attrs.frozen
class Signed:
    """A term of a contract: its last day as signed, and its end with what blocks added."""

    start: datetime
    last: date | None
    signed: datetime
    end: datetime
    counted: tuple[date, int] | None = None


def gone_on(
    contract: Contract,
    given: list[date],
    terms: list[Signed],
    renew: Callable[[Signed], Signed],
) -> list[Signed]:
    """Return the terms with those that begin because no notice was in time.

    Args:
        contract: The contract.
        given: The days of notices.
        terms: The terms that were signed.
        renew: Gives the tacit term after a term.
    """
    renewal, before, zone = contract.renewal, terms[-1], contract.zone
    if renewal is None or before.signed < before.end == DUSK:
        return terms
    ends = [notice_end(renewal, day) for day in given]
    if renewal.months is None:
        until = min((after(day, zone) for day in ends), default=DUSK)
        if before.end == DUSK:
            until = max(until, before.start + timedelta(days=1))
            return [*terms[:-1], attrs.evolve(before, end=until)]
        return terms if until <= before.end else [*terms, Signed(before.end, None, until, until)]
    while terms[-1].end < DUSK:
        last = (terms[-1].end - _TINY).astimezone(ZoneInfo(zone)).date()
        if any(day <= last for day in ends):
            break
        far = last > _FAR
        terms.append(Signed(terms[-1].end, None, DUSK, DUSK) if far else renew(terms[-1]))
    return terms


def notice_end(renewal: RenewalTerms, given: date) -> date:
    """Return the day with which the period of a notice ends."""
    if renewal.notice_months is not None:
        return months_after(given, renewal.notice_months)
    return given + timedelta(days=renewal.notice_days or 0)
