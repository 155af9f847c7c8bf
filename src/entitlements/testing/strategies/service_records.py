"""Hypothesis strategies for service records: of every kind, in histories, and filters of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
from hypothesis import strategies as st

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import Notice, NoticeKind, SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey, SurveyKind
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.billing.sheet import Sheet
from entitlements.billing.work.work_logs import WorkLog
from entitlements.kernel.money.money import Money
from entitlements.ports.service_records.credit_claims import CreditClaim
from entitlements.ports.service_records.service_record import (
    RecordFilter,
    RecordKind,
    RecordValue,
    ServiceRecord,
)
from entitlements.testing.strategies.ports import START, instants, names

_CUSTOMERS: Final = ("acme", "O'Brien")
_DAY: Final = timedelta(days=1)
_LATER: Final = START + 5 * _DAY
_NO_CUSTOMER: Final = (Outage, MaintenanceWindow)


def _durations() -> st.SearchStrategy[timedelta]:
    return st.integers(1, 86_400_000_000).map(lambda each: timedelta(microseconds=each))


@st.composite
def charge_lines(draw: st.DrawFn) -> ChargeLine:
    """Lines in euros, as a store keeps them."""
    start, worked = draw(instants()), draw(_durations())
    return ChargeLine(
        kind=draw(st.sampled_from(LineKind)),
        reason=draw(st.sampled_from(LineReason)),
        contract="C-1",
        line="L-1",
        source=draw(names()),
        start=start,
        end=start + worked,
        charged_at=start,
        worked=worked,
        billed=worked,
        hourly=draw(st.none() | st.integers(1, 300).map(lambda each: Money(each, "EUR"))),
        amount=Money.of_minor(draw(st.integers(-9_999, 99_999)), "EUR"),
        named=draw(st.none() | names()),
    )


@st.composite
def _lasting(draw: st.DrawFn, id: str) -> RecordValue:
    start, name = draw(instants()), draw(names())
    end = start + draw(_durations())
    kind = draw(st.sampled_from((WorkLog, Outage, MaintenanceWindow)))
    if kind is WorkLog:
        return WorkLog(id=id, case=name, agent=draw(names()), start=start, end=end)
    if kind is Outage:
        return Outage(id=id, service=name, start=start, end=draw(st.sampled_from([None, end])))
    return MaintenanceWindow(
        id=id, service=draw(st.sampled_from([None, name])), start=start, end=end
    )


@st.composite
def _answered(draw: st.DrawFn, id: str, customer: str) -> RecordValue:
    at, case = draw(instants()), draw(names())
    later = draw(st.none() | _durations().map(lambda each: at + each))
    kind = draw(st.sampled_from((CreditClaim, Survey, SentNotice, Complaint)))
    if kind is CreditClaim:
        return CreditClaim(id=id, customer=customer, claimed=at)
    if kind is SentNotice:
        notice = Notice(
            kind=draw(st.sampled_from(NoticeKind)),
            customer=customer,
            subject=id,
            effective=_LATER.date(),
            send_by=START.date(),
            because=[case],
        )
        return SentNotice(notice=notice, sent=at, acknowledged=later)
    if kind is Survey:
        asks = draw(st.sampled_from(SurveyKind))
        score = None if later is None else draw(st.integers(1, 5))
        return Survey(case=id, kind=asks, asked=at, answered=later, score=score)
    return Complaint(
        id=id,
        customer=customer,
        case=draw(st.sampled_from([None, case])),
        received=at,
        acknowledged=later,
        answered=later,
        cause=draw(st.none() | names()),
        is_upheld=None if later is None else draw(st.booleans()),
    )


@st.composite
def _figures(draw: st.DrawFn, id: str) -> RecordValue:
    figure = draw(st.fractions(0, 100, max_denominator=10_000))
    return MeasuredFigure(
        contract="C-1", line="L-1", schedule=id, start=draw(instants()).date(), figure=figure
    )


@st.composite
def _sheets(draw: st.DrawFn, id: str, customer: str) -> RecordValue:
    start, lines = draw(instants()), draw(st.lists(charge_lines(), max_size=2))
    return Sheet(
        id=id, customer=customer, currency="EUR", start=start, end=start + _DAY, lines=lines
    )


@st.composite
def service_records(draw: st.DrawFn, id: str | None = None) -> ServiceRecord:
    """First records of anything."""
    named, customer = draw(names()) if id is None else id, draw(st.sampled_from(_CUSTOMERS))
    sheets, figures = _sheets(named, customer), _figures(named)
    drawn = (_lasting(named), _answered(named, customer), sheets, figures)
    return _recorded(draw(st.one_of(*drawn)), customer, 1, retracted=draw(st.booleans()))


def _recorded(
    value: RecordValue, customer: str, revision: int, *, retracted: bool
) -> ServiceRecord:
    recorded = _LATER + timedelta(hours=revision // 2)  # now and then two at one instant
    if isinstance(value, WorkLog):
        value = attrs.evolve(value, recorded=recorded, retracted=retracted)
    return ServiceRecord(
        value=value,
        customer=None if isinstance(value, _NO_CUSTOMER) else customer,
        recorded=recorded,
        revision=revision,
        retracted=retracted,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[ServiceRecord, ...]]:
    """All records of a few things, in the order of their revisions."""
    found = dict[tuple[RecordKind, str], list[ServiceRecord]]()
    for first in draw(st.lists(st.sampled_from(("a", "b")).flatmap(service_records), max_size=6)):
        own = found.setdefault((first.kind, first.id), [])
        customer, number = first.customer or "acme", len(own) + 1
        own.append(_recorded(first.value, customer, number, retracted=first.retracted))
    return [tuple(each) for each in found.values()]


@st.composite
def record_filters(draw: st.DrawFn) -> RecordFilter:
    """Filters of which some fit records of `histories`."""
    hours = st.integers(0, 5).map(lambda each: _LATER + timedelta(hours=each))
    return RecordFilter(
        kind=draw(st.sampled_from(RecordKind)),
        customer=draw(st.none() | st.sampled_from(_CUSTOMERS)),
        case=draw(st.none() | names()),
        since=draw(st.none() | instants()),
        until=draw(st.none() | instants()),
        known_at=draw(st.none() | hours),
    )
