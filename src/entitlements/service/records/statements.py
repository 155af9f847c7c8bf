"""Statements from a store: what a customer owes for a period, issued, and made again.

An issued statement never changes. What becomes known later is on the next one, as an adjustment
that names the statement it corrects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar, final

import attrs

from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.billing.credits.claims import CreditState
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.billing.sheet import Sheet
from entitlements.billing.work.work_logs import WorkLog
from entitlements.contracts.account import Account
from entitlements.contracts.dates.day_boundaries import add_days, check_day, day_start
from entitlements.engine.statements.earned_credits import (
    Promises,
    PromiseVerdict,
    check_promises,
    promise_verdicts,
)
from entitlements.engine.statements.outage_figures import outage_figures
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.engine.statements.statement import Statement, statement
from entitlements.kernel.converters import instance_of
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.errors import ConflictError, TransitionError, UnknownIdError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import from_micros
from entitlements.ports.service_records.credit_claims import CreditClaim
from entitlements.ports.service_records.repository import every_record
from entitlements.ports.service_records.service_record import (
    VALUE_CLASSES,
    RecordFilter,
    RecordKind,
    ServiceRecord,
    figure_id,
)
from entitlements.ports.store import UnitOfWork
from entitlements.service.caches.billed_facts import billed_facts
from entitlements.service.caches.catalog_cache import CatalogCache, CompiledEdition
from entitlements.service.cases.deadline_alerts import read_clocks
from entitlements.service.cases.units.follow_ups import follow_ups
from entitlements.service.commands.record_commands import (
    ClaimCredit,
    IssueStatement,
    RecordFigure,
    optional_zone,
)
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.records.record_bodies import (
    CreditClaimedBody,
    FigureBody,
    StatementIssuedBody,
)
from entitlements.service.records.recording import add_record, send
from entitlements.service.transaction import Transaction

T = TypeVar("T")


@final
@attrs.frozen(kw_only=True)
class StatementInputs:
    """What a statement is made from, beside the facts.

    Attributes:
        customer: Who pays.
        start: The first day of the period.
        end: The first day after it.
        statement: Names the statement; the customer and the first day if None.
        zone: The zone of the two days; that of the first contract if None.
        issued: Ids of the statements beside which it is made; None for those of earlier periods.
        edition: Number of the edition of the catalog; None for the latest one that was known.
    """

    customer: str = attrs.field(converter=identifier)
    start: date
    end: date
    statement: str | None = attrs.field(default=None, converter=optional_identifier)
    zone: str | None = attrs.field(default=None, converter=optional_zone)
    issued: tuple[str, ...] | None = None
    edition: int | None = None

    def __attrs_post_init__(self) -> None:
        for day in (self.start, self.end):
            check_day(instance_of(date, day), "a day of the period")


def stored_statement(
    work: UnitOfWork,
    catalogs: CatalogCache,
    asked: StatementInputs,
    known_at: datetime | None = None,
) -> Statement:
    """Return what a customer owes for a period, from the records in a store.

    Args:
        work: A unit of work.
        catalogs: Compiled editions.
        asked: The customer and the period.
        known_at: Leave out what was recorded later; None for everything.

    Raises:
        UnknownIdError: The customer has no account.
        NotCoveredError, InvalidValueError: As `statement` does.
    """
    account = work.accounts.account(asked.customer, known_at)
    if account is None:
        raise UnknownIdError("account", asked.customer)
    number = work.catalog.number(known_at) if asked.edition is None else asked.edition
    edition = catalogs.edition(work, number)
    zone = asked.zone or next((each.zone for each in account.contracts), "UTC")
    start, end = (from_micros(day_start(each, zone)) for each in (asked.start, asked.end))
    promises = Promises(
        verdicts=_verdicts(work, catalogs, edition, asked.customer, known_at),
        figures=_figures(work, edition, account, known_at),
        claims={
            each.id: each.happened
            for each in _records(work, RecordKind.CREDIT_CLAIM, asked.customer, known_at)
        },
    )
    return statement(
        billed_facts(work, edition, account),
        asked.customer,
        asked.start,
        asked.end,
        _logs(work, asked.customer, end, known_at),
        cases=follow_ups(work, edition.engine.facts, account, known_at),
        issued=_issued(work, asked, start, known_at),
        promises=promises,
        id=asked.statement,
        zone=zone,
        known_at=known_at,
    )


def _records(
    work: UnitOfWork,
    kind: RecordKind,
    customer: str,
    known_at: datetime | None,
    until: datetime | None = None,
) -> Iterator[ServiceRecord]:
    wanted = RecordFilter(kind=kind, customer=customer, known_at=known_at, until=until)
    return every_record(work.service_records, wanted)


def _values(
    work: UnitOfWork, of: type[T], customer: str | None, known_at: datetime | None
) -> list[T]:
    """Return the values of a class that were recorded for a customer, or for all customers."""
    (kind,) = (kind for kind, each in VALUE_CLASSES.items() if each is of)
    wanted = RecordFilter(kind=kind, customer=customer, known_at=known_at)
    found = (each.value for each in every_record(work.service_records, wanted))
    return [each for each in found if isinstance(each, of)]


def _logs(
    work: UnitOfWork, customer: str, end: datetime, known_at: datetime | None
) -> Iterator[WorkLog]:
    for each in _records(work, RecordKind.WORK_LOG, customer, known_at, end):
        if isinstance(each.value, WorkLog):
            yield each.value


def issued_sheets(
    work: UnitOfWork, customer: str, known_at: datetime | None = None
) -> tuple[Sheet, ...]:
    """Return the statements that a customer has got, in the order of their periods."""
    found = _records(work, RecordKind.STATEMENT, customer, known_at)
    return tuple(each.value for each in found if isinstance(each.value, Sheet))


def _issued(
    work: UnitOfWork, asked: StatementInputs, start: datetime, known_at: datetime | None
) -> Iterator[Sheet]:
    """Yield the statements beside which one is made: those that were named, or of earlier time."""
    for each in issued_sheets(work, asked.customer, known_at):
        named = asked.issued
        if each.start < start if named is None else each.id in named:
            yield each


def _figures(
    work: UnitOfWork, edition: CompiledEdition, account: Account, known_at: datetime | None
) -> list[MeasuredFigure]:
    """Return what was measured of services; outages count where no figure was recorded."""
    customer, facts = account.customer, edition.engine.facts
    stated = _values(work, MeasuredFigure, customer, known_at)
    schedules = facts.prices.credit_schedules.values()
    if not any(each.service is not None for each in schedules):
        return stated
    shown = outage_figures(
        sold_lines(facts, edition.engine.decider(customer, account).histories),
        _values(work, Outage, None, known_at),
        work.now() if known_at is None else known_at,
        maintenance=_values(work, MaintenanceWindow, None, known_at),
    )
    known = {figure_id(each) for each in stated}
    return [*stated, *(each for each in shown if figure_id(each) not in known)]


def _verdicts(
    work: UnitOfWork,
    catalogs: CatalogCache,
    edition: CompiledEdition,
    customer: str,
    known_at: datetime | None,
) -> Iterator[PromiseVerdict]:
    """Yield the promises that were kept and missed, if any credit depends on them."""
    schedules = edition.engine.facts.prices.credit_schedules.values()
    if not any(each.basis.counts_promises for each in schedules):
        return
    moment = work.now() if known_at is None else known_at
    for stored in work.cases.of(customer):
        case = stored if known_at is None else stored.as_known(known_at)
        if case is not None and case.opened <= moment:
            own = catalogs.edition(work, case.terms.edition)
            policy, others = own.policy(case.terms), own.others(case)
            measured, _ = read_clocks(case, policy, moment, others=others)
            cycles = [each for name in measured for each in measured.cycles(name.name)]
            yield from promise_verdicts(case.id, cycles)


def issue_statement(transaction: Transaction, command: IssueStatement) -> Reply:
    """Issue the statement of a period, beside those that were issued before.

    Raises:
        ConflictError: A statement of that id, or of a part of the period, was issued before.
        UnknownIdError: The customer has no account.
        NotCoveredError, InvalidValueError: As `statement` does.
    """
    work = transaction.work
    work.accounts.lock(command.customer)
    issued = issued_sheets(work, command.customer)
    asked = StatementInputs(
        customer=command.customer,
        start=command.start,
        end=command.end,
        statement=command.statement,
        zone=command.zone,
        issued=tuple(each.id for each in issued),
        edition=transaction.catalogs.latest(work).number,
    )
    _check_id(work, command)
    sheet = stored_statement(work, transaction.catalogs, asked, transaction.at).sheet
    for each in issued:
        if each.start < sheet.end and sheet.start < each.end:
            raise ConflictError(
                f"statement `{each.id}` is of a part of the period",
                field="period",
                hint="what became known later is on the next statement",
            )
    add_record(transaction, sheet, command.customer, inputs=asked)
    body = StatementIssuedBody(
        customer=sheet.customer,
        statement=sheet.id,
        start=sheet.start,
        end=sheet.end,
        total=sheet.total,
    )
    send(transaction, "statement.issued", body)
    return Reply(command=command.id, case="", result=ReplyResult.RECORDED)


def _check_id(work: UnitOfWork, command: IssueStatement) -> None:
    if work.service_records.find(RecordKind.STATEMENT, command.name) is not None:
        raise ConflictError(
            f"statement `{command.name}` was issued before",
            field="statement",
            hint="what became known later is on the next statement",
        )


def made_again(
    work: UnitOfWork, catalogs: CatalogCache, sealed: Mapping[str, Any], at: datetime
) -> str:
    """Return an issued statement, made again from the facts that were known at an instant.

    Args:
        work: A unit of work.
        catalogs: Compiled editions.
        sealed: The body of the link that seals it.
        at: When it was issued.
    """
    given = sealed["inputs"]
    asked = StatementInputs(
        customer=given["customer"],
        start=date.fromisoformat(given["start"]),
        end=date.fromisoformat(given["end"]),
        statement=given.get("statement"),
        zone=given.get("zone"),
        issued=tuple(given.get("issued", ())),
        edition=given["edition"],
    )
    return plain_text(stored_statement(work, catalogs, asked, at).sheet)


def record_figure(transaction: Transaction, command: RecordFigure) -> Reply:
    """Record what was measured of a service.

    Raises:
        UnknownIdError: The customer has no account, no such line, or the schedule is not agreed.
        InvalidValueError: No period of the schedule begins on that day.
    """
    work, figure = transaction.work, command.figure
    work.accounts.lock(command.customer)
    account = work.accounts.account(command.customer)
    if account is None:
        raise UnknownIdError("account", command.customer)
    engine = transaction.catalogs.latest(work).engine
    lines = sold_lines(engine.facts, engine.decider(command.customer, account).histories)
    check_promises(lines, Promises(figures=[figure]))
    add_record(transaction, figure, command.customer)
    body = FigureBody(customer=command.customer, figure=figure)
    send(transaction, "figure.recorded", body)
    return Reply(command=command.id, case="", result=ReplyResult.RECORDED)


def claim_credit(transaction: Transaction, command: ClaimCredit) -> Reply:
    """Claim a service credit, unless it was claimed before.

    Raises:
        UnknownIdError: The customer has no account, or has earned no such credit.
        TransitionError: It is too late, or the credit needs no claim.
    """
    work = transaction.work
    work.accounts.lock(command.customer)
    reply = Reply(command=command.id, case="", result=ReplyResult.RECORDED)
    if work.service_records.find(RecordKind.CREDIT_CLAIM, command.credit) is not None:
        return reply
    at = transaction.at
    account = work.accounts.account(command.customer)
    contracts = () if account is None else account.contracts
    asked = StatementInputs(
        customer=command.customer,
        start=min((each.start for each in contracts), default=at.date()),
        end=add_days(at.date(), 1),
        issued=(),
    )
    known = {
        each.id: each for each in stored_statement(work, transaction.catalogs, asked, at).credits
    }
    if command.credit not in known:
        raise UnknownIdError("service credit", command.credit, known=known)
    credit = known[command.credit]
    if credit.state(at) is CreditState.EARNED:
        raise TransitionError(f"credit `{credit.id}` is given without a claim")
    claimed = credit.claim(at)
    add_record(
        transaction,
        CreditClaim(id=credit.id, customer=command.customer, claimed=at),
        command.customer,
    )
    body = CreditClaimedBody(customer=command.customer, credit=credit.id, amount=claimed.amount)
    send(transaction, "credit.claimed", body)
    return reply
