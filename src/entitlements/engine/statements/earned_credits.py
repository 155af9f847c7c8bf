"""Earned credits: the figures of promises by period, and the service credits that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Final, final

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.credits.claims import ServiceCredit
from entitlements.billing.credits.credit_schedules import CreditBasis, CreditSchedule
from entitlements.billing.credits.measured_figures import (
    MeasuredFigure,
    credit_claims,
    measured_figures,
)
from entitlements.billing.fees.billing_periods import BillingPeriod, BillingSchedule
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.work.terms import ChargedCase
from entitlements.contracts.allowances.allowance import Cycle
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.engine.statements.sold_lines import ONE_DAY, SoldLine, SoldTime
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.data.schema import located
from entitlements.kernel.errors import (
    ConflictError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.money.money import Money
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.readings.reading import Reading

_HUNDRED: Final = 100
_FEES: Final = frozenset({LineReason.PERIOD, LineReason.PART_OF_PERIOD})
"""Credits are a share of what is paid every period, and of no block that is sold on its own."""

_ANCHOR: Final = date(2001, 1, 1)
"""A Monday that is also the first day of a year."""


@final
@attrs.frozen(kw_only=True)
class PromiseVerdict(NoTruthValue):
    """Whether one promise to one case was kept.

    Attributes:
        case: The case.
        milestone: The milestone.
        at: When that was decided: when it was reached, or when it was missed.
        kept: Whether it was kept.

    >>> PromiseVerdict(case="R-1", milestone="resolution", at="2026-03-02T09:00Z", kept=False).kept
    False
    """

    case: str = attrs.field(converter=identifier)
    milestone: str = attrs.field(converter=identifier)
    at: datetime = attrs.field(converter=utc)
    kept: bool

    def __attrs_post_init__(self) -> None:
        instance_of(bool, self.kept)


def promise_verdicts(case: str, readings: Iterable[Reading]) -> Iterator[PromiseVerdict]:
    """Yield the promises to a case that were kept or missed, from the readings of its clocks.

    A promise is missed at its due instant, whether the case is open or closed then.

    >>> from datetime import timedelta
    >>> from entitlements.sla import Event, History, SlaPolicy, Target, measure
    >>> target = Target(milestone="resolution", within=timedelta(hours=4))
    >>> policy = SlaPolicy(id="p", targets=[target])
    >>> opened = Event.opened("2026-03-02T09:00Z")
    >>> measured = measure(policy, History([opened]), utc("2026-03-02T14:00Z"))
    >>> [(f"{each.at:%H:%M}", each.kept) for each in promise_verdicts("R-1", measured)]
    [('13:00', False)]
    """
    for each in tuple_of(Reading, readings):
        if each.state is MilestoneState.MET and each.completed_at is not None:
            at, kept = each.completed_at, True
        elif each.state is MilestoneState.MISSED and each.missed_at is not None:
            at, kept = each.missed_at, False
        else:
            continue
        yield PromiseVerdict(case=case, milestone=each.name, at=at, kept=kept)


def _verdicts(values: Iterable[PromiseVerdict]) -> tuple[PromiseVerdict, ...]:
    return tuple_of(PromiseVerdict, values)


@final
@attrs.frozen(kw_only=True)
class Promises:
    """What is known about promises to a customer.

    Attributes:
        verdicts: The promises to cases that were kept or missed.
        figures: What was measured of services.
        claims: When credits were claimed, by their ids.
    """

    verdicts: tuple[PromiseVerdict, ...] = attrs.field(default=(), converter=_verdicts)
    figures: tuple[MeasuredFigure, ...] = attrs.field(default=(), converter=measured_figures)
    claims: FrozenMap[str, datetime] = attrs.field(factory=FrozenMap, converter=credit_claims)


def all_promises(stated: Promises, billing: BillingAccount, until: datetime | None) -> Promises:
    """Return promises together with the figures and claims of a billing account.

    Args:
        stated: What is known beside the billing account.
        billing: The billing account.
        until: Claims after this instant are left out; None for all.

    Raises:
        ConflictError: A credit was claimed at two instants.
    """
    claims = {id: at for id, at in billing.claims.items() if until is None or at <= until}
    for id, at in stated.claims.items():
        if claims.setdefault(id, at) != at:
            raise ConflictError(
                f"credit `{id}` was claimed twice", field="claims", hint="keep the first claim"
            )
    figures = dict.fromkeys([*stated.figures, *billing.figures])
    return attrs.evolve(stated, figures=[*figures], claims=claims)


def earned_credits(
    line: SoldLine,
    promises: Promises,
    cases: Mapping[str, ChargedCase],
    charged: Sequence[ChargeLine],
    since: date,
    until: date,
) -> Iterator[ServiceCredit]:
    """Yield the credits of the periods of a line that were over from `since` up to `until`.

    Args:
        line: The contract line.
        promises: What was kept and missed.
        cases: The cases by id.
        charged: The charge lines of the customer; the fees of the line and period count.
        since: A period that was over before this day is left out.
        until: So is one that is over after this day.
    """
    for schedule, period in credit_periods(line, since, until):
        start, end = (day_start(each, line.zone) for each in (period.first, period.after))
        if not _is_agreed_within(line, schedule, start, end):
            continue
        figure = _figure(line, schedule, promises, cases, (start, end), period.first)
        if figure is None or not schedule.credit_for(figure):
            continue
        fees = _fees(line, charged, start, end)
        if fees is None:
            continue
        credit = ServiceCredit(
            id=_credit_id(line, schedule, period),
            contract=line.key[0],
            line=line.key[1],
            zone=line.zone,
            start=from_micros(start),
            end=from_micros(end),
            missed=from_micros(end - 1),  # the month of the period, and not the next one
            figure=figure,
            fees=fees,
            schedule=schedule,
        )
        at = promises.claims.get(credit.id)
        yield credit if at is None else _claimed(credit, at)


def _credit_id(line: SoldLine, schedule: CreditSchedule, period: BillingPeriod) -> str:
    return f"{schedule.id} {period.first} of {' '.join(line.key)}"


def _claimed(credit: ServiceCredit, at: datetime) -> ServiceCredit:
    try:
        return credit.claim(at)
    except TransitionError as error:
        raise located(error, f"claims[{credit.id}]") from None


def credit_periods(
    line: SoldLine, since: date, until: date
) -> Iterator[tuple[CreditSchedule, BillingPeriod]]:
    """Yield each schedule of a line with its periods that were over from `since` up to `until`."""
    first, last = line.day(line.times[0].start), line.last_day(line.times[-1].end)
    for schedule in _schedules(line).values():
        for period in _calendar(schedule).periods(first, last, until, since=since):
            if since <= period.after <= until:
                yield schedule, period


def check_promises(lines: Sequence[SoldLine], promises: Promises) -> None:
    """Raise unless each figure and claim is of a period of a schedule that was agreed for a line.

    Raises:
        UnknownIdError: There is no such line, the schedule was not agreed for it, or a claim names
            no credit that could have been earned by then.
        InvalidValueError: No period begins on that day, or the figure follows from verdicts.
    """
    _check_figures(lines, promises)
    for id, at in promises.claims.items():
        day = at.date() + 2 * ONE_DAY  # zones differ by less
        known = {
            _credit_id(line, schedule, period)
            for line in lines
            for schedule, period in credit_periods(line, date.min, day)
        }
        if id not in known:
            raise UnknownIdError("service credit", id, known=known, path=f"claims[{id}]")


def _check_figures(lines: Iterable[SoldLine], promises: Promises) -> None:
    known = {each.key: _schedules(each) for each in lines}
    for number, each in enumerate(promises.figures):
        path = f"figures[{number}]"
        key = each.contract, each.line
        if key not in known:
            names = [line for contract, line in known if contract == each.contract]
            raise UnknownIdError("contract line", each.line, known=names, path=f"{path}.line")
        schedules = known[key]
        if each.schedule not in schedules:
            path = f"{path}.schedule"
            raise UnknownIdError("credit schedule", each.schedule, known=schedules, path=path)
        schedule = schedules[each.schedule]
        if schedule.basis.counts_promises:
            raise InvalidValueError(
                f"the figure of schedule `{each.schedule}` follows from verdicts", path=path
            )
        periods = _calendar(schedule).periods(each.start, None, each.start + ONE_DAY)
        first = next(periods).first
        if first != each.start:
            raise InvalidValueError(
                f"no {schedule.period} of schedule `{each.schedule}` begins on `{each.start}`",
                hint=f"it begins on `{first}`",
                path=f"{path}.start",
            )


def _schedules(line: SoldLine) -> dict[str, CreditSchedule]:
    agreed = [each.agreed for each in line.times if each.agreed is not None]
    return {schedule.id: schedule for each in agreed for schedule in each.credits}


def _is_agreed(time: SoldTime, schedule: CreditSchedule) -> bool:
    return time.agreed is not None and any(each.id == schedule.id for each in time.agreed.credits)


def _is_agreed_within(line: SoldLine, schedule: CreditSchedule, start: int, end: int) -> bool:
    touched = (each for each in line.times if each.start < end and start < each.end)
    return any(_is_agreed(each, schedule) for each in touched)


def _calendar(schedule: CreditSchedule) -> BillingSchedule:
    return BillingSchedule(every=Cycle(schedule.period), anchor=_ANCHOR)


def _figure(
    line: SoldLine,
    schedule: CreditSchedule,
    promises: Promises,
    cases: Mapping[str, ChargedCase],
    period: tuple[int, int],
    first: date,
) -> Fraction | None:
    """Return the figure of a period, or None where nothing is known."""
    if not schedule.basis.counts_promises:
        found = [
            each.figure
            for each in promises.figures
            if (each.contract, each.line) == line.key
            and each.schedule == schedule.id
            and each.start == first
        ]
        if len(set(found)) > 1:
            raise InvalidValueError(
                f"two figures of schedule `{schedule.id}` are of the period from `{first}`",
                path="figures",
            )
        return found[0] if found else None
    own = [
        each
        for each in promises.verdicts
        if each.case in cases
        and (cases[each.case].contract, cases[each.case].line) == line.key
        and (not schedule.milestones or each.milestone in schedule.milestones)
        and period[0] <= to_micros(each.at) < period[1]
        and _is_agreed(line.at(to_micros(each.at)), schedule)
    ]
    missed = sum(not each.kept for each in own)
    if schedule.basis is CreditBasis.MISSED:
        return Fraction(missed)
    return Fraction(_HUNDRED * (len(own) - missed), len(own)) if own else None


def _fees(line: SoldLine, charged: Sequence[ChargeLine], start: int, end: int) -> Money | None:
    """Return the periodic fees of a line that begin in a period; None if there are none."""
    own = [
        each.amount
        for each in charged
        if each.kind is LineKind.STANDING
        and each.reason in _FEES
        and (each.contract, each.line) == line.key
        and start <= to_micros(each.start) < end
    ]
    return sum(own[1:], own[0]) if own else None
