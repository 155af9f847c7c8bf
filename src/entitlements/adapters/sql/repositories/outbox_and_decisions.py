"""Messages, decisions and commands in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, final

from sqlalchemy import (
    Dialect,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    update,
)

from entitlements.adapters.sql.rows import trail_rows
from entitlements.adapters.sql.rows.mapping import MAX_BIGINT
from entitlements.adapters.sql.session.bulk import bulk_insert, bulk_insert_statement
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.session.session import Row, Session
from entitlements.adapters.sql.tables import Tables
from entitlements.kernel.converters import as_tuple, instance_of, remark
from entitlements.kernel.errors import StaleReadError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import to_micros
from entitlements.ports.append_rules import command_was_recorded
from entitlements.ports.arguments import messages as checked_messages
from entitlements.ports.arguments import page_length, row_number
from entitlements.ports.deliveries import Delivery, deliveries, first_of_cases
from entitlements.ports.records import ChainHead, DecisionRecord, ExecutedCommand, Message

CHANNEL = "entitlements_outbox"
"""Channel of PostgreSQL's notifications about new messages."""

_LOCK: Final = 1_163_088_722
"""Class of PostgreSQL's advisory locks for claims of messages, one for each tenant."""

_PAGE: Final = 500
_MESSAGE_COLUMNS: Final = ("topic", "at", "body", "case")


@final
class OutboxStatements:
    """Statements about messages, decisions and commands."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        self._ask_outbox(tables, dialect)
        self._ask_chain(tables, dialect)
        c = tables.commands.c
        self.command = PreparedStatement(
            select(c.digest, c.at, c.answer).where(
                c.tenant == tenant_param(), c.id == text_param("id_")
            ),
            dialect,
        )

    def _ask_outbox(self, t: Tables, dialect: Dialect) -> None:
        mine, o = tenant_param(), t.outbox.c
        self.put = PreparedStatement(
            insert(t.outbox)
            .values({"tenant": mine, **{key: bindparam(key) for key in _MESSAGE_COLUMNS}})
            .returning(o.number),
            dialect,
        )
        self.put_all = bulk_insert_statement(t.outbox, _MESSAGE_COLUMNS, "number", dialect)
        self.notify = PreparedStatement(text(f"NOTIFY {CHANNEL}"), dialect)
        self.pending = PreparedStatement(
            select(o.number, o.topic, o.at, o.body, o.case)
            .where(o.tenant == mine)
            .order_by(o.number)
            .limit(int_param("most"))
            .with_for_update(skip_locked=True),
            dialect,
        )
        self._ask_claims(t, dialect)
        self._ask_outcomes(t, dialect)
        self.delivered = PreparedStatement(
            t.outbox.delete().where(o.tenant == mine, o.number == int_param("number_")), dialect
        )

    def _ask_claims(self, t: Tables, dialect: Dialect) -> None:
        mine, o = tenant_param(), t.outbox.c
        columns = (o.number, o.topic, o.at, o.body, o.case, o.fence, o.attempts, o.error)
        self.waiting = PreparedStatement(
            select(o.number, o.case, o.ready_at)
            .where(o.tenant == mine, o.number > int_param("after"), o.ready_at < MAX_BIGINT)
            .order_by(o.number)
            # It is part of the text: with a parameter PostgreSQL may plan for the whole outbox.
            .limit(literal_column(str(_PAGE))),
            dialect,
        )
        claim: Any = update(t.outbox).values(ready_at=int_param("until"), fence=o.fence + 1)
        self.claim_messages = lru_cache(maxsize=_PAGE)(
            lambda most: PreparedStatement(
                claim.where(
                    o.tenant == mine, o.number.in_([int_param(f"n{each}") for each in range(most)])
                ).returning(*columns),
                dialect,
            )
        )
        # One relay claims at a time: two at once could claim two messages of one case.
        self.lock = PreparedStatement(
            select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(mine)).label("of_tenant")),
            dialect,
        )

    def _ask_outcomes(self, t: Tables, dialect: Dialect) -> None:
        mine, o = tenant_param(), t.outbox.c
        columns = (o.number, o.topic, o.at, o.body, o.case, o.fence, o.attempts, o.error)
        this = (o.tenant == mine, o.number == int_param("number_"), o.fence == int_param("fence_"))
        self.finish = PreparedStatement(t.outbox.delete().where(*this), dialect)
        self.put_back = PreparedStatement(
            update(t.outbox)
            .where(*this)
            .values({name: bindparam(name) for name in ("ready_at", "attempts", "error")}),
            dialect,
        )
        dead = (o.tenant == mine, o.ready_at == MAX_BIGINT)
        page: Any = select(*columns).where(*dead, o.number > int_param("after"))
        self.dead_letters = PreparedStatement(
            page.order_by(o.number).limit(int_param("most")), dialect
        )
        self.requeue = PreparedStatement(
            update(t.outbox)
            .where(*dead, o.number == int_param("number_"))
            .values(ready_at=0, attempts=0, error=null()),
            dialect,
        )

    def _ask_chain(self, t: Tables, dialect: Dialect) -> None:
        mine, h, d = tenant_param(), t.chains.c, t.decisions.c
        self.head = PreparedStatement(
            select(h.number, h.digest).where(h.tenant == mine).with_for_update(), dialect
        )
        self.extend = PreparedStatement(
            update(t.chains)
            .where(h.tenant == mine, h.number == int_param("before"))
            .where(h.digest == text_param("previous"))
            .values(
                number=int_param("number_"),
                digest=text_param("digest_"),
                previous=text_param("previous"),
            ),
            dialect,
        )
        columns = [each for each in t.decisions.c if each.key != "tenant"]
        links: Any = select(*columns).where(d.tenant == mine).order_by(d.number)
        self.about = PreparedStatement(links.where(d.subject == text_param("subject_")), dialect)
        page = links.limit(int_param("most"))
        self.first_links = PreparedStatement(page, dialect)
        self.links = PreparedStatement(page.where(d.number > int_param("after")), dialect)


@final
class SqlOutbox:
    """`Outbox` in a table."""

    def __init__(self, session: Session, statements: OutboxStatements) -> None:
        self._session = session
        self._statements = statements
        self.put_any = False

    def put(self, topic: str, body: str, at: datetime, case: str = "") -> int:
        row = trail_rows.message_to_row(topic, body, at, case)
        ((number,),) = self._session.read(self._statements.put, **row)
        self.announce()
        return int(number)

    def put_all(self, messages: Sequence[tuple[str, str, str]], at: datetime) -> tuple[int, ...]:
        statement, messages = self._statements.put_all, checked_messages(messages)
        if statement is None or len(messages) <= 1:
            return tuple([self.put(topic, body, at, case) for topic, body, case in messages])
        rows = [trail_rows.message_to_row(topic, body, at, case) for topic, body, case in messages]
        numbers = bulk_insert(self._session, statement, rows)
        self.announce()
        return numbers

    def announce(self, *, notify: bool = True) -> None:
        """Notify those who wait for messages, once in a unit and at its commit.

        Args:
            notify: False if this process has done so a moment ago.
        """
        if notify and not self.put_any and self._session.dialect == "postgresql":
            # PostgreSQL sends it at the commit.
            self._session.run(self._statements.notify)
        self.put_any = True

    def claim(self, at: datetime, until: datetime, most: int = 100) -> tuple[Delivery, ...]:
        now, then = to_micros(at), to_micros(until)
        if self._session.dialect == "postgresql":
            self._session.read(self._statements.lock)
        found, claimed = first_of_cases(self._waiting(), now, page_length(most)), list[Row]()
        for first in range(0, len(found), _PAGE):
            numbers = {f"n{n}": each for n, each in enumerate(found[first : first + _PAGE])}
            statement = self._statements.claim_messages(len(numbers))
            claimed += self._session.rows(statement, until=then, **numbers)
        every = map(trail_rows.delivery_from_row, claimed)
        return tuple(sorted(every, key=lambda each: each.number))

    def _waiting(self) -> Iterator[tuple[int, str, int]]:
        """Yield number, case and instant of all that is no dead letter, read page by page."""
        after, rows = 0, [(0, "", 0)] * _PAGE
        while len(rows) == _PAGE:
            rows = [
                tuple(each) for each in self._session.read(self._statements.waiting, after=after)
            ]
            yield from rows
            after = rows[-1][0] if rows else after

    def finish(self, claimed: Iterable[Delivery]) -> None:
        self._session.run_each(self._statements.finish, map(_place, deliveries(claimed)))

    def put_back(
        self, claimed: Iterable[Delivery], ready_at: datetime | None, error: str | None = None
    ) -> None:
        again = MAX_BIGINT if ready_at is None else to_micros(ready_at)
        failed, why = int(error is not None), None if error is None else remark(error)
        rows = [
            {
                **_place(each),
                "ready_at": again,
                "attempts": each.attempts + failed,
                "error": each.error if why is None else why,
            }
            for each in deliveries(claimed)
        ]
        self._session.run_each(self._statements.put_back, rows)

    def dead_letters(self, after: int = 0, most: int = 100) -> tuple[Delivery, ...]:
        given = {"after": row_number(after), "most": page_length(most)}
        rows = self._session.rows(self._statements.dead_letters, **given)
        return tuple(map(trail_rows.delivery_from_row, rows))

    def requeue(self, numbers: Iterable[int]) -> None:
        given = [{"number_": row_number(each)} for each in as_tuple(numbers)]
        self._session.run_each(self._statements.requeue, given)

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        rows = self._session.rows(self._statements.pending, most=page_length(most))
        found = [trail_rows.message_from_row(row) for row in rows]
        return tuple(sorted(found, key=lambda each: each.number))

    def delivered(self, numbers: Iterable[int]) -> None:
        given = [{"number_": row_number(each)} for each in as_tuple(numbers)]
        self._session.run_each(self._statements.delivered, given)


def _place(delivery: Delivery) -> Row:
    return {"number_": delivery.number, "fence_": delivery.fence}


@final
class SqlDecisions:
    """`Decisions` in tables; reading the end of the chain locks its row."""

    def __init__(self, session: Session, statements: OutboxStatements) -> None:
        self._session = session
        self._statements = statements

    def head(self) -> ChainHead:
        chains = self._statements.tables.chains
        rows = self._session.rows(self._statements.head)
        if not rows:
            self._session.insert_new(chains, {"number": 0, "digest": "", "previous": ""})
            rows = self._session.rows(self._statements.head)
        return trail_rows.head_from_row(rows[0])

    def append(self, link: DecisionRecord) -> None:
        instance_of(DecisionRecord, link)
        given = {"before": link.number - 1, "previous": link.previous}
        given |= {"number_": link.number, "digest_": link.digest}
        run, extend = self._session.run, self._statements.extend
        # The first link of a tenant, whose head was not read, finds no row of its chain.
        if run(extend, **given) != 1 and (self.head().number or run(extend, **given) != 1):
            raise StaleReadError(
                f"decision `{link.number}` does not follow the chain", field="number"
            )
        self._session.insert(self._statements.tables.decisions, [trail_rows.decision_to_row(link)])

    def about(self, subject: str) -> tuple[DecisionRecord, ...]:
        rows = self._session.rows(self._statements.about, subject_=identifier(subject))
        return tuple(trail_rows.decision_from_row(row) for row in rows)

    def links(self, after: int | None = None, most: int = 1_000) -> tuple[DecisionRecord, ...]:
        most = page_length(most)
        if after is None:
            rows = self._session.rows(self._statements.first_links, most=most)
        else:
            rows = self._session.rows(self._statements.links, after=row_number(after), most=most)
        return tuple(trail_rows.decision_from_row(row) for row in rows)


@final
class SqlCommands:
    """`Commands` in a table."""

    def __init__(self, session: Session, statements: OutboxStatements) -> None:
        self._session = session
        self._statements = statements

    def find(self, id: str) -> ExecutedCommand | None:
        rows = self._session.read(self._statements.command, id_=identifier(id))
        if not rows:
            return None
        return trail_rows.command_of(id, *rows[0])

    def record(self, done: ExecutedCommand) -> None:
        row = trail_rows.command_to_row(instance_of(ExecutedCommand, done))
        if not self._session.insert_new(self._statements.tables.commands, row):
            raise command_was_recorded(done.id)
