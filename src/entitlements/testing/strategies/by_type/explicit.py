"""Values that do not follow from the types of their fields: each with its own strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.aftersales.notice_periods import NoticePeriod
from entitlements.aftersales.notices import NoticeKind
from entitlements.billing.credits.credit_schedules import CreditBand, CreditSchedule
from entitlements.billing.work.rates import Rate, RateCard
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.week import Week
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.contracts.lines.line_status import line_histories as lines
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.kernel.money.money import Money
from entitlements.outcomes.cases import CaseRecord
from entitlements.outcomes.figures.shares import Share
from entitlements.outcomes.trends import Trend, TrendKind
from entitlements.routing.strategies.named import STRATEGIES
from entitlements.routing.strategies.strategy import SortKeyPart
from entitlements.service.commands.commands import AdoptCase
from entitlements.sla.case_history.events import Event
from entitlements.sla.case_history.history import History
from entitlements.sla.measurement import Measurement, measure
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.readings.reading import Reading
from entitlements.sla.targets import Target
from entitlements.testing.routing_bench.player import Operation
from entitlements.testing.routing_bench.worlds.events import Piece
from entitlements.testing.strategies import ledger, ports, routing, sla
from entitlements.testing.strategies.by_type import scalars, small_worlds

Drawn = Callable[[], st.SearchStrategy[Any]]

WEEKS: Final = (
    "Mo-Fr 09:00-17:00",
    "24/7",
    "Mo-Fr 09:00-12:30,13:00-17:30",
    "Mo-Fr 22:00-30:00",
    "Sa-Su 10:00-16:00",
    "Mo 00:30-03:30; We 08:00-12:00",
)


def weeks() -> st.SearchStrategy[str]:
    """Draw the text of a week: business hours, nights, weekends, around the clock."""
    return st.sampled_from(WEEKS)


def hours() -> st.SearchStrategy[BusinessHours]:
    """Draw the hours of one calendar, or of two together."""
    one = st.builds(Calendar, zone=scalars.zones(), week=weeks())
    return st.one_of(one, one, st.builds(lambda a, b: a | b, one, one))


def money() -> st.SearchStrategy[Money]:
    """Draw an amount in euros, now and then in another currency."""
    plain = scalars.decimals().map(lambda each: Money(each, "EUR"))
    others = st.sampled_from([Money(Decimal(1), "USD"), Money(Decimal(100), "JPY")])
    return st.one_of(plain, plain, others)


@st.composite
def work_logs(draw: st.DrawFn) -> WorkLog:
    """Draw the record of some minutes or hours of work on a case."""
    start = draw(scalars.instants())
    return WorkLog(
        id=draw(scalars.ids()),
        case=draw(scalars.ids()),
        agent=draw(scalars.ids()),
        start=start,
        end=start + timedelta(minutes=draw(st.integers(1, 600))),
        billable=draw(st.sampled_from([True, False])),
    )


@st.composite
def rate_cards(draw: st.DrawFn) -> RateCard:
    """Draw a card with a rate for all work, and perhaps another for work on site."""
    hourly = st.integers(1, 300)
    rates = [Rate(id="all", hourly=Money(draw(hourly), "EUR"))]
    if draw(st.booleans()):
        rates.append(Rate(id="site", hourly=Money(draw(hourly), "EUR"), kinds=["on_site"]))
    return RateCard(id=draw(scalars.ids()), currency="EUR", zone=draw(scalars.zones()), rates=rates)


@st.composite
def priority_matrices(draw: st.DrawFn) -> PriorityMatrix:
    """Draw a matrix of up to three impacts and three urgencies."""
    levels = ("high", "medium", "low")
    impacts, urgencies = (levels[: draw(st.integers(1, 3))] for _ in range(2))
    one = st.sampled_from(["P1", "P2", "P3"])
    return PriorityMatrix({each: {other: draw(one) for other in urgencies} for each in impacts})


@st.composite
def credit_schedules(draw: st.DrawFn) -> CreditSchedule:
    """Draw a schedule by availability: one band or two below a promise."""
    promise = draw(st.sampled_from([Decimal("99.9"), Decimal("99.5"), Decimal(99)]))
    bands = [CreditBand(credit=10, below=promise)]
    if draw(st.booleans()):
        first = CreditBand(credit=10, at_least=95, below=promise)
        bands = [first, CreditBand(credit=25, below=95)]
    return CreditSchedule(id=draw(scalars.ids()), basis="availability", bands=bands)


@st.composite
def adoptions(draw: st.DrawFn) -> AdoptCase:
    """Draw the command that takes over a case which was just opened, or was answered."""
    request = draw(small_worlds.requests())
    at = draw(scalars.instants())
    events = [Event.opened(at, severity=request.severity, channel=request.channel)]
    if draw(st.booleans()):
        events.append(Event.responded(at))
    id = draw(scalars.ids())
    return AdoptCase(id=id, request=request, events=events, contract="C-1", line="1")


@st.composite
def case_records(draw: st.DrawFn) -> CaseRecord:
    """Draw a case that was opened, and perhaps answered and resolved, under one target."""
    hours = st.integers(1, 72).map(lambda each: timedelta(hours=each))
    at = draw(scalars.instants())
    severity = draw(st.sampled_from([None, *small_worlds.SEVERITIES]))
    events = [Event.opened(at, severity=severity, channel="web")]
    for later in (Event.responded, Event.resolved)[: draw(st.integers(0, 2))]:
        at += draw(hours)
        events.append(later(at))
    target = Target(milestone="first_response", within=draw(hours))
    return CaseRecord(
        id=draw(scalars.ids()),
        customer="acme",
        severity=severity,
        channel="web",
        agent=draw(st.sampled_from([None, "ada"])),
        history=History(events),
        policy=SlaPolicy(id="gold", targets=[target]),
    )


@st.composite
def notice_clauses(draw: st.DrawFn) -> NoticeClause:
    """Draw a clause about a low balance, or about a date some months or days ahead."""
    kind = draw(st.sampled_from(NoticeKind))
    plans = draw(st.sampled_from([(), ("gold",)]))
    if kind is NoticeKind.LOW_BALANCE:
        return NoticeClause(kind=kind, plans=plans, unit="case", below=draw(st.integers(1, 100)))
    months = st.sampled_from([1, 3, 12]).map(lambda each: NoticePeriod(months=each))
    days = st.integers(1, 90).map(lambda each: NoticePeriod(days=each))
    return NoticeClause(kind=kind, plans=plans, period=draw(months | days))


@st.composite
def trends(draw: st.DrawFn) -> Trend:
    """Draw a figure of up to twelve weeks, as counts or as shares."""
    kind = draw(st.sampled_from(TrendKind))
    counts = draw(st.lists(st.integers(0, 100), min_size=1, max_size=12))
    points = [Share(min(each, 50), 50) for each in counts] if kind is TrendKind.SHARES else counts
    return Trend(
        name=draw(scalars.ids()),
        kind=kind,
        starts=[scalars.FIRST + timedelta(weeks=number) for number in range(len(points))],
        points=points,
        baseline=draw(st.integers(1, len(points))),
    )


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    """Draw the measurement of a case under a policy."""
    history = draw(sla.histories())
    return measure(draw(sla.policies()), history, draw(sla.instants()))


def line_histories() -> st.SearchStrategy[LineHistory]:
    """Draw the history of a line of the only customer."""
    whole = small_worlds.facts()
    of_line = whole.map(lambda each: lines(next(iter(each.accounts.values())), each.catalog))
    return of_line.flatmap(st.sampled_from)


def sort_keys() -> st.SearchStrategy[SortKeyPart]:
    """Draw a key of a strategy of the library."""
    return st.sampled_from([key for each in STRATEGIES.values() for key in each.keys])


def pieces() -> st.SearchStrategy[tuple[Piece, ...]]:
    """Draw pieces of work in the order of their arrival."""
    numbered = st.integers(0, 3).map(range)
    return numbered.map(lambda every: tuple(Piece(at=n, id=f"p{n}", handling=1) for n in every))


def latencies() -> st.SearchStrategy[dict[Operation, tuple[int, ...]]]:
    """Draw nanoseconds of calls."""
    times = st.lists(st.integers(1, 10**6), max_size=3).map(tuple)
    return st.fixed_dictionaries(dict.fromkeys(Operation, times))


def readings() -> st.SearchStrategy[Reading]:
    """Draw the reading of one milestone."""
    return measurements().flatmap(lambda each: st.sampled_from([*each]))


def _times() -> st.SearchStrategy[str]:
    return st.sampled_from(["09:00-17:00", "", "22:00-30:00", "00:00-24:00"])


FIELDS: Final[Mapping[tuple[str, str], Drawn]] = {
    ("", "zone"): scalars.zones,
    ("", "week"): weeks,
    ("", "currency"): lambda: st.sampled_from(["EUR", "USD"]),
    ("DatedHours", "stated"): _times,
    ("World", "events"): pieces,
    ("Played", "latencies"): latencies,
}
"""Fields by class and name; without a class, of every class."""

EXPLICIT: Final[Mapping[str, Drawn]] = {
    "BusinessHours": hours,
    "Week": lambda: weeks().map(Week),
    "Money": money,
    "CreditSchedule": credit_schedules,
    "PriorityMatrix": priority_matrices,
    "RateCard": rate_cards,
    "WorkLog": work_logs,
    "AdoptCase": adoptions,
    "CaseRecord": case_records,
    "NoticeClause": notice_clauses,
    "Trend": trends,
    "Case": ports.cases,
    "WorkItem": ports.work_items,
    "Facts": small_worlds.facts,
    "Plan": small_worlds.plans,
    "Account": small_worlds.accounts,
    "Catalog": lambda: small_worlds.facts().map(lambda each: each.catalog),
    "Request": small_worlds.requests,
    "Assessment": small_worlds.assessments,
    "Granted": small_worlds.granted,
    "Deferred": small_worlds.deferred,
    "Denied": small_worlds.denied,
    "Assigned": small_worlds.assigned,
    "Waiting": small_worlds.waiting,
    "Unroutable": small_worlds.unroutable,
    "Ledger": ledger.ledgers,
    "Agent": routing.agents,
    "Roster": routing.rosters,
    "Work": routing.works,
    "Workload": routing.workloads,
    "Requirement": routing.requirements,
    "RelaxationPlan": routing.plans,
    "RoutingPolicy": routing.routing_policies,
    "Strategy": routing.chains,
    "QueueOrder": routing.written_orders,
    "SlaPolicy": small_worlds.policies,
    "Event": sla.events,
    "History": sla.histories,
    "ClockOptions": sla.options,
    "Measurement": measurements,
    "Reading": readings,
    "LineHistory": line_histories,
    "SortKeyPart": sort_keys,
}
"""Strategies by the name of the class."""
