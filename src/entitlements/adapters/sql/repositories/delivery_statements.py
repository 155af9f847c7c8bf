"""Statements about deliveries: claims of messages in the outbox, or of those for an endpoint."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, final

from sqlalchemy import Dialect, Table, bindparam, literal_column, null, select, update

from entitlements.adapters.sql.rows.mapping import MAX_BIGINT
from entitlements.adapters.sql.session.prepared import (
    PreparedStatement,
    int_param,
    tenant_param,
    text_param,
)

PAGE: Final = 500
"""Rows that are read, or claimed, at once."""


@final
class DeliveryStatements:
    """Statements about the deliveries in one table.

    Args:
        t: The outbox, or the deliveries of endpoints.
        dialect: Dialect of the database.
    """

    def __init__(self, t: Table, dialect: Dialect) -> None:
        c = t.c
        own: tuple[Any, ...] = (c.tenant == tenant_param(),)
        if "endpoint" in c:
            own = (*own, c.endpoint == text_param("endpoint_"))
        self._ask_claims(t, own, dialect)
        self._ask_outcomes(t, own, dialect)

    def _ask_claims(self, t: Table, own: tuple[Any, ...], dialect: Dialect) -> None:
        c = t.c
        self.waiting = PreparedStatement(
            select(c.number, c.case, c.ready_at)
            .where(*own, c.number > int_param("after"), c.ready_at < MAX_BIGINT)
            .order_by(c.number)
            # It is part of the text: with a parameter PostgreSQL may plan for the whole table.
            .limit(literal_column(str(PAGE))),
            dialect,
        )
        claim: Any = update(t).values(ready_at=int_param("until"), fence=c.fence + 1)
        self.claim = lru_cache(maxsize=PAGE)(
            lambda most: PreparedStatement(
                claim.where(
                    *own, c.number.in_([int_param(f"n{each}") for each in range(most)])
                ).returning(*_columns(t)),
                dialect,
            )
        )

    def _ask_outcomes(self, t: Table, own: tuple[Any, ...], dialect: Dialect) -> None:
        c = t.c
        this = (*own, c.number == int_param("number_"), c.fence == int_param("fence_"))
        self.finish = PreparedStatement(t.delete().where(*this), dialect)
        self.put_back = PreparedStatement(
            update(t)
            .where(*this)
            .values({name: bindparam(name) for name in ("ready_at", "attempts", "error")}),
            dialect,
        )
        dead = (*own, c.ready_at == MAX_BIGINT)
        page: Any = select(*_columns(t)).where(*dead, c.number > int_param("after"))
        self.dead_letters = PreparedStatement(
            page.order_by(c.number).limit(int_param("most")), dialect
        )
        self.requeue = PreparedStatement(
            update(t)
            .where(*dead, c.number == int_param("number_"))
            .values(ready_at=0, attempts=0, error=null()),
            dialect,
        )


def _columns(t: Table) -> tuple[Any, ...]:
    names = ("number", "topic", "at", "body", "case", "fence", "attempts", "error")
    return tuple(t.c[name] for name in names)
