"""The FastAPI service: a ticket and its decision share one transaction, also of 200 at once."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import text
from sqlalchemy.engine import make_url
from tests.databases import drop_database, new_database
from tests.effort import tries
from tests.house.house import ROOT

from entitlements.adapters.sql import SqlStore
from entitlements.engine import Assessment, Explanation
from entitlements.interchange import schema_of
from entitlements.service import ChainIntact, Desk
from entitlements.testing.conformance import read_corpus
from entitlements.testing.conformance.check import compare_replies

Story = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture(scope="module")
def service() -> ModuleType:
    place = ROOT / "examples" / "fastapi_service" / "service.py"
    spec = importlib.util.spec_from_file_location("example_service", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys  # noqa: PLC0415 - where pydantic looks for names of the module

    sys.modules["example_service"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    made = new_database(postgres_server)
    yield made
    drop_database(postgres_server, made)


def told(service: ModuleType, url: str, story: Story) -> None:
    """Tell a story to the service."""
    address = make_url(url).set(drivername="postgresql+asyncpg")

    async def run() -> None:
        app = service.application(address.render_as_string(hide_password=False))
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=transport, base_url="http://service", timeout=120
            ) as client,
        ):
            await story(client)

    asyncio.run(run())


def ticket(number: int, customer: str = "acme", **changes: str) -> dict[str, str]:
    return {
        "id": f"T-{number}", "customer": customer, "contact": "dana", "product": "db",
        "severity": "S1",
    } | changes  # fmt: skip


def stored(url: str) -> tuple[int, int, int]:
    """Return the numbers of tickets, decisions and cases, after the record was checked."""
    with SqlStore.open(url) as store:
        with store.engine.connect() as connection:
            tickets = connection.execute(text("SELECT count(*) FROM tickets")).scalar()
        with store.begin("service") as work:
            cases = sum(len(work.cases.of(name)) for name in work.accounts.customers())
        desk = Desk(store, "service")
        replayed = [each.same for each in desk.replay_all()]
        assert all(replayed)
        assert isinstance(desk.verify(), ChainIntact)
    return tickets or 0, len(replayed), cases


def test_a_ticket_is_assessed_once(service: ModuleType, url: str) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        first, second = [await client.post("/assess", json=ticket(1)) for _ in range(2)]
        assert first.status_code == second.status_code == 200
        assert first.json()["result"] == second.json()["result"] == "granted"
        assert [first.json()["repeated"], second.json()["repeated"]] == [False, True]
        assert list(first.json()["due"]) == ["first_response"]
        denied = await client.post("/assess", json=ticket(2, "nobody"))
        assert denied.json() == {"result": "denied", "repeated": False, "due": {}}

    told(service, url, story)
    assert stored(url) == (2, 2, 1)


def test_a_ticket_is_explained_and_both_answers_are_documented(
    service: ModuleType, url: str
) -> None:
    page = (ROOT / "examples" / "fastapi_service" / "README.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"-d '(.+)'", page)

    async def story(client: httpx.AsyncClient) -> None:
        assert (await client.post("/assess", json=json.loads(body))).json()["result"] == "granted"
        answer = (await client.get("/tickets/T-1/answer")).json()
        asked = {"zone": "Europe/Berlin", "language": "de"}
        read = (await client.get("/tickets/T-1/explanation", params=asked)).json()
        assert Assessment.from_dict(answer).request.id == "T-1"
        assert Explanation.from_dict(read).audience == "customer"
        description = (await client.get("/openapi.json")).json()
        paths = description["paths"]
        assert description["components"]["schemas"]["request"] == schema_of("request")
        assert "entitlements.case.granted" in description["webhooks"]
        for name, data in (("answer", answer), ("explanation", read)):
            described = paths[f"/tickets/{{ticket}}/{name}"]["get"]["responses"]["200"]
            schema = described["content"]["application/json"]["schema"]
            assert schema == schema_of(name)
            Draft202012Validator(schema).validate(data)
        assert (await client.get("/tickets/T-9/answer")).status_code == 404

    told(service, url, story)


def test_the_conformance_corpus_is_answered_as_by_the_engine_and_leaves_no_trace(
    service: ModuleType, url: str
) -> None:
    every = read_corpus()
    loaded = next(each for each in every if each.name.endswith("of agents with work"))
    groups = [loaded, *every[:: max(1, len(every) // tries(8, deep=1_000))]]
    replies: list[Any] = []

    async def story(client: httpx.AsyncClient) -> None:
        sent = [await client.post("/conformance", json=each.questions) for each in groups]
        replies.extend(each.json() for each in sent)

    told(service, url, story)
    results = compare_replies(groups, replies)
    assert [each.explain() for each in results if not each.holds or each.skipped] == []
    assert stored(url) == (0, 0, 0)


def test_a_call_that_fails_stores_no_ticket(service: ModuleType, url: str) -> None:
    async def story(client: httpx.AsyncClient) -> None:
        await client.post("/assess", json=ticket(1))
        other = await client.post("/assess", json=ticket(1, severity="S2"))
        assert (other.status_code, other.json()["code"]) == (409, "conflict")
        empty = await client.post("/assess", json=ticket(2) | {"id": ""})
        assert (empty.status_code, empty.json()["code"]) == (422, "invalid_value")
        nonsense = await client.post("/assess", json={"id": 7})
        assert nonsense.status_code == 422

    told(service, url, story)
    assert stored(url) == (1, 1, 1)


@pytest.mark.parametrize("calls", [20, pytest.param(200, marks=pytest.mark.load)])
def test_calls_at_once_share_ten_connections_and_fifty_units(
    service: ModuleType, url: str, calls: int
) -> None:
    """Half of the calls are of a customer with fifty units; every tenth is sent twice."""

    async def story(client: httpx.AsyncClient) -> None:
        tickets = [ticket(n, "beta" if n % 2 else "acme") for n in range(calls)]
        sent = [*tickets, *tickets[::10]]
        answers = await asyncio.gather(*(client.post("/assess", json=each) for each in sent))
        assert {each.text for each in answers if each.status_code != 200} == set()
        by_customer = Counter(
            (each["customer"], answer.json()["result"])
            for each, answer in zip(sent, answers, strict=True)
            if not answer.json()["repeated"]
        )
        assert by_customer["acme", "granted"] == calls // 2
        assert by_customer["beta", "granted"] == min(calls // 2, 50)
        assert by_customer["beta", "denied"] == calls // 2 - min(calls // 2, 50)

    told(service, url, story)
    assert stored(url) == (calls, calls, calls // 2 + min(calls // 2, 50))
