"""Whole admissions in tables: on PostgreSQL with one statement that reads, and one that writes.

Between the two nothing is locked. Where a unit of work does nothing else, the writing statement is
its transaction. It checks what the decision was made from; so it is the only one where the account
is cached, the instant is given, and no other process has written a moment ago. On SQLite, which has
no round trips, admissions are written table by table. All records of an account are read only if it
is not the one that is cached.

Of several admissions in one unit, the edition and the commands are read at once, an account that no
other unit can change is not read again, and all are written together at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol, final

from entitlements.adapters.sql.repositories.accounts import changed_account
from entitlements.adapters.sql.repositories.admissions.admission_statements import (
    ACCOUNT_PART,
    COMMAND_PART,
    EDITION_PART,
    AdmissionShape,
    AdmissionStatements,
)
from entitlements.adapters.sql.repositories.admissions.process_memory import ProcessMemory
from entitlements.adapters.sql.repositories.admissions.stepwise_admissions import (
    AdmissionRows,
    StepwiseAdmissions,
    UnitInTables,
)
from entitlements.adapters.sql.repositories.outbox_and_decisions import OutboxStatements
from entitlements.adapters.sql.rows import mapping, trail_rows
from entitlements.adapters.sql.session.bulk import one_text
from entitlements.adapters.sql.session.prepared import PreparedStatement
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.contracts.account import Account, OpenCase
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    StaleReadError,
    UnknownIdError,
)
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.ports.admissions import Admission, AdmissionFacts
from entitlements.ports.records import body_text
from entitlements.ports.rules.chain_links import content_digest

_NOT_DONE: Final = (None, None, None, None)


class Send(Protocol):
    """Sends a statement, and returns its rows."""

    def __call__(self, statement: PreparedStatement, **values: Any) -> Sequence[Any]: ...


@final
class SqlAdmissions:
    """`Admissions` in tables.

    Args:
        session: The session.
        statements: Its statements.
        trail: Statements about the chain of decisions.
        work: The unit of work.
        memory: What the store remembers of others.
        has_clock: Whether the store was given a clock, which counts instead of the database's.
    """

    def __init__(
        self,
        session: Session,
        statements: AdmissionStatements,
        trail: OutboxStatements,
        work: UnitInTables,
        memory: ProcessMemory,
        *,
        has_clock: bool,
    ) -> None:
        self._session = session
        self._has_clock = has_clock
        self._statements = statements
        self._trail = trail
        self._work = work
        self._memory = memory
        self._ahead: tuple[int, int | None, dict[str, Sequence[Any]]] | None = None
        self._began = False
        self._put_off: list[AdmissionRows] = []

    def expect(self, commands: Collection[str]) -> None:
        named = one_text(identifiers(commands), self._session.dialect)
        rows = self._session.read(self._statements.ahead, ids=named)
        done = {row[2]: row[2:] for row in rows if row[2] is not None}
        self._ahead = (rows[0][0], rows[0][1], dict.fromkeys(commands, _NOT_DONE) | done)

    def facts(self, command: str, customer: str, *, fresh: bool = True) -> AdmissionFacts:
        accounts, given = self._work.accounts, {"id_": identifier(command), "customer": customer}
        if self._ahead is not None:
            edition, now, ahead = self._ahead
            held, done = accounts.held(identifier(customer)), ahead.pop(command, None)
            if held is not None and done is not None:
                return self._found(held.account, edition, now, done)
        known = accounts.cached(identifier(customer))
        if known is not None:
            if not fresh and (latest := self._known_edition()) is not None:
                return AdmissionFacts(
                    seen=known.version, done=None, edition=latest, account=known.account
                )
            ((version, edition, now, *done),) = self._read(self._statements.changes, given)
            if version == known.version:
                account = accounts.from_rows(customer, known, [(ACCOUNT_PART, version)])
                return self._found(account, edition, now, done)
            self._memory.latest.others_wrote()
        since, head = (0, 0) if known is None else (known.version, len(known.account.ledger))
        rows = self._read(self._statements.facts, {**given, "since": since, "head": head})
        parts = {row[0]: row for row in rows}  # of each of these there is one at most
        (_, edition, now, *_), done = parts[EDITION_PART], [None]
        if COMMAND_PART in parts:
            _, at, _, _, digest, id, answer = parts[COMMAND_PART]
            done = [id, digest, at, answer]
        records = [row for row in rows if row[0] < EDITION_PART]
        return self._found(accounts.from_rows(customer, known, records), edition, now, done)

    def _known_edition(self) -> int | None:
        """Return the latest edition if what is known need not be read, else None.

        On PostgreSQL the writing statement then is the only one. A host's transaction could not be
        repeated where something else is so, and what is written as one of several is not checked.
        """
        session = self._session
        alone = session.host is None and self._ahead is None
        can_check = session.can_stage if session.dialect == "postgresql" else alone
        return self._memory.latest.get(session.tenant) if can_check else None

    def _read(self, statement: PreparedStatement, given: Row) -> Sequence[Any]:
        return self._session.read_alone(statement, **given)

    def _found(
        self, account: Account | None, edition: int, now: int | None, done: Sequence[Any]
    ) -> AdmissionFacts:
        if self._session.host is None:
            self._memory.latest.put(self._session.tenant, edition)
        return AdmissionFacts(
            now=None if now is None or self._has_clock else from_micros(now),
            done=None if done[0] is None else trail_rows.command_of(*done),
            edition=edition,
            account=account,
        )

    def write(self, admission: Admission) -> list[int]:
        instance_of(Admission, admission)
        sqlite = self._session.dialect != "postgresql"
        if self._ahead is not None and (sqlite or self._session.can_pipeline):
            return self._write_later(admission)
        if sqlite:
            written = self._rows_of(admission)
            if admission.facts.fresh:
                self._stepwise.write([written])
            else:
                self._write_known(written)
            self._keep(written)
            return written.numbers
        if not self._session.can_stage:
            return self._write(admission, self._session.read)
        numbers: list[int] = []
        self._session.stage(
            alone=lambda: numbers.extend(self._write(admission, self._session.write_alone)),
            together=lambda: numbers.extend(self._write(admission, self._session.read)),
        )
        return numbers

    def _write_known(self, decided: AdmissionRows) -> None:
        """Write, table by table, what was decided from what was known before it was read."""
        admission, facts = decided.admission, decided.admission.facts
        try:
            if decided.positions:
                self._stepwise.write_known(decided)
                return
            given = {"id_": admission.done.id, "customer": admission.customer}
            ((version, edition, *_),) = self._read(self._statements.changes, given)
            if (version, edition) != (facts.seen, facts.edition):
                raise changed_account(admission.customer)
            self._stepwise.write([decided])
        except StaleReadError:
            self._memory.latest.others_wrote()
            raise

    @property
    def _stepwise(self) -> StepwiseAdmissions:
        statements, heads = self._statements.stepwise, self._memory.heads
        return StepwiseAdmissions(self._session, statements, self._trail, self._work, heads)

    def _rows_of(self, admission: Admission) -> AdmissionRows:
        seen, case = admission.facts.seen, admission.case
        counted = None if case is None else case.counted
        return AdmissionRows(
            admission=admission,
            rows=_rows(admission, counted),
            counted=counted,
            content=content_digest(
                self._session.tenant,
                at=admission.done.at,
                kind=admission.kind,
                subject=admission.subject,
                body=admission.body,
            ),
            seen=self._work.accounts.seen(admission.customer) if seen is None else seen,
            numbers=[],
        )

    def _keep(self, written: AdmissionRows) -> None:
        """Keep the account with what was added to it."""
        if written.positions:
            version = written.seen + written.positions
            self._work.accounts.wrote_all(version, written.admission, written.counted)

    def _write_later(self, admission: Admission) -> list[int]:
        """Put the writing of an admission off, as one of several in this unit."""
        sqlite = self._session.dialect != "postgresql"
        if not sqlite:
            self._announce()
        written = self._rows_of(admission)
        self._put_off.append(written)
        self._session.put_off(self._write_stepwise if sqlite else self._write_pipelined)
        self._keep(written)
        return written.numbers

    def _write_stepwise(self) -> None:
        every, self._put_off = self._put_off, []
        self._stepwise.write(every)

    def _write_pipelined(self) -> None:
        every, self._put_off = self._put_off, []
        sent = [(self._statement(each.admission), _values(each)) for each in every]
        found = self._session.write_each(sent)
        for each, (statement, values), (row,) in zip(every, sent, found, strict=True):
            _, number, *numbers = row
            if number is None:
                numbers = self._write_again(each.admission, statement, values)
            each.numbers.extend(numbers)

    def _write_again(
        self, admission: Admission, statement: PreparedStatement, values: Row
    ) -> list[int]:
        """Write one of several for which there was no chain yet; raise if that was not why."""
        if self._began or self._session.read(self._statements.begin_chain):
            self._began = True
            ((_, number, *rest),) = self._session.read(statement, **values)
            numbers: list[int] = rest
            if number is not None:
                return numbers
        raise self._refusal(admission)

    def _statement(self, admission: Admission) -> PreparedStatement:
        shape = AdmissionShape(
            known=admission.facts.account is not None,
            opens=admission.case is not None,
            entries=len(admission.entries),
            messages=len(admission.messages),
        )
        return self._statements.writing(shape)

    def _write(self, admission: Admission, send: Send) -> list[int]:
        """Write an admission in one statement, which is a transaction or part of one."""
        written = self._rows_of(admission)
        statement, values = self._statement(admission), _values(written)
        ((version, number, *found),) = send(statement, **values)
        if number is None and send(self._statements.begin_chain):
            # Before the first decision of a tenant there is no row for the end of its chain.
            ((version, number, *found),) = send(statement, **values)
        if number is None:
            raise self._refusal(admission)
        numbers: list[int] = found
        if admission.case is not None:
            self._work.accounts.wrote_all(version, admission, written.counted)
        if send == self._session.read:
            self._announce()
        elif self._memory.news.passes():
            send(self._statements.notify)
        return numbers

    def _announce(self) -> None:
        outbox = self._work.outbox
        outbox.announce(notify=not outbox.put_any and self._memory.news.passes())

    def _refusal(self, admission: Admission) -> ConflictError | DuplicateIdError:
        """Return why nothing was written: somebody was faster, or has opened the case before."""
        work, case = self._work, admission.case if admission.facts.fresh else None
        self._memory.latest.others_wrote()
        if case is not None and work.commands.find(admission.done.id) is None:
            for kind, find in (("case", work.cases.case), ("work", work.work_items.item)):
                with suppress(UnknownIdError):
                    find(case.id)
                    return DuplicateIdError(kind, case.id)
        return changed_account(admission.customer)


def _values(written: AdmissionRows) -> Row:
    """Return the values of the writing statement."""
    rows = {
        f"{part}_{name}": value for part, row in written.rows.items() for name, value in row.items()
    }
    return {
        **rows,
        "customer_": written.admission.customer,
        "edition": written.admission.facts.edition,
        "seen": written.seen,
        "content": written.content,
    }


def _rows(admission: Admission, counted: OpenCase | None) -> dict[str, Row]:
    """Return the rows of an admission, by the part of the statement that adds each."""
    done, case = admission.done, admission.case
    link = {
        "at": to_micros(done.at),
        "kind": identifier(admission.kind),
        "subject": identifier(admission.subject),
        "body": body_text(admission.body),
    }
    rows: dict[str, Row] = {"x": trail_rows.command_to_row(done), "l": link}
    for number, (topic, body, about) in enumerate(admission.messages):
        rows[f"m{number}"] = trail_rows.message_to_row(topic, body, done.at, about)
    for number, entry in enumerate(admission.entries):
        rows[f"e{number}"] = {**mapping.entry_to_row(entry), "customer": admission.customer}
    if case is not None and counted is not None and admission.item is not None:
        rows["c"] = mapping.counted_case_to_row(counted)
        rows["k"], (event,) = mapping.case_to_rows(case)
        rows["v"] = {**event, "case": case.id}
        rows["w"] = mapping.work_item_to_row(admission.item)
    return rows
