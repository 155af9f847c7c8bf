"""Each notice that follows from the facts of a store is recorded and sent once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import attrs
import pytest
from sqlalchemy import update
from tests.databases import drop_database, make_store, new_database, with_tables
from tests.effort import PROFILE
from tests.service.crashes import Files, Scene, Tenants, child, closed
from tests.service.desks import CATALOG, MONDAY, PLANS, POLICY, TENANT, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import Notice, NoticeClause, NoticePeriod
from entitlements.kernel import InvalidValueError, utc
from entitlements.outcomes import (
    NoticeSweep,
    notice_publisher,
    notice_register,
    sweep_notices,
)
from entitlements.ports import Store
from entitlements.service import AcknowledgeNotice, AdmitRequest, Desk, RelayPolicy, relay

__all__ = ["make_store"]

# The contracts of all customers end with the year; with 30 days, notice is in time on 1 December.
EXPIRY = NoticeClause(kind="expiry", clause="7", period=NoticePeriod(days=30))
FIRST = utc("2026-11-01T09:00Z")
DAY = timedelta(days=1)
EVERYONE = sorted(each.id for each in PLANS)


def add_clauses(store: Store, *clauses: NoticeClause, tenant: str = TENANT) -> None:
    with store.begin(tenant) as work:
        at = utc("2026-01-03T00:00Z")
        work.catalog.save(CATALOG, [POLICY], at, notice_clauses=clauses)
        work.commit()


def settled(store: Store, *clauses: NoticeClause) -> Desk:
    settle(store)
    if clauses:
        add_clauses(store, *clauses)
    return Desk(store, TENANT)


def sent_messages(desk: Desk) -> list[str]:
    """Return the ids of the notices in the outbox."""
    pending = desk.context.query(lambda work: work.outbox.pending(10_000))
    return [json.loads(each.body)["id"] for each in pending if each.topic == "notice.sent"]


def test_a_sweep_sends_what_is_due_and_nothing_twice(make_store: Callable[[], Store]) -> None:
    desk = settled(make_store(), EXPIRY)
    assert sweep_notices(desk, FIRST - DAY) == NoticeSweep()
    done = sweep_notices(desk, FIRST)
    assert [each.customer for each in done.sent] == EVERYONE
    assert {(each.send_by, each.clause) for each in done.sent} == {(date(2026, 12, 1), "7")}
    for later in (timedelta(), DAY, 80 * DAY):
        assert sweep_notices(desk, FIRST + later) == NoticeSweep()
    assert sent_messages(desk) == [each.id for each in done.sent]
    confirmed = done.sent[0]
    desk.execute(AcknowledgeNotice(id="k-1", notice=confirmed.id), FIRST + DAY)
    register = notice_register(desk)
    assert [*register.entries] == [each.id for each in done.sent]
    assert register.entries[confirmed.id].acknowledged == FIRST + DAY
    (before,) = notice_register(desk, confirmed.customer, known_at=FIRST)
    assert (before.sent, before.acknowledged, before.is_in_time) == (FIRST, None, True)
    assert all(each.same for each in desk.replay_all())


def test_a_low_balance_is_notified_as_soon_as_little_is_left() -> None:
    few = NoticeClause(kind="low_balance", unit="incidents", below=3)  # type: ignore[arg-type]
    desk = settled(MemoryStore(), attrs.evolve(few, plans=["opening"]))
    assert sweep_notices(desk, MONDAY) == NoticeSweep()  # three are left
    desk.execute(AdmitRequest(id="k-1", request=request(customer="opening")), MONDAY)
    (notice,) = sweep_notices(desk, MONDAY).sent
    assert (notice.customer, notice.because) == (
        "opening",
        ("2 incidents are left, fewer than 3",),
    )
    assert sweep_notices(desk, MONDAY + DAY) == NoticeSweep()


def test_without_clauses_nothing_is_notified() -> None:
    assert sweep_notices(settled(MemoryStore()), FIRST) == NoticeSweep()
    assert sweep_notices(Desk(MemoryStore(), TENANT)) == NoticeSweep()
    with pytest.raises(InvalidValueError, match="is negative"):
        sweep_notices(settled(MemoryStore(), EXPIRY), FIRST, ahead=-DAY)


@pytest.mark.parametrize("make_store", ["sqlite", "postgres"], indirect=True)
def test_sweeps_at_once_send_each_notice_once(make_store: Callable[[], Store]) -> None:
    store = make_store()
    desk = settled(store, EXPIRY)
    with ThreadPoolExecutor(3) as pool:
        done = [*pool.map(lambda _: sweep_notices(Desk(store, TENANT), FIRST), range(3))]
    assert sorted(each.customer for one in done for each in one.sent) == EVERYONE
    assert len(sent_messages(desk)) == len(EVERYONE)


def test_facts_that_cannot_be_read_stop_no_other_customer() -> None:
    store = with_tables("sqlite://")
    settled(store, EXPIRY)
    with store.engine.begin() as connection:
        facts = store.tables.facts
        connection.execute(update(facts).where(facts.c.customer == "flat").values(body="{}"))
    done = sweep_notices(Desk(store, TENANT), FIRST)
    assert [*done.broken] == ["flat"]
    assert [each.customer for each in done.sent] == [each for each in EVERYONE if each != "flat"]


class Letters:
    """Letters that were posted; the process ends after the third, before it is noted."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    def send(self, notice: Notice) -> None:
        self.posted.append(notice.id)
        if len(self.posted) == 3:
            raise KeyboardInterrupt


def test_a_notice_is_delivered_again_with_its_id_after_a_crash() -> None:
    now = [FIRST]
    store = MemoryStore(lambda: now[0])
    sent = [each.id for each in sweep_notices(settled(store, EXPIRY)).sent]
    letters, others = Letters(), list[str]()
    publish = notice_publisher(letters, lambda event: others.append(event.type))
    policy = RelayPolicy()
    with pytest.raises(KeyboardInterrupt):
        relay(store, TENANT, publish, policy=policy)
    assert letters.posted == sent[:3]
    now[0] += policy.lease
    with store.begin(TENANT) as work:
        work.outbox.put_all([("case.granted", "{}", "")], FIRST)
        work.commit()
    assert len(relay(store, TENANT, publish, policy=policy).delivered) == len(sent) + 1
    assert letters.posted == [*sent[:3], *sent]
    assert others == ["entitlements.case.granted"]
    with pytest.raises(InvalidValueError, match="sends no notices"):
        notice_publisher("post", others.append)  # type: ignore[arg-type]


def with_clauses(desk: Desk) -> list[str]:
    clause = attrs.evolve(EXPIRY, plans=["flat", "single"])
    add_clauses(desk.context.store, clause, tenant=desk.tenant)
    return []


SWEEP = Scene("notices", with_clauses, lambda desk: sweep_notices(desk, FIRST))


@pytest.mark.load
@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_a_sweep_killed_at_any_statement_is_finished_by_the_next(
    on: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    step, killed = (4 if PROFILE == "dev" else 2), 0
    server = request.getfixturevalue("postgres_server") if on == "postgres" else ""
    url = new_database(server) if server else ""
    where = Tenants(url) if url else Files(tmp_path)
    try:
        for kill_at in count(1, step):
            place = where.place(SWEEP)
            ended = child(place, SWEEP, kill_at, whole=True)
            desk = Desk(place.store, place.tenant)
            assert sent_messages(desk) == [*notice_register(desk).entries]
            SWEEP.act(desk)
            assert sent_messages(desk) == [*notice_register(desk).entries]
            assert [each.notice.customer for each in notice_register(desk)] == ["flat", "single"]
            closed(place.store)
            if not os.WIFSIGNALED(ended):
                break
            killed += 1
    finally:
        if server:
            drop_database(server, url)
    assert killed * step > 3 * len(EVERYONE)
