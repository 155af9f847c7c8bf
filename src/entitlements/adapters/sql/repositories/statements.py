"""What is asked of the tables of facts and of work? Statements, made once for each store.

The tenant is part of every one of them; what else is put in has a name that ends in `_` where a
column bears the same one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, final

from sqlalchemy import (
    BigInteger,
    Dialect,
    Select,
    String,
    Update,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
    update,
)

from entitlements.adapters.sql.rows.mapping import NEVER
from entitlements.adapters.sql.session.bulk import rewriting
from entitlements.adapters.sql.session.prepared import Prepared, number, tenant, word
from entitlements.adapters.sql.tables import Tables

_OFFER_COLUMNS: Final = (
    "expert_group",
    "queued",
    "rank",
    "due",
    "since",
    "wake",
    "state",
    "body",
)


@final
class FactStatements:
    """Of catalogs, accounts and ledgers."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        a, d, e = tables.accounts.c, tables.editions.c, tables.entries.c
        self.edition = Prepared(
            select(d.recorded, d.body).where(d.tenant == tenant(), d.number == number("number")),
            dialect,
        )
        self.number = Prepared(
            select(func.max(d.number)).where(d.tenant == tenant(), d.recorded <= number("known")),
            dialect,
        )
        self.account = Prepared(_whole_account(tables), dialect)
        self.lock = Prepared(
            select(a.version)
            .where(a.tenant == tenant(), a.customer == word("customer"))
            .with_for_update(),
            dialect,
        )
        self.entries = Prepared(
            select(e.number, e.body)
            .where(e.tenant == tenant(), e.customer == word("customer"), e.number > number("after"))
            .order_by(e.number),
            dialect,
        )
        self._list(tables, dialect)
        self._write(tables, dialect)

    def _list(self, t: Tables, dialect: Dialect) -> None:
        a, f = t.accounts.c, t.facts.c
        every = (
            select(a.customer)
            .where(a.tenant == tenant(), a.customer > word("after"))
            .order_by(a.customer)
            .limit(number("most"))
        )
        valid = select(f.customer).where(
            f.tenant == tenant(),
            f.kind == "contract",
            f.known_to == NEVER,
            f.valid_from <= number("valid"),
            f.valid_to > number("valid"),
        )
        self.customers = Prepared(every, dialect)
        self.customers_then = Prepared(every.where(a.customer.in_(valid)), dialect)

    def _write(self, t: Tables, dialect: Dialect) -> None:
        f, c = t.facts.c, t.counted.c
        self.superseded = Prepared(
            update(t.facts)
            .where(
                f.tenant == tenant(),
                f.customer == word("customer_"),
                f.kind == word("kind_"),
                f.id == word("id_"),
                f.known_from <= number("known"),
                f.known_to > number("known"),
            )
            .values(known_to=number("known")),
            dialect,
        )
        self.drop_asset = Prepared(
            t.facts.delete().where(
                f.tenant == tenant(),
                f.customer == word("customer"),
                f.kind == "asset",
                f.id == word("id_"),
            ),
            dialect,
        )
        self.drop_counted = Prepared(
            t.counted.delete().where(
                c.tenant == tenant(), c.customer == word("customer"), c.id == word("id_")
            ),
            dialect,
        )
        self.bumps = {
            (seen, head): Prepared(_bump(t, seen=seen, head=head), dialect)
            for seen in (False, True)
            for head in (False, True)
        }


def _whole_account(t: Tables) -> Any:
    """Return one statement for everything of a customer that is newer than what is known."""
    customer, since = word("customer"), number("since")
    a, f, e, c = t.accounts.c, t.facts.c, t.entries.c, t.counted.c
    none, nothing = cast(null(), BigInteger), cast(null(), String)

    def part(count: int) -> Any:
        return literal_column(str(count)).label("part")

    return union_all(
        select(part(0), a.version, a.head, none, nothing, nothing, a.unknown).where(
            a.tenant == tenant(), a.customer == customer
        ),
        select(part(1), f.position, none, none, f.kind, f.id, f.body).where(
            f.tenant == tenant(), f.customer == customer, f.position > since
        ),
        select(part(2), e.number, none, none, nothing, nothing, e.body).where(
            e.tenant == tenant(), e.customer == customer, e.number > number("head")
        ),
        select(part(3), c.position, none, none, nothing, c.id, c.body).where(
            c.tenant == tenant(), c.customer == customer, c.position > since
        ),
    )


def _bump(t: Tables, *, seen: bool, head: bool) -> Update:
    """Return the statement that claims the next positions of a customer's records."""
    a = t.accounts.c
    statement = update(t.accounts).where(a.tenant == tenant(), a.customer == word("customer_"))
    if seen:
        statement = statement.where(a.version == number("seen"))
    if head:
        statement = statement.where(a.head == number("head_"))
    changed = statement.values(version=a.version + number("rows"), head=a.head + number("entries"))
    returned: Any = changed.returning(a.version)
    made: Update = returned
    return made


@final
class WorkStatements:
    """Of cases, offers and shards."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        self.tables = tables
        self._ask_cases(tables, dialect)
        self._ask_offers(tables, dialect)
        self._ask_shards(tables, dialect)

    def _ask_cases(self, t: Tables, dialect: Dialect) -> None:
        c, e = t.cases.c, t.events.c
        this = (c.tenant == tenant(), c.id == word("id_"))
        self.case = Prepared(select(c.body, c.state).where(*this), dialect)
        self.events = Prepared(
            select(e.body).where(e.tenant == tenant(), e.case == word("id_")).order_by(e.number),
            dialect,
        )
        self.change_case = Prepared(
            update(t.cases)
            .where(*this, c.state == word("before"))
            .values({key: bindparam(key) for key in ("closed", "wake", "state", "body")}),
            dialect,
        )
        theirs = (c.tenant == tenant(), c.customer == word("customer"))
        cases = select(c.id, c.body).where(*theirs).order_by(c.opened, c.id)
        self.cases = Prepared(cases, dialect)
        self.open_cases = Prepared(cases.where(c.closed.is_(None)), dialect)
        self.events_of = Prepared(
            select(e.case, e.body)
            .join(t.cases, (c.tenant == e.tenant) & (c.id == e.case))
            .where(*theirs)
            .order_by(e.case, e.number),
            dialect,
        )
        self.waking_cases = Prepared(_waking(c), dialect)

    def _ask_offers(self, t: Tables, dialect: Dialect) -> None:
        o = t.offers.c
        this = (o.tenant == tenant(), o.id == word("id_"))
        self.placement = Prepared(select(o.body, o.state).where(*this), dialect)
        self.change_offers = rewriting(t.offers, _OFFER_COLUMNS, dialect)
        self.change_offer = Prepared(
            update(t.offers)
            .where(*this, o.state == word("before"))
            .values({key: bindparam(key) for key in _OFFER_COLUMNS}),
            dialect,
        )
        queued = (o.tenant == tenant(), o.queued)
        claim = (
            select(o.id, o.body, o.state)
            .where(*queued, o.expert_group == word("group"))
            .order_by(o.rank, o.due, o.since, o.id)
            .with_for_update(skip_locked=True)
        )
        # The number stands in the text: were it bound, PostgreSQL might plan for the whole queue.
        self.claim = lru_cache(maxsize=64)(
            lambda most: Prepared(claim.limit(literal_column(str(int(most)))), dialect)
        )
        groups = select(o.expert_group).where(*queued)
        self.groups = Prepared(groups.distinct().order_by(o.expert_group), dialect)
        self.waking_offers = Prepared(_waking(o), dialect)

    def _ask_shards(self, t: Tables, dialect: Dialect) -> None:
        s = t.shards.c
        every = select(s.expert_group, s.owner, s.term, s.until).where(s.tenant == tenant())
        this = (s.tenant == tenant(), s.expert_group == word("group"), s.term == number("before"))
        one = every.where(s.expert_group == word("group"))
        # Whoever decides for the group at this very moment is not waited for.
        self.shard = Prepared(one.with_for_update(skip_locked=True), dialect)
        self.held = Prepared(one.with_for_update(read=True), dialect)
        self.shards = Prepared(every.order_by(s.expert_group), dialect)
        self.take = Prepared(
            update(t.shards)
            .where(*this)
            .values({key: bindparam(key) for key in ("owner", "term", "until")}),
            dialect,
        )
        self.release = Prepared(
            update(t.shards).where(*this, s.owner == word("before_owner")).values(owner=null()),
            dialect,
        )


def _waking(c: Any) -> Select[Any]:
    return (
        select(c.id)
        .where(c.tenant == tenant(), c.wake <= number("at"))
        .order_by(c.wake, c.id)
        .limit(number("most"))
        .offset(number("skip"))
    )
