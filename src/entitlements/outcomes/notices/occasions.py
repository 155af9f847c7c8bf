"""Occasions for notices: days in the facts that a customer has to know of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.aftersales.notices import NoticeKind
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import unit_of
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import day_end
from entitlements.contracts.lines.line_history import LineHistory, LineTerms
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants
from entitlements.contracts.products import LifeCycle, Product
from entitlements.kernel.instants import END_OF_TIME, MICROSECOND, from_micros, to_micros
from entitlements.outcomes.services.service_coverage import IN_FORCE, covers_product

_NO_END: Final = date(9997, 12, 31)
_PHASES: Final = {
    NoticeKind.LAUNCH: ("general_availability", "is sold and supported from {} on"),
    NoticeKind.END_OF_SALE: ("end_of_sale", "is sold until {}"),
    NoticeKind.END_OF_SUPPORT: ("end_of_support", "is supported until {}"),
    NoticeKind.END_OF_LIFE: ("end_of_life", "ends with {}"),
}


class Occasion(NamedTuple):
    """A day that a customer has to know of.

    Attributes:
        subject: The contract, product or unit.
        effective: The day.
        zone: The zone of the day.
        because: The fact, as a sentence.
    """

    subject: str
    effective: date
    zone: str
    because: str


class Customer(NamedTuple):
    """A customer's account, its lines, the catalog, and the instant of the question."""

    account: Account
    lines: tuple[LineHistory, ...]
    catalog: Catalog
    now: datetime

    def today(self, zone: str) -> date:
        """Return the day of the question in a zone."""
        return self.now.astimezone(ZoneInfo(zone)).date()


def occasions_of(who: Customer, clause: NoticeClause) -> Iterator[Occasion]:
    """Yield the days that a clause is about, also those that are over."""
    lines = [each for each in who.lines if not clause.plans or clause.plans & _plans(each)]
    match clause.kind:
        case NoticeKind.RENEWAL | NoticeKind.EXPIRY:
            for line in lines:
                yield from _ends(line, who, clause.kind)
        case NoticeKind.PLAN_CHANGE:
            for line in lines:
                yield from _plan_changes(line, who)
        case NoticeKind.LOW_BALANCE:
            yield from _low_balance(who, lines, clause)
        case _:
            yield from _phases(who, lines, clause.kind)


def _plans(line: LineHistory) -> frozenset[str]:
    return frozenset(each.id for each in line.plans)


def _day(at: int, zone: str) -> date:
    return from_micros(at).astimezone(ZoneInfo(zone)).date()


def _ends(line: LineHistory, who: Customer, kind: NoticeKind) -> Iterator[Occasion]:
    """Yield the end of the current term: a renewal if another one follows by itself."""
    now, contract = to_micros(who.now), line.contract
    if line.statuses.at(now) not in IN_FORCE:
        return
    over = line.ends(now)
    if kind is NoticeKind.EXPIRY:
        if over is not None and over < END_OF_TIME:
            last = _day(over - 1, contract.zone)
            yield Occasion(
                contract.id, last, contract.zone, f"contract `{contract.id}` ends with {last}"
            )
        return
    for start, end in line.terms:
        if start <= now < end < END_OF_TIME and end >= line.tacit_from and over != end:
            last = _day(end - 1, contract.zone)
            why = f"contract `{contract.id}` goes on after {last} unless notice is given"
            if contract.renewal is not None:
                why += f" by {contract.renewal.latest_notice(last)}"
            yield Occasion(contract.id, last, contract.zone, why)


def _plan_changes(line: LineHistory, who: Customer) -> Iterator[Occasion]:
    """Yield each later day on which the plan of a line, or its version, is another one."""
    now, contract = to_micros(who.now), line.contract
    steps = zip(line.line_terms.starts, line.line_terms.values, strict=True)
    for (_, before), (start, after) in pairwise(steps):
        if start > now and _version(before) != _version(after) and _holds(line, start):
            first = _day(start, contract.zone)
            why = f"line `{line.line}` of contract `{contract.id}` has plan {_version(after)}"
            yield Occasion(contract.id, first, contract.zone, f"{why} from {first} on")


def _version(terms: LineTerms) -> str:
    return f"`{terms.plan.id}` version `{terms.plan.version}`"


def _holds(line: LineHistory, at: int) -> bool:
    return line.statuses.at(at) in IN_FORCE


def _low_balance(
    who: Customer, lines: list[LineHistory], clause: NoticeClause
) -> Iterator[Occasion]:
    """Yield the last day of what is left, if that is little; more units make another day of it."""
    if not lines or clause.unit is None or clause.below is None:
        return
    unit, zone = unit_of(clause.unit), lines[0].contract.zone
    ledger = ledger_with_plan_grants(who.account.ledger, who.lines, who.now + MICROSECOND)
    grants = [
        each
        for each in ledger.grants
        if each.unit == unit
        and each.effective <= who.now
        and (each.expires is None or each.expires > who.now)
    ]
    left = ledger.available(unit, who.now) if grants else 0
    if grants and left < clause.below:
        ends = [each.expires for each in grants if each.expires is not None]
        last = _NO_END
        if len(ends) == len(grants):
            last = _day(to_micros(max(ends)) - 1, zone)
        yield Occasion(
            clause.unit, last, zone, f"{left} {clause.unit} are left, fewer than {clause.below}"
        )


def _phases(who: Customer, lines: list[LineHistory], kind: NoticeKind) -> Iterator[Occasion]:
    """Yield the day of a phase of each product that a line covers, and of its versions."""
    field, sentence = _PHASES[kind]
    for product in who.catalog.products:
        cycles = {product.id: product.life_cycle}
        for version in product.versions:
            ends = LifeCycle(end_of_support=version.end_of_support)
            cycles[f"{product.id} {version.id}"] = ends
        for subject, cycle in cycles.items():
            day: date | None = getattr(cycle, field)
            line = None if day is None else _covering(lines, who, product, day)
            if day is not None and line is not None:
                why = f"product `{subject}` {sentence.format(day)}"
                yield Occasion(subject, day, line.contract.zone, why)
    for service in who.catalog.services:
        day = getattr(service.life_cycle, field)
        for line in lines:
            zone = line.contract.zone
            has_it = any(each.service == service.id for each in line.plans)
            if day is not None and has_it and _in_force_by(line, who, day):
                why = f"service `{service.id}` {sentence.format(day)}"
                yield Occasion(service.id, day, zone, why)
                break


def _covering(
    lines: list[LineHistory], who: Customer, product: Product, day: date
) -> LineHistory | None:
    for line in lines:
        covers = any(
            covers_product(each.line.coverage, product, who.account)
            for each in line.line_terms.values
        )
        if covers and _in_force_by(line, who, day):
            return line
    return None


def _in_force_by(line: LineHistory, who: Customer, day: date) -> bool:
    """Return whether a line is in force at some instant from now to the end of a day."""
    now, end = to_micros(who.now), day_end(day, line.contract.zone)
    return any(
        start < end and now < stop and _holds(line, max(now, start)) for start, stop in line.terms
    )
