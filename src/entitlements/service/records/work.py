"""Work: logged on a case, and corrected."""

from __future__ import annotations

from typing import Final

import attrs

from entitlements.billing.work.work_logs import WorkLog
from entitlements.engine.statements.sold_lines import SoldLine, sold_lines
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import text_of
from entitlements.ports.records import Case
from entitlements.ports.service_records.service_record import RecordKind
from entitlements.service.cases.case_commands import refuse_future
from entitlements.service.cases.units.settlement import settle_by_work
from entitlements.service.commands.record_commands import CorrectWork, LogWork
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.records.record_bodies import WorkLogBody
from entitlements.service.records.recording import add_record, known_value, send
from entitlements.service.transaction import Transaction

DEFAULT_KIND: Final[str] = attrs.fields(WorkLog).kind.default or ""


def log_work(transaction: Transaction, command: LogWork) -> Reply:
    """Record work on a case.

    Raises:
        DuplicateIdError: Work was logged under its id before.
    """
    if transaction.work.service_records.find(RecordKind.WORK_LOG, command.log.id) is not None:
        raise DuplicateIdError("work log", command.log.id)
    return _record(transaction, command, "work.logged")


def correct_work(transaction: Transaction, command: CorrectWork) -> Reply:
    """Record that work was otherwise than it was logged.

    Raises:
        UnknownIdError: No work was logged under its id, or it was taken back.
    """
    last = known_value(transaction.work, RecordKind.WORK_LOG, command.log.id)
    reply = _record(transaction, command, "work.corrected")
    if last.case is not None and last.customer is not None and last.case != command.log.case:
        settle_by_work(transaction, last.customer, last.case)
    return reply


def _record(transaction: Transaction, command: LogWork | CorrectWork, topic: str) -> Reply:
    """Record the log of a command, if it could be charged, and settle what it changes.

    Raises:
        UnknownIdError: No case has the id, or no price names the kind of work.
        TransitionError: It ends later than the instant of the command.
        InvalidValueError: It begins before the contract line of the case, or after its end.
    """
    log, work = command.log, transaction.work
    case = work.cases.case(log.case)
    work.accounts.lock(case.customer)
    refuse_future(transaction, f"the end of work log {log.id}", log.end)
    _check_kind(transaction, log)
    _check_terms(transaction, case, log)
    record = add_record(transaction, log, case.customer)
    assert isinstance(record.value, WorkLog)  # noqa: S101 - it was recorded as one
    body = WorkLogBody(case=case.id, customer=case.customer, log=record.value)
    send(transaction, topic, body, case.id)
    settle_by_work(transaction, case.customer, case.id)
    return Reply(command=command.id, case=case.id, result=ReplyResult.RECORDED)


def _check_kind(transaction: Transaction, log: WorkLog) -> None:
    kinds = transaction.catalogs.latest(transaction.work).engine.facts.prices.work_kinds
    if kinds and log.kind not in {DEFAULT_KIND, *kinds}:
        error = UnknownIdError("kind of work", log.kind, known={DEFAULT_KIND, *kinds})
        error.path = f"work_logs[{log.id}].kind"
        raise error


def _check_terms(transaction: Transaction, case: Case, log: WorkLog) -> None:
    """Raise unless the contract line of the case has terms when the work begins."""
    account = transaction.work.accounts.account(case.customer)
    if account is None:
        raise UnknownIdError("account", case.customer)
    engine = transaction.catalogs.latest(transaction.work).engine
    key = case.terms.contract, case.terms.line
    for line in sold_lines(engine.facts, engine.decider(case.customer, account).histories):
        if line.key == key and not _covers(line, log):
            raise InvalidValueError(
                f"work log `{log.id}` begins at `{text_of(log.start)}`, outside of the terms of "
                f"line `{key[1]}` of contract `{key[0]}`",
                path=f"work_logs[{log.id}].start",
            )


def _covers(line: SoldLine, log: WorkLog) -> bool:
    return any(
        each.start <= log.start and (each.end is None or log.start < each.end)
        for each in line.work_terms(())
    )
