"""Coverage of promise files: what of the facts no case has asked for.

A cell of a plan, its target for one milestone and one severity, is covered by a case that states
when that milestone is due. A right is covered by an answer that it gives, a reason by a denial that
gives it, and an exception of a calendar by an answer whose due instants or opening are computed
over that day. Other terms of plans and contracts are in `clauses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, TypeAlias, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.access.decision import Deferred, Denied
from entitlements.access.reasons import Reason
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.contracts.plans import Plan
from entitlements.engine.assessment import Assessment
from entitlements.engine.facts import Facts
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.sla.policy import SlaPolicy
from entitlements.testing.promises.check import PromiseResult
from entitlements.testing.promises.clauses import all_clauses, exercised_clauses

Cell: TypeAlias = tuple[str, ...]

ALL_CASES: Final = "any"
"""The severity of a cell in a plan that has no severities."""


@final
@attrs.frozen
class CoverageCount(NoTruthValue):
    """What there is of one kind, and what of it no case has exercised.

    Attributes:
        kind: What is counted, such as `plan cells`.
        total: How many there are.
        missed: Those that no case has exercised, in order.
        files: The promise files whose cases are counted; they are about the same facts.
    """

    kind: str
    total: int
    missed: tuple[str, ...]
    files: tuple[str, ...] = ()

    @property
    def covered(self) -> int:
        """How many some case has exercised."""
        return self.total - len(self.missed)

    def __str__(self) -> str:
        return f"{self.kind}: {self.covered} of {self.total}"


def promise_coverage(facts: Facts, results: Iterable[PromiseResult]) -> tuple[CoverageCount, ...]:
    """Return what the cases exercise: cells, rights, clauses, calendar exceptions, reasons.

    Of the reasons, all that the library knows are counted; many cannot occur with some facts.

    Args:
        facts: The facts of the cases.
        results: Cases of one file or of several with the same facts.

    >>> from entitlements.testing.promises import check_promises, parse_promises
    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> counts = promise_coverage(file.facts, check_promises(file))
    >>> [str(each) for each in counts][:1]
    ['plan cells: 0 of 0']
    """
    found = tuple(results)
    files = tuple(dict.fromkeys(each.case.file for each in found))
    cells, rights, reasons, days = set[Cell](), set[Cell](), set[Cell](), set[Cell]()
    clauses = {clause for result in found for clause in exercised_clauses(facts, result)}
    for result in found:
        if result.answer is not None:
            cells.update(_cells_of(result, result.answer))
            rights.update(_rights_of(result.answer))
            reasons.update(_reasons_of(result.answer))
            days.update(_exceptions_of(facts, result.answer))
    counted: tuple[tuple[str, Iterable[Cell], set[Cell]], ...] = (
        ("plan cells", _all_cells(facts), cells),
        ("rights", _all_rights(facts), rights),
        ("clauses", all_clauses(facts), clauses),
        ("calendar exceptions", _all_exceptions(facts), days),
        ("reasons", ((each.value,) for each in Reason), reasons),
    )
    return tuple(_count(files, *each) for each in counted)


def _count(
    files: tuple[str, ...], kind: str, there: Iterable[Cell], exercised: set[Cell]
) -> CoverageCount:
    known = sorted(set(there))
    missed = tuple(" ".join(each) for each in known if each not in exercised)
    return CoverageCount(kind, len(known), missed, files)


def _all_cells(facts: Facts) -> Iterator[Cell]:
    for plan in facts.catalog.plans:
        policy = facts.policies[plan.policy]
        for severity in plan.severities or (ALL_CASES,):
            for milestone in policy.milestones:
                if _is_promised(policy, milestone, severity):
                    yield (_plan_name(plan.id, plan.version, facts), severity, milestone)


def _is_promised(policy: SlaPolicy, milestone: str, severity: str) -> bool:
    return any(
        each.milestone == milestone and (not each.severities or severity in each.severities)
        for each in policy.targets
    )


def _plan_name(id: str, version: str, facts: Facts) -> str:
    several = sum(each.id == id for each in facts.catalog.plans) > 1
    return f"{id} version {version}" if several else id


def _cells_of(result: PromiseResult, answer: Assessment) -> Iterator[Cell]:
    if isinstance(answer.decision, Denied):
        return
    promised = answer.decision.entitlement
    severity = answer.request.severity or ALL_CASES
    names = {promised.plan, f"{promised.plan} version {promised.plan_version}"}
    for event in result.case.events:
        severity = event.severity or severity
    for milestone in result.case.expected.due:
        yield from ((name, severity, milestone) for name in names)


def _all_rights(facts: Facts) -> Iterator[Cell]:
    for plan in facts.catalog.plans:
        for right in plan.rights:
            yield (_plan_name(plan.id, plan.version, facts), right.id)


def _rights_of(answer: Assessment) -> Iterator[Cell]:
    if isinstance(answer.decision, Denied):
        return
    promised = answer.decision.entitlement
    if promised.right is not None:
        yield (promised.plan, promised.right)
        yield (f"{promised.plan} version {promised.plan_version}", promised.right)


def _reasons_of(answer: Assessment) -> Iterator[Cell]:
    if isinstance(answer.decision, Denied):
        yield from ((each.value,) for each in answer.decision.reasons)


def _all_exceptions(facts: Facts) -> Iterator[Cell]:
    for name, hours in facts.catalog.calendars.items():
        if isinstance(hours, Calendar):
            yield from ((name, day.isoformat()) for day in _exceptions(hours))


def _exceptions(calendar: Calendar) -> Iterator[date]:
    """Yield the days on which a calendar differs from its week."""
    for each in calendar.holidays:
        yield from (holiday.date for holiday in each.holidays)
    yield from (each.date for each in calendar.dated)
    zone = ZoneInfo(calendar.zone)
    yield from (each.start.astimezone(zone).date() for each in calendar.closures)


def _exceptions_of(facts: Facts, answer: Assessment) -> Iterator[Cell]:
    """Yield the exceptions of the calendars of an answer between its instant and its last one."""
    if isinstance(answer.decision, Denied):
        return
    plan = _plan_of(answer, facts)
    last = _last_instant(answer)
    if plan is None or last is None:
        return
    for name in _calendar_names(answer, plan):
        for inner, calendar in _calendars(name, facts):
            zone = ZoneInfo(calendar.zone)
            first, end = answer.at.astimezone(zone).date(), last.astimezone(zone).date()
            days = (each for each in _exceptions(calendar) if first <= each <= end)
            yield from ((inner, day.isoformat()) for day in days)


def _plan_of(answer: Assessment, facts: Facts) -> Plan | None:
    if isinstance(answer.decision, Denied):
        return None
    promised = answer.decision.entitlement
    key = (promised.plan, promised.plan_version)
    return next((each for each in facts.catalog.plans if each.key == key), None)


def _last_instant(answer: Assessment) -> datetime | None:
    found = [each.due for each in answer.milestones if each.due is not None]
    if isinstance(answer.decision, Deferred):
        found.append(answer.decision.opens_at)
    return max(found, default=None)


def _calendar_names(answer: Assessment, plan: Plan) -> set[str]:
    if isinstance(answer.decision, Denied):
        return set()
    promised = answer.decision.entitlement
    bound = dict(promised.calendars)
    used = {each.calendar for each in answer.milestones if each.calendar is not None}
    used |= {each.hours for each in plan.rights if each.id == promised.right and each.hours}
    return {bound.get(name, name) for name in used}


def _calendars(name: str, facts: Facts) -> Iterator[tuple[str, Calendar]]:
    """Yield a calendar, or those that it is composed of, by their names."""
    hours = facts.catalog.calendars.get(name)
    names = {each: other for other, each in facts.catalog.calendars.items()}
    queue: list[BusinessHours] = [] if hours is None else [hours]
    while queue:
        each = queue.pop()
        if isinstance(each, Calendar):
            yield (name if each is hours else names.get(each, name)), each
        elif isinstance(each, CompositeCalendar):
            queue += each.parts
