"""Contract lines by the guide: the version of a line at an instant, its plan, and its status."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment, Cancellation, Transfer
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.kernel.instants import EARLIEST
from entitlements.testing.oracles.by_the_guide.records import (
    MOMENT,
    NEVER,
    amendments,
    changes_of,
    day_end,
    day_start,
    known,
)
from entitlements.testing.oracles.by_the_guide.sold import lead_time_over, with_numbers
from entitlements.testing.oracles.by_the_guide.terms import terms

Span: TypeAlias = tuple[datetime, datetime]
IN_FORCE: Final = ("active", "grace")


class Raise(NamedTuple):
    """The amendment that added a unit to a line: its day, its text of the line, the day of sale."""

    day: date
    line: ContractLine
    sold: date


class LineText(NamedTuple):
    """The version of a line from `start` up to `end`, and the day on which it got its plan.

    `units` has the raise that added each unit; None for those that the line has had from the first.
    """

    start: datetime
    end: datetime
    line: ContractLine
    sold: date
    units: tuple[Raise | None, ...]


def line_ids(account: Account, contract: Contract) -> list[str]:
    """Return the ids of all lines that a contract ever had."""
    ids = {line.id for line in contract.lines}
    for amendment in changes_of(account, contract, Amendment):
        ids |= {line.id for line in amendment.lines}
    return sorted(ids)


def texts(account: Account, contract: Contract, id: str) -> list[LineText]:
    """Return the versions of a line in order; there may be gaps between them.

    A line is sold on the day on which it gets its plan; a version with the same plan is no sale.
    """
    signed = [line for line in contract.lines if line.id == id]
    found = [
        LineText(EARLIEST, NEVER, line, contract.start, (None,) * line.quantity) for line in signed
    ]
    for amendment in amendments(account, contract):
        at = day_start(amendment.effective, contract.zone)
        lines = [line for line in amendment.lines if line.id == id]
        before = found[-1] if found and found[-1].end == NEVER else None
        if before is not None and (lines or id in amendment.removed):
            found[-1] = before._replace(end=at)
        for line in lines:
            sold = amendment.effective
            if before is not None and before.line.plan == line.plan:
                sold = before.sold
            units = _units(found, at, Raise(amendment.effective, line, sold))
            found.append(LineText(at, NEVER, line, sold, units))
    return [text for text in found if text.start < text.end]


def _units(earlier: list[LineText], at: datetime, now: Raise) -> tuple[Raise | None, ...]:
    """Return who added each unit of a text that begins at `at`; texts of no length count not."""
    held: tuple[Raise | None, ...] = ()
    added: Raise | None = None
    for text in earlier:
        if text.start < text.end == at:
            held, added = text.units, now
    return (*held, *[added] * now.line.quantity)[: now.line.quantity]


def plan_of(catalog: Catalog, text: LineText, zone: str, at: datetime) -> Plan:
    """Return the plan of a line: the version sold, or a later one that replaces it by `at`."""
    versions = sorted(catalog.plan_versions(text.line.plan), key=_age)
    found = sold = _sold(catalog, text.line, text.sold)
    for plan in versions:
        since = plan.existing_from
        if since is not None and day_start(since, zone) <= at and _age(plan) > _age(sold):
            found = plan
    counted = sum(
        raised is None
        or lead_time_over(
            catalog, _sold(catalog, raised.line, raised.sold), raised.line, raised.day, zone
        )
        <= at
        for raised in text.units
    )
    return with_numbers(found, counted)


def _sold(catalog: Catalog, line: ContractLine, sold: date) -> Plan:
    """Return the version of its plan that a line was sold."""
    day = line.sold or max(sold, line.start or sold)
    found = None
    for plan in sorted(catalog.plan_versions(line.plan), key=_age):
        if line.plan_version is None:
            if plan.effective is None or plan.effective <= day:
                found = plan
        elif plan.version == line.plan_version:
            found = plan
    if found is None:
        raise AssertionError(line)
    return found


def _age(plan: Plan) -> tuple[date, str]:
    return plan.effective or date.min, plan.version


def spans_of_text(
    catalog: Catalog, account: Account, contract: Contract, line: str, text: LineText
) -> list[Span]:
    """Return the terms of a line by the dates in one of its versions, from its first day on."""
    zone, dates = contract.zone, text.line
    first = texts(account, contract, line)[0].start
    if first > EARLIEST:
        sold = plan_of(catalog, text, zone, EARLIEST)
        day = first.astimezone(ZoneInfo(zone)).date()
        first = lead_time_over(catalog, sold, dates, day, zone)
    if dates.start is not None:
        first = max(first, day_start(dates.start, zone))
    last = NEVER if dates.end is None else day_end(dates.end, zone)
    cut = [(max(t.start, first), min(t.end, last)) for t in terms(account, contract)]
    return [(start, end) for start, end in cut if start < end]


def line_terms(catalog: Catalog, account: Account, contract: Contract, line: str) -> list[Span]:
    """Return the terms of a line by any of its versions: the longest of each counts."""
    found: list[Span] = []
    versions = texts(account, contract, line)
    spans = {
        span for text in versions for span in spans_of_text(catalog, account, contract, line, text)
    }
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def holder(account: Account, contract: Contract, at: datetime) -> str:
    """Return the customer who holds a contract at an instant."""
    who = contract.customer
    for transfer in sorted(changes_of(account, contract, Transfer), key=lambda each: each.at):
        if transfer.at <= at:
            who = transfer.to
    return who


def holders_before(account: Account, contract: Contract, at: datetime) -> set[str]:
    """Return all customers who held a contract by an instant."""
    moves = [each for each in changes_of(account, contract, Transfer) if each.at <= at]
    return {contract.customer, *(each.to for each in moves)}


def superseded_from(account: Account, contract: Contract) -> list[datetime]:
    """Return the first instants of the contracts that replace a contract."""
    others = [each for each in known(account.contracts) if each.replaces == contract.id]
    return [day_start(each.start, each.zone) for each in others]


def cancelled_from(account: Account, contract: Contract) -> list[datetime]:
    """Return the instants from which a contract is cancelled."""
    found = []
    for change in changes_of(account, contract, Cancellation):
        gone = change.effective
        instant = gone if isinstance(gone, datetime) else day_end(gone, contract.zone)
        found.append(instant)
    return found


def grace_end(
    catalog: Catalog, account: Account, contract: Contract, text: LineText, end: datetime
) -> datetime:
    """Return the end of the grace after a term that the line and the customer had until its end.

    It is the grace of the plan in that version, from the dates in it.
    """
    zone, last = contract.zone, end - MOMENT
    versions = texts(account, contract, text.line.id)
    was_there = any(each.start <= last < each.end for each in versions)
    if not was_there or holder(account, contract, last) != account.customer:
        return end
    grace = plan_of(catalog, text, zone, last).grace
    if grace is None:
        return end
    last_day = last.astimezone(ZoneInfo(zone)).date()
    return day_end(last_day + timedelta(days=grace.days), zone)


def text_near(found: list[LineText], at: datetime) -> LineText:
    """Return the version that holds at an instant, or the last before it, or the first after it."""
    return [found[0], *(text for text in found if text.start <= at)][-1]


def status(  # noqa: PLR0911 - one line for each status
    catalog: Catalog, account: Account, contract: Contract, line: str, at: datetime
) -> str:
    """Return the status of a line: the first that applies, in the order of the guide."""
    versions = texts(account, contract, line)
    mine = holder(account, contract, at) == account.customer
    if any(since <= at for since in superseded_from(account, contract)):
        return "superseded"
    if not mine and account.customer in holders_before(account, contract, at):
        return "superseded"
    if versions[0].start <= at and not any(text.start <= at < text.end for text in versions):
        return "superseded"
    if any(since <= at for since in cancelled_from(account, contract)):
        return "cancelled"
    text = text_near(versions, at)
    spans = spans_of_text(catalog, account, contract, line, text)
    if not mine or at < versions[0].start:
        return "pending"
    # A line whose dates exclude every term is expired at all times.
    if spans and at < spans[0][0]:
        return "pending"
    if any(start <= at < end for start, end in spans):
        return "active"
    ended = max((end for _, end in spans if end <= at), default=EARLIEST)
    if ended > EARLIEST and at < grace_end(catalog, account, contract, text, ended):
        return "grace"
    return "expired"


def edges(catalog: Catalog, account: Account, contract: Contract, line: str) -> list[datetime]:
    """Return the instants at which the status of a line may change."""
    found = {*superseded_from(account, contract), *cancelled_from(account, contract)}
    found |= {each.at for each in changes_of(account, contract, Transfer)}
    for text in texts(account, contract, line):
        found |= {text.start, text.end}
        for start, end in spans_of_text(catalog, account, contract, line, text):
            found |= {start, end}
            if end != NEVER:
                found.add(grace_end(catalog, account, contract, text, end))
    return sorted(each for each in found if each != NEVER)


def out_of_force(
    catalog: Catalog, account: Account, contract: Contract, line: str, at: datetime
) -> datetime:
    """Return the first instant after `at` from which the line is out of force; or never."""
    over = ("superseded", "cancelled", "expired")
    if status(catalog, account, contract, line, at) in over:
        return NEVER
    for edge in edges(catalog, account, contract, line):
        if edge > at and status(catalog, account, contract, line, edge) in over:
            return edge
    return NEVER
