"""A service that stores its own rows and the desk's decisions in one transaction.

Start it with `./start`; it needs PostgreSQL, whose address is in `DATABASE_URL`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from entitlements import Request
from entitlements.adapters.sql import SqlStore, configure_engine, migrate
from entitlements.documents import read_facts
from entitlements.interchange import openapi, schema_of
from entitlements.kernel import EntitlementsError, InvalidValueError
from entitlements.kernel.errors import BusyError, StaleReadError, StorageError, UnknownIdError
from entitlements.loading import apply
from entitlements.loading.rosters import without_work
from entitlements.service import AdmitRequest, Desk
from entitlements.testing.conformance import ask_desk
from entitlements.testing.conformance.answers import Question, answer_each, facts_in

FACTS = Path(__file__).with_name("support.yaml")
TENANT = "service"
TRIES = 5
STATUSES = {InvalidValueError: 422, UnknownIdError: 404, BusyError: 503, StorageError: 503}
"""Which error is which status; any other is 409, a conflict with what is stored."""


class Ticket(BaseModel):
    """What a caller asks for."""

    id: str
    customer: str
    contact: str
    product: str
    severity: str
    channel: str = "web"


def set_up(connection: Connection, store: SqlStore) -> None:
    """Make the tables and load the facts, in the transaction of the connection."""
    migrate(connection)
    connection.execute(text("CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY)"))
    apply(store.on(connection), read_facts(FACTS), tenant=TENANT)  # nothing, if they are loaded


def assess(connection: Connection, desk: Desk, ticket: Ticket) -> dict[str, Any]:
    """Store the ticket and decide about it, in the transaction of the connection."""
    insert = text("INSERT INTO tickets VALUES (:id) ON CONFLICT DO NOTHING")
    connection.execute(insert, {"id": ticket.id})
    command = AdmitRequest(id=f"assess {ticket.id}", request=Request(**ticket.model_dump()))
    at_desk = desk.on(connection)
    reply = at_desk.execute(command)
    answer = {"result": reply.result.value, "repeated": reply.repeated, "due": {}}
    if reply.accepted:
        readings = at_desk.clocks(reply.case)
        answer["due"] = {each.name: each.due for each in readings if each.due is not None}
    return answer


def answer_of(connection: Connection, desk: Desk, ticket: str) -> dict[str, Any]:
    """Return the answer about a ticket, decided again from its facts."""
    return desk.on(connection).explain(ticket).to_dict()


def explanation_of(
    connection: Connection, desk: Desk, ticket: str, zone: str, language: str
) -> dict[str, Any]:
    """Return what the customer reads about a ticket now."""
    at_desk = desk.on(connection)
    found = at_desk.explain_case(ticket, zone=zone, audience="customer", language=language)
    return found.to_dict()


def conformance(connection: Connection, store: SqlStore, questions: dict[str, Any]) -> Any:
    """Answer questions of the conformance corpus by a desk, and leave no trace."""
    savepoint, tenant = connection.begin_nested(), "conformance"
    try:
        facts = facts_in(questions)
        idle = attrs.evolve(facts, roster=without_work(facts.roster))
        apply(store.on(connection), idle, tenant=tenant)

        def answer(asked: Question) -> dict[str, Any]:
            inner = connection.begin_nested()
            try:  # the cases are not there afterwards
                desk = Desk(store, tenant).on(connection)
                return ask_desk(desk, asked, roster=facts.roster)
            finally:
                inner.rollback()

        return {"answers": answer_each(questions, answer)}
    finally:
        savepoint.rollback()


def documented(name: str) -> dict[int | str, dict[str, Any]]:
    """Return the schema of an answer for the OpenAPI description of the service."""
    return {200: {"content": {"application/json": {"schema": schema_of(name)}}}}


def application(url: str) -> FastAPI:
    """Return the application over a database of PostgreSQL; `url` names the driver `asyncpg`."""
    engine: AsyncEngine = create_async_engine(url, pool_size=10, max_overflow=0, pool_timeout=60)
    configure_engine(engine.sync_engine)
    store = SqlStore(engine.sync_engine)
    desk = Desk(store, TENANT)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(set_up, store)
        yield
        await engine.dispose()

    app = FastAPI(title="Entitlements", lifespan=lifespan)

    @app.exception_handler(EntitlementsError)
    async def refused(_: Any, error: EntitlementsError) -> JSONResponse:
        found = (status for kind, status in STATUSES.items() if isinstance(error, kind))
        status = next(found, 409)
        return JSONResponse({"code": error.code, "detail": str(error)}, status)

    @app.get("/tickets/{ticket}/answer", responses=documented("answer"))
    async def get_answer(ticket: str) -> JSONResponse:
        async with engine.begin() as connection:
            return JSONResponse(await connection.run_sync(answer_of, desk, ticket))

    @app.get("/tickets/{ticket}/explanation", responses=documented("explanation"))
    async def get_explanation(ticket: str, zone: str = "UTC", language: str = "en") -> JSONResponse:
        async with engine.begin() as connection:
            found = await connection.run_sync(explanation_of, desk, ticket, zone, language)
            return JSONResponse(found)

    @app.post("/conformance")
    async def post_conformance(questions: dict[str, Any]) -> JSONResponse:
        async with engine.begin() as connection:
            return JSONResponse(await connection.run_sync(conformance, store, questions))

    @app.post("/assess")
    async def post_assess(ticket: Ticket) -> dict[str, Any]:
        for _ in range(TRIES):
            try:
                async with engine.begin() as connection:
                    return await connection.run_sync(assess, desk, ticket)
            except (BusyError, StaleReadError):
                continue  # the whole transaction is run again, which only its owner can do
        raise HTTPException(503, "the database is busy", {"Retry-After": "1"})

    app.openapi = partial(described, app, app.openapi)  # type: ignore[method-assign]
    return app


def described(app: FastAPI, own: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the OpenAPI description with all schemas of the library, and its messages."""
    if app.openapi_schema is None:
        shared = openapi()
        found = {**own(), "webhooks": shared["webhooks"]}
        found["components"]["schemas"] |= shared["components"]["schemas"]
        app.openapi_schema = found
    return app.openapi_schema


def from_environment() -> FastAPI:
    """Return the application for `uvicorn --factory`."""
    return application(os.environ["DATABASE_URL"])
