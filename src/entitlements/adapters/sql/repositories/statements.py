"""SQL statements of the repositories, prepared once for each store.

The tenant is part of every statement. The name of a parameter ends in `_` where a column has the
same name.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Final, final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Select,
    String,
    Update,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from entitlements.adapters.sql.rows.mapping import MAX_BIGINT
from entitlements.adapters.sql.session.bulk import bulk_update_statement, is_one_of
from entitlements.adapters.sql.session.change_numbers import renumbered
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)
from entitlements.adapters.sql.tables import Tables
from entitlements.ports.claims import ClaimOrder

CASE_COLUMNS: Final = ("closed", "next_due_at", "status", "severity", "due", "state", "body")
"""What a change of a case may change."""

ABSENT_LOCK: Final = 1_163_088_723
"""Class of PostgreSQL's advisory locks for customers who have no account that could be locked."""

_WORK_ITEM_COLUMNS: Final = (
    "expert_group",
    "queued",
    "agent",
    "rank",
    "due",
    "opened",
    "since",
    "next_due_at",
    "state",
    "body",
)


@final
class FactStatements:
    """Statements about catalogs, accounts and ledgers."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        d, e = tables.editions.c, tables.entries.c
        self.edition = PreparedStatement(
            select(d.recorded, d.body).where(
                d.tenant == tenant_param(), d.number == int_param("number")
            ),
            dialect,
        )
        self.number = PreparedStatement(
            select(func.max(d.number)).where(
                d.tenant == tenant_param(), d.recorded <= int_param("known")
            ),
            dialect,
        )
        self.account = PreparedStatement(union_all(*account_parts(tables)), dialect)
        self.entries = PreparedStatement(
            select(e.number, e.body)
            .where(
                e.tenant == tenant_param(),
                e.customer == text_param("customer"),
                e.number > int_param("after"),
            )
            .order_by(e.number),
            dialect,
        )
        self._lock(tables, dialect)
        self._list(tables, dialect)
        self._write(tables, dialect)

    def _lock(self, t: Tables, dialect: Dialect) -> None:
        a, named = t.accounts.c, func.string_to_array(text_param("customers"), "\n")
        these = is_one_of(a.customer, "customers", dialect)
        mine = a.tenant == tenant_param()
        one = select(a.version).where(mine, a.customer == text_param("customer"))
        several = select(a.customer, a.version).where(mine, these)
        self.lock_absent = PreparedStatement(_lock_absent(named), dialect)
        self.lock = PreparedStatement(one.with_for_update(), dialect)
        self.lock_all = PreparedStatement(several.order_by(a.customer).with_for_update(), dialect)

    def _list(self, t: Tables, dialect: Dialect) -> None:
        a, f = t.accounts.c, t.facts.c
        every = (
            select(a.customer)
            .where(a.tenant == tenant_param(), a.customer > text_param("after"))
            .order_by(a.customer)
            .limit(int_param("most"))
        )
        valid = select(f.customer).where(
            f.tenant == tenant_param(),
            f.kind == "contract",
            f.known_to == MAX_BIGINT,
            f.valid_from <= int_param("valid"),
            f.valid_to > int_param("valid"),
        )
        self.customers = PreparedStatement(every, dialect)
        self.customers_then = PreparedStatement(every.where(a.customer.in_(valid)), dialect)

    def _write(self, t: Tables, dialect: Dialect) -> None:
        f = t.facts.c
        self.superseded = PreparedStatement(
            update(t.facts)
            .where(
                f.tenant == tenant_param(),
                f.customer == text_param("customer_"),
                f.kind == text_param("kind_"),
                f.id == text_param("id_"),
                f.known_from <= int_param("known"),
                f.known_to > int_param("known"),
            )
            .values(known_to=int_param("known")),
            dialect,
        )
        self.drop_asset = PreparedStatement(
            t.facts.delete().where(
                f.tenant == tenant_param(),
                f.customer == text_param("customer"),
                f.kind == "asset",
                f.id == text_param("id_"),
            ),
            dialect,
        )
        self.count_case = PreparedStatement(count_case(t, dialect), dialect)
        self.bumps = {
            (seen, head): PreparedStatement(claim_positions(t, seen=seen, head=head), dialect)
            for seen in (False, True)
            for head in (False, True)
        }


def _lock_absent(named: Any) -> Select[Any]:
    """Return the statement that locks customers without an account, in one order for all units."""
    customer = func.unnest(named).column_valued("name")
    key = func.hashtext(tenant_param() + "\n" + customer).label("of_customer")
    keys = select(key).distinct().order_by(key).subquery("keys")
    locked = func.pg_advisory_xact_lock(ABSENT_LOCK, keys.c.of_customer).label("locked")
    return select(locked)


def account_parts(t: Tables) -> tuple[Any, ...]:
    """Return the parts of a statement for all records of a customer newer than the cached ones."""
    customer, since = text_param("customer"), int_param("since")
    a, f, e, c = t.accounts.c, t.facts.c, t.entries.c, t.counted_cases.c
    none, nothing = cast(null(), BigInteger), cast(null(), String)

    def part(count: int) -> Any:
        return literal_column(str(count)).label("part")

    return (
        select(part(0), a.version, a.head, none, nothing, nothing, a.unknown).where(
            a.tenant == tenant_param(), a.customer == customer
        ),
        select(part(1), f.position, none, none, f.kind, f.id, f.body).where(
            f.tenant == tenant_param(), f.customer == customer, f.position > since
        ),
        select(part(2), e.number, none, none, nothing, nothing, e.body).where(
            e.tenant == tenant_param(), e.customer == customer, e.number > int_param("head")
        ),
        select(part(3), c.position, none, none, nothing, c.id, c.body).where(
            c.tenant == tenant_param(), c.customer == customer, c.position > since
        ),
    )


def count_case(t: Tables, dialect: Dialect) -> Any:
    """Return the statement that counts a case, in place of the same one as it was before."""
    kind = postgresql if dialect.name == "postgresql" else sqlite
    c, names = t.counted_cases.c, ("customer", "id", "position", "body")
    counted = kind.insert(t.counted_cases).values(
        {"tenant": tenant_param(), **{name: bindparam(name) for name in names}}
    )
    return counted.on_conflict_do_update(
        index_elements=[c.tenant, c.customer, c.id],
        set_={name: counted.excluded[name] for name in ("position", "body")},
    )


def claim_positions(t: Tables, *, seen: bool, head: bool) -> Update:
    """Return the statement that claims the next positions of a customer's records.

    It returns the version unless it follows from the one that was `seen`.
    """
    a = t.accounts.c
    statement = update(t.accounts).where(
        a.tenant == tenant_param(), a.customer == text_param("customer_")
    )
    if seen:
        statement = statement.where(a.version == int_param("seen"))
    if head:
        statement = statement.where(a.head == int_param("head_"))
    changed = statement.values(
        version=a.version + int_param("rows"), head=a.head + int_param("entries")
    )
    returned: Any = changed.returning(a.version)
    made: Update = changed if seen else returned
    return made


@final
class WorkStatements:
    """Statements about cases, work items and leases of groups."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        self._ask_cases(tables, dialect)
        self._ask_work_items(tables, dialect)
        self._ask_group_leases(tables, dialect)

    def _ask_cases(self, t: Tables, dialect: Dialect) -> None:
        c, e = t.cases.c, t.events.c
        this = (c.tenant == tenant_param(), c.id == text_param("id_"))
        self.case = PreparedStatement(select(c.body, c.state).where(*this), dialect)
        self.events = PreparedStatement(
            select(e.body, e.recorded)
            .where(e.tenant == tenant_param(), e.case == text_param("id_"))
            .order_by(e.number),
            dialect,
        )
        self.change_case = PreparedStatement(
            update(t.cases)
            .where(*this, c.state == text_param("before"))
            .values({key: bindparam(key) for key in CASE_COLUMNS} | renumbered(t.cases, dialect)),
            dialect,
        )
        theirs = (c.tenant == tenant_param(), c.customer == text_param("customer"))
        cases = select(c.id, c.body).where(*theirs).order_by(c.opened, c.id)
        self.cases = PreparedStatement(cases, dialect)
        self.open_cases = PreparedStatement(cases.where(c.closed.is_(None)), dialect)
        self.events_of = PreparedStatement(
            select(e.case, e.body, e.recorded)
            # Joined to the cases, SQLite would go through the events of all customers.
            .where(e.tenant == tenant_param(), e.case.in_(select(c.id).where(*theirs)))
            .order_by(e.case, e.number),
            dialect,
        )
        self._ask_pages(t, dialect)
        self.due_cases = PreparedStatement(_due_ids(c), dialect)

    def _ask_pages(self, t: Tables, dialect: Dialect) -> None:
        c, e = t.cases.c, t.events.c
        theirs = (c.tenant == tenant_param(), c.customer == text_param("customer"))
        self.page_of_cases = PreparedStatement(
            select(c.id, c.body, c.opened)
            .where(*theirs, _after_place(c), c.opened >= int_param("opened"))
            .order_by(c.opened, c.id)
            .limit(int_param("most")),
            dialect,
        )
        self.page_of_events = PreparedStatement(
            select(e.case, e.body, e.recorded)
            .join(t.cases, (c.tenant == e.tenant) & (c.id == e.case))
            .where(*theirs, _after_place(c), _up_to_place(c))
            .where(c.opened >= int_param("opened"), c.opened <= int_param("last_opened"))
            # In the order of the cases, or SQLite goes through the events of all customers.
            .order_by(c.opened, c.id, e.number),
            dialect,
        )
        self.listed = lru_cache(maxsize=64)(
            lambda given: PreparedStatement(_listed(t, given), dialect)
        )

    def _ask_work_items(self, t: Tables, dialect: Dialect) -> None:
        o = t.work_items.c
        columns = (o.id, o.body, o.state, o.rank, o.due, o.opened, o.since, o.next_due_at)
        this = (o.tenant == tenant_param(), o.id == text_param("id_"))
        self.item = PreparedStatement(select(*columns).where(*this), dialect)
        given: dict[str, Any] = {key: bindparam(key) for key in _WORK_ITEM_COLUMNS}
        self.change_work_items = bulk_update_statement(t.work_items, _WORK_ITEM_COLUMNS, dialect)
        self.change_work_item = PreparedStatement(
            update(t.work_items)
            .where(*this, o.state == text_param("before"))
            .values(given | renumbered(t.work_items, dialect)),
            dialect,
        )
        queued = (o.tenant == tenant_param(), o.queued)
        of_group = (
            select(*columns)
            .where(*queued, o.expert_group == text_param("group"))
            .with_for_update(skip_locked=True)
        )
        ranks = of_group.where(o.rank >= int_param("least"))
        undated = of_group.where(o.rank == int_param("least"), o.due == MAX_BIGINT)
        claims = {
            ClaimOrder.DEADLINE: ranks.order_by(o.rank, o.due, o.opened, o.id),
            ClaimOrder.OPENING: ranks.order_by(o.rank, o.opened, o.id),
            ClaimOrder.WHOLE: of_group,
            None: undated.order_by(o.opened, o.id),
        }
        # The number is part of the text: with a parameter PostgreSQL may plan for the whole queue.
        self.claim = lru_cache(maxsize=64)(
            lambda by, most: PreparedStatement(
                claims[by].limit(None if most is None else literal_column(str(int(most)))), dialect
            )
        )
        groups = select(o.expert_group).where(*queued)
        self.groups = PreparedStatement(groups.distinct().order_by(o.expert_group), dialect)
        queue = select(func.count(), func.min(o.since)).where(*queued)
        one = o.expert_group == text_param("group")
        self.queue = PreparedStatement(queue.where(one), dialect)
        self.due_work_items = PreparedStatement(_due_ids(o), dialect)

    def _ask_group_leases(self, t: Tables, dialect: Dialect) -> None:
        s = t.group_leases.c
        every = select(s.expert_group, s.owner, s.term, s.until).where(s.tenant == tenant_param())
        this = (
            s.tenant == tenant_param(),
            s.expert_group == text_param("group"),
            s.term == int_param("before"),
        )
        one = every.where(s.expert_group == text_param("group"))
        # Do not wait for a worker that is deciding for the group right now.
        self.group_lease = PreparedStatement(one.with_for_update(skip_locked=True), dialect)
        self.held = PreparedStatement(one.with_for_update(read=True), dialect)
        self.group_leases = PreparedStatement(every.order_by(s.expert_group), dialect)
        self.take = PreparedStatement(
            update(t.group_leases)
            .where(*this)
            .values({key: bindparam(key) for key in ("owner", "term", "until")}),
            dialect,
        )
        self.release = PreparedStatement(
            update(t.group_leases)
            .where(*this, s.owner == text_param("before_owner"))
            .values(owner=null()),
            dialect,
        )


def _listed(t: Tables, given: AbstractSet[str]) -> Select[Any]:
    """Return the statement for a page of cases that are filtered by what is given."""
    c, w = t.cases.c, t.work_items.c
    columns = {"customer": c.customer, "agent": w.agent, "group": w.expert_group}
    columns["severity"] = c.severity
    wanted = [column == text_param(name) for name, column in columns.items() if name in given]
    statuses = sorted(each for each in given if each.startswith("status_"))
    if statuses:
        wanted.append(c.status.in_([text_param(each) for each in statuses]))
    if "due_before" in given:
        wanted.append(c.due < int_param("due_before"))
    places = (c.opened, c.id, c.customer, c.status, c.severity, c.due, c.closed, c.state)
    return (
        select(*places, w.expert_group, w.agent)
        .join(t.work_items, (w.tenant == c.tenant) & (w.id == c.id), isouter=True)
        .where(c.tenant == tenant_param(), *wanted)
        .where(_after_place(c), c.opened >= int_param("opened"))
        .order_by(c.opened, c.id)
        .limit(int_param("most"))
    )


def _after_place(c: Any) -> ColumnElement[bool]:
    opened, after = int_param("opened"), text_param("after")
    return or_(c.opened > opened, and_(c.opened == opened, c.id > after))


def _up_to_place(c: Any) -> ColumnElement[bool]:
    opened, last = int_param("last_opened"), text_param("last")
    return or_(c.opened < opened, and_(c.opened == opened, c.id <= last))


def _due_ids(c: Any) -> Select[Any]:
    return (
        select(c.id)
        .where(c.tenant == tenant_param(), c.next_due_at <= int_param("at"))
        .order_by(c.next_due_at, c.id)
        .limit(int_param("most"))
        .offset(int_param("skip"))
    )
