"""Messages, decisions and commands in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, final

from sqlalchemy import Dialect, bindparam, func, insert, select, text, update

from entitlements.adapters.sql.repositories.delivery_statements import PAGE, DeliveryStatements
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
from entitlements.kernel.instants import instant_of, to_micros
from entitlements.ports.deliveries import (
    Delivery,
    Endpoint,
    deliveries,
    endpoint_or_none,
    first_of_cases,
)
from entitlements.ports.records import ChainHead, DecisionRecord, ExecutedCommand, Message
from entitlements.ports.rules.append_rules import command_was_recorded
from entitlements.ports.rules.arguments import messages as checked_messages
from entitlements.ports.rules.arguments import page_length, row_number

CHANNEL = "entitlements_outbox"
"""Channel of PostgreSQL's notifications about new messages."""

_LOCK: Final = 1_163_088_722
"""Class of PostgreSQL's advisory locks for claims, one for each tenant and each endpoint."""

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
        new = {"tenant": mine, **{key: bindparam(key) for key in _MESSAGE_COLUMNS}}
        self.put = PreparedStatement(insert(t.outbox).values(new).returning(o.number), dialect)
        self.put_all = bulk_insert_statement(t.outbox, _MESSAGE_COLUMNS, "number", dialect)
        self.put_each = PreparedStatement(insert(t.outbox).values(new), dialect)
        last = select(func.max(o.number)).where(o.tenant == mine)
        self.last_number = PreparedStatement(last, dialect)
        self.notify = PreparedStatement(text(f"NOTIFY {CHANNEL}"), dialect)
        self.pending = PreparedStatement(
            select(o.number, o.topic, o.at, o.body, o.case)
            .where(o.tenant == mine)
            .order_by(o.number)
            .limit(int_param("most"))
            .with_for_update(skip_locked=True),
            dialect,
        )
        self._ask_endpoints(t, dialect)
        self.delivered = PreparedStatement(
            t.outbox.delete().where(o.tenant == mine, o.number == int_param("number_")), dialect
        )

    def _ask_endpoints(self, t: Tables, dialect: Dialect) -> None:
        mine, e, d = tenant_param(), t.endpoints.c, t.deliveries.c
        self.outbox = DeliveryStatements(t.outbox, dialect)
        self.deliveries = DeliveryStatements(t.deliveries, dialect)
        # One relay of an endpoint claims at a time: two could claim two messages of one case.
        place = func.hashtext(mine + text_param("endpoint_"))
        self.lock = PreparedStatement(
            select(func.pg_advisory_xact_lock(_LOCK, place).label("of_tenant")), dialect
        )
        self.endpoints = PreparedStatement(
            select(e.id, e.topics).where(e.tenant == mine).order_by(e.id), dialect
        )
        this = (e.tenant == mine, e.id == text_param("id_"))
        self.change_endpoint = PreparedStatement(
            update(t.endpoints).where(*this).values(topics=text_param("topics")), dialect
        )
        self.remove_endpoint = PreparedStatement(t.endpoints.delete().where(*this), dialect)
        self.remove_deliveries = PreparedStatement(
            t.deliveries.delete().where(d.tenant == mine, d.endpoint == text_param("id_")), dialect
        )

    def _ask_chain(self, t: Tables, dialect: Dialect) -> None:
        mine, h, d = tenant_param(), t.chains.c, t.decisions.c
        self.head = PreparedStatement(
            select(h.number, h.digest).where(h.tenant == mine).with_for_update(), dialect
        )
        self.extend = PreparedStatement(
            update(t.chains)
            .where(h.tenant == mine, h.number == int_param("before"))
            .where(h.digest == text_param("before_digest"))
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
        (number,) = self.put_rows([trail_rows.message_to_row(topic, body, at, case)])
        return number

    def put_all(self, messages: Sequence[tuple[str, str, str]], at: datetime) -> tuple[int, ...]:
        return self.put_rows(
            [
                trail_rows.message_to_row(topic, body, at, case)
                for topic, body, case in checked_messages(messages)
            ]
        )

    def put_rows(self, rows: Sequence[Row]) -> tuple[int, ...]:
        """Add messages and return their numbers."""
        if not rows:
            return ()
        numbers = self._numbered(rows)
        self.announce()
        return numbers

    def _numbered(self, rows: Sequence[Row]) -> tuple[int, ...]:
        session, statements = self._session, self._statements
        if len(rows) == 1:
            ((number,),) = session.read(statements.put, **rows[0])
            return (int(number),)
        if statements.put_all is not None:
            return bulk_insert(session, statements.put_all, rows)
        # On SQLite no other unit takes a number in between.
        session.run_each(statements.put_each, rows)
        ((last,),) = session.read(statements.last_number)
        return tuple(range(last - len(rows) + 1, last + 1))

    def announce(self, *, notify: bool = True) -> None:
        """Notify those who wait for messages, once in a unit and at its commit.

        Args:
            notify: False if this process has done so a moment ago.
        """
        if notify and not self.put_any and self._session.dialect == "postgresql":
            # PostgreSQL sends it at the commit.
            self._session.run(self._statements.notify)
        self.put_any = True

    def save_endpoint(self, endpoint: Endpoint) -> None:
        row = trail_rows.endpoint_to_row(instance_of(Endpoint, endpoint))
        change = self._statements.change_endpoint
        if not self._session.run(change, id_=row["id"], topics=row["topics"]):
            self._session.insert_new(self._statements.tables.endpoints, row)

    def remove_endpoint(self, id: str) -> None:
        self._lock()  # a message that is being distributed must not outlive the endpoint
        for each in (self._statements.remove_endpoint, self._statements.remove_deliveries):
            self._session.run(each, id_=identifier(id))

    def endpoints(self) -> tuple[Endpoint, ...]:
        rows = self._session.rows(self._statements.endpoints)
        return tuple(map(trail_rows.endpoint_from_row, rows))

    def distribute(self, at: datetime, most: int = 100) -> int:
        now, most = instant_of(at), page_length(most)
        self._lock()
        known = self.endpoints()
        if not known:
            return 0
        claimed = self.claim(now, now, most)
        rows = [
            trail_rows.delivery_to_row(each.message, endpoint.id)
            for each in claimed
            for endpoint in known
            if endpoint.receives(each.message.topic)
        ]
        self._session.insert(self._statements.tables.deliveries, rows)
        self.finish(claimed)
        return len(claimed)

    def claim(
        self, at: datetime, until: datetime, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        now, then, own = to_micros(at), to_micros(until), self._of(endpoint)
        self._lock(endpoint)
        waiting = self._waiting(own, endpoint)
        found, claimed = first_of_cases(waiting, now, page_length(most)), list[Row]()
        for first in range(0, len(found), PAGE):
            numbers = {f"n{n}": each for n, each in enumerate(found[first : first + PAGE])}
            statement = own.claim(len(numbers))
            claimed += self._session.rows(statement, until=then, endpoint_=endpoint, **numbers)
        every = (trail_rows.delivery_from_row(row, endpoint) for row in claimed)
        return tuple(sorted(every, key=lambda each: each.number))

    def _lock(self, endpoint: str = "") -> None:
        if self._session.dialect == "postgresql":
            self._session.read(self._statements.lock, endpoint_=endpoint)

    def _of(self, endpoint: str) -> DeliveryStatements:
        own = self._statements
        return own.deliveries if endpoint_or_none(endpoint) else own.outbox

    def _waiting(self, own: DeliveryStatements, endpoint: str) -> Iterator[tuple[int, str, int]]:
        """Yield number, case and instant of all that is no dead letter, read page by page."""
        after, rows = 0, [(0, "", 0)] * PAGE
        while len(rows) == PAGE:
            found = self._session.read(own.waiting, after=after, endpoint_=endpoint)
            rows = [tuple(each) for each in found]
            yield from rows
            after = rows[-1][0] if rows else after

    def finish(self, claimed: Iterable[Delivery]) -> None:
        for own, mine in self._by_table(claimed):
            self._session.run_each(own.finish, map(_place, mine))

    def put_back(
        self, claimed: Iterable[Delivery], ready_at: datetime | None, error: str | None = None
    ) -> None:
        again = MAX_BIGINT if ready_at is None else to_micros(ready_at)
        failed, why = int(error is not None), None if error is None else remark(error)
        for own, mine in self._by_table(claimed):
            rows = [
                {
                    **_place(each),
                    "ready_at": again,
                    "attempts": each.attempts + failed,
                    "error": each.error if why is None else why,
                }
                for each in mine
            ]
            self._session.run_each(own.put_back, rows)

    def _by_table(
        self, claimed: Iterable[Delivery]
    ) -> Iterator[tuple[DeliveryStatements, list[Delivery]]]:
        given = deliveries(claimed)
        yield self._statements.outbox, [each for each in given if not each.endpoint]
        yield self._statements.deliveries, [each for each in given if each.endpoint]

    def dead_letters(
        self, after: int = 0, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        given = {"after": row_number(after), "most": page_length(most), "endpoint_": endpoint}
        rows = self._session.rows(self._of(endpoint).dead_letters, **given)
        return tuple(trail_rows.delivery_from_row(row, endpoint) for row in rows)

    def requeue(self, numbers: Iterable[int], endpoint: str = "") -> None:
        own = self._of(endpoint)
        given = [{"number_": row_number(each), "endpoint_": endpoint} for each in as_tuple(numbers)]
        self._session.run_each(own.requeue, given)

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        rows = self._session.rows(self._statements.pending, most=page_length(most))
        found = [trail_rows.message_from_row(row) for row in rows]
        return tuple(sorted(found, key=lambda each: each.number))

    def delivered(self, numbers: Iterable[int]) -> None:
        given = [{"number_": row_number(each)} for each in as_tuple(numbers)]
        self._session.run_each(self._statements.delivered, given)


def _place(delivery: Delivery) -> Row:
    place = {"number_": delivery.number, "fence_": delivery.fence}
    return {**place, "endpoint_": delivery.endpoint}


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
        given = {"before": link.number - 1, "before_digest": link.previous}
        given |= {"number_": link.number, "digest_": link.digest, "previous": link.previous}
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
