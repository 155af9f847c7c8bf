"""A worker that is stopped in the middle of a batch neither does harm nor blocks others."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from json import loads

import pytest
from tests.databases import drop_database, new_database, with_tables
from tests.service.deals import PEOPLE
from tests.service.desks import TENANT, admitted, desk, messages, request, settle
from tests.service.pauses import GROUP, LEASE, POINTS, Decider, Ended, opened, tenant_context

from entitlements.adapters.sql import SqlStore
from entitlements.kernel.errors import EntitlementsError
from entitlements.service import AcceptOffer, Worker, WorkerRound
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

pytestmark = pytest.mark.load

WORKS = 12
PATIENCE = 0.3
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def waiting_work(postgres_server: str) -> Iterator[str]:
    """A database with waiting work, to copy."""
    made = new_database(postgres_server)
    store = with_tables(made)
    settle(store, PEOPLE)
    for number in range(WORKS):
        admitted(desk(store), request(f"R-{number}"))
    store.engine.dispose()
    yield made
    drop_database(postgres_server, made)


@pytest.fixture
def url(postgres_server: str, waiting_work: str) -> Iterator[str]:
    """A separate database with waiting work."""
    made = new_database(postgres_server, waiting_work)
    yield made
    drop_database(postgres_server, made)


@contextmanager
def at(url: str, skew: timedelta) -> Iterator[SqlStore]:
    """Open the database by a clock that is wrong by so much."""
    store = opened(url, skew, 20)
    try:
        yield store
    finally:
        store.engine.dispose()


def take_over(store: SqlStore) -> WorkerRound:
    """Let another worker run until everything is offered."""
    other, done = Worker(store, "other", lease=LEASE), WorkerRound()
    end = time.monotonic() + 20
    while done.offered < WORKS and time.monotonic() < end:
        done += other.round()
        time.sleep(0.02)
    return done


def check(store: SqlStore) -> None:
    """Let all agents accept their offers, twice, and check the data."""
    at_desk = desk(store)
    made = [loads(each.body) for each in messages(at_desk) if each.topic == "offer.made"]
    assert Counter(each["case"] for each in made) == {f"R-{n}": 1 for n in range(WORKS)}
    for turn in range(2):
        for each in made:
            case, agent, fence = each["case"], each["agent"], each["fence"]
            command = AcceptOffer(id=f"{turn} {case}", case=case, agent=agent, fence=fence)
            with suppress(EntitlementsError):
                at_desk.execute(command)
    sent = messages(at_desk)
    assert sum(each.topic == "offer.accepted" for each in sent) == WORKS
    accepted_at_most_once(sent)
    all_or_nothing(store, TENANT)


@pytest.mark.parametrize("skew", [-40, 0, 40])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_is_stopped_beyond_its_lease_is_fenced_out_wherever_it_stopped(
    point: str, skew: int, url: str
) -> None:
    # If its clock is fast, its lease seems to last, so the clocks of the others are faster still.
    others = timedelta() if skew <= 0 else 2 * skew * SECOND
    # Only the transactions of the stopped worker are rolled back soon; others may be slow.
    with Decider(url, point, skew * SECOND, PATIENCE) as sleeper, at(url, others) as store:
        assert take_over(store).offered == WORKS
        expected = "ConflictError" if point == POINTS[0] else "StorageError"
        assert sleeper.resume() == Ended(error=expected)
        check(store)


def test_a_worker_that_is_stopped_briefly_keeps_what_it_claimed_and_does_not_block_others(
    url: str,
) -> None:
    with Decider(url, "after it claimed", timedelta(), 20) as dozer:
        with at(url, 20 * SECOND) as store:  # by whose clock the lease has ended
            other, began = Worker(store, "other", lease=LEASE), time.monotonic()
            assert other.take(tenant_context(store), GROUP) is None
            assert other.round().offered == 0
            assert time.monotonic() - began < 10
            assert dozer.resume() == Ended(offered=WORKS)
            assert other.round().offered == 0
        with at(url, timedelta()) as store:
            check(store)
