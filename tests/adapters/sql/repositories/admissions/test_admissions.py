"""Whole admissions: one statement that reads and one that writes, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from tests.service.desks import (
    CATALOG,
    MONDAY,
    POLICY,
    TENANT,
    admitted,
    desk,
    request,
    settle,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.repositories.admissions.process_memory import (
    LatestEditions,
    Throttle,
)
from entitlements.adapters.sql.session.channels import DriverChannel
from entitlements.contracts import Catalog
from entitlements.kernel.errors import DuplicateIdError, StaleReadError
from entitlements.ports import Observer
from entitlements.service import AdmitRequest, CancelCase, ChainIntact, Desk, OfferCase, Reply
from entitlements.testing.laws.desk import all_or_nothing, replays
from entitlements.testing.laws.ports import ADMISSION_LAWS, Law
from entitlements.testing.strategies.ports import admission

CUSTOMERS = ("flat", "opening", "single", "nobody", "minutes")


@pytest.mark.parametrize("law", ADMISSION_LAWS, ids=lambda law: law.__name__)
def test_admissions_keep_the_laws(law: Law, make_sql: Callable[[], SqlStore]) -> None:
    law(make_sql)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the statements of driver channels."""
    found: list[str] = []
    for name in ("fetch", "execute", "execute_each", "fetch_alone"):
        call: Any = getattr(DriverChannel, name)

        def noted(self: DriverChannel, sql: str, values: Any, call: Any = call) -> Any:
            found.append(sql.split(maxsplit=1)[0])
            return call(self, sql, values)

        monkeypatch.setattr(DriverChannel, name, noted)
    yield found
    monkeypatch.undo()


def test_an_admission_is_one_statement_that_reads_and_one_that_writes(
    settled_postgres: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = desk(settled_postgres)
    admitted(at_desk, request("R-0"))
    settled_postgres.memory.news = Throttle(3_600)
    settled_postgres.memory.news.passes()
    with counted(monkeypatch) as statements:
        for number, customer in enumerate(CUSTOMERS, start=1):
            asked = request(f"R-{number}", customer)
            at_desk.execute(AdmitRequest(id=f"k{number}", request=asked))
    assert statements == ["SELECT", "WITH"] * len(CUSTOMERS)
    assert isinstance(at_desk.verify(), ChainIntact)
    assert replays(settled_postgres, TENANT) == len(CUSTOMERS) + 1
    all_or_nothing(settled_postgres, TENANT)


def test_an_admission_is_one_statement_while_no_other_process_writes(
    settled_postgres: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk, known = desk(settled_postgres), ("flat", "opening", "single", "minutes")
    at_desk.do_all(batch(known), MONDAY)
    settled_postgres.memory.news = Throttle(3_600)
    settled_postgres.memory.news.passes()
    with counted(monkeypatch) as statements:
        for each in batch(known, 10):
            at_desk.execute(each, MONDAY)
    assert statements == ["WITH"] * len(known)
    with counted(monkeypatch) as statements:
        assert at_desk.execute(batch(["flat"], 10)[0], MONDAY).repeated
        at_desk.execute(batch(["flat"], 20)[0], MONDAY)
    # What was not as expected is read before the next decisions.
    assert statements[0] == "WITH"
    assert statements[-2:] == ["SELECT", "WITH"]
    assert replays(settled_postgres, TENANT) == 9
    all_or_nothing(settled_postgres, TENANT)


def test_what_another_process_has_changed_is_read_before_an_admission_is_decided(
    settled: SqlStore,
) -> None:
    """The allowance has three units; the other store shares no cache with this one."""
    at_desk, rival = desk(settled), desk(SqlStore(settled.engine, check=False))
    results = [at_desk.execute(each, MONDAY).result for each in batch(["opening"])]
    results += [rival.execute(each, MONDAY).result for each in batch(["opening"] * 2, 10)]
    settled.memory.latest.put(TENANT, 1)
    results += [at_desk.execute(each, MONDAY).result for each in batch(["opening"] * 2, 20)]
    assert results == ["granted"] * 3 + ["denied"] * 2
    for first, known in ((30, 2), (40, 1)):
        with rival.context.store.begin(TENANT) as work:
            work.catalog.save(Catalog(), [], MONDAY)
            work.commit()
        settled.memory.latest = LatestEditions()
        settled.memory.latest.put(TENANT, known)
        more = at_desk.do_all(batch(["flat", "flat"], first), MONDAY)
        assert [each.result for each in more] == ["denied"] * 2
    assert at_desk.execute(batch(["flat"], 30)[0], MONDAY).repeated
    assert replays(settled, TENANT) == 9
    all_or_nothing(settled, TENANT)


def test_an_error_about_what_is_no_longer_so_is_not_raised(settled: SqlStore) -> None:
    """The edition that is known was never committed, as if a host had rolled it back."""
    at_desk = desk(settled)
    admitted(at_desk, request("R-0", "flat"))
    settled.memory.latest.put(TENANT, 7)
    assert at_desk.execute(batch(["flat"], 1)[0], MONDAY).accepted


def knows(store: SqlStore) -> None:
    """Let a store take what it knows for the present state, as if nobody else had written."""
    store.memory.latest = LatestEditions()
    store.memory.latest.put(TENANT, 1)


def test_nothing_is_decided_from_an_edition_or_an_account_of_before(settled: SqlStore) -> None:
    at_desk, rival = desk(settled), desk(SqlStore(settled.engine, check=False))
    first, second = batch(["single"] * 2)
    assert at_desk.execute(first, MONDAY).accepted
    rival.execute(CancelCase(id="over", case=first.request.id), MONDAY)
    knows(settled)
    assert at_desk.execute(second, MONDAY).accepted  # was denied while the first one was open
    assert at_desk.execute(batch(["flat"], 10)[0], MONDAY).accepted
    rival.execute(batch(["flat"], 20)[0], MONDAY)
    knows(settled)
    both = at_desk.do_all(batch(["flat"] * 2, 30), MONDAY)
    assert [each.result for each in both] == ["granted"] * 2
    with rival.context.store.begin(TENANT) as work:
        work.catalog.save(Catalog(), [], MONDAY)
        work.commit()
    knows(settled)
    assert at_desk.execute(batch(["flat"], 40)[0], MONDAY).result == "denied"
    with rival.context.store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY], MONDAY)
        work.commit()
    settled.memory.latest = LatestEditions()
    settled.memory.latest.put(TENANT, 2)
    assert at_desk.execute(batch(["flat"], 50)[0], MONDAY).accepted  # was denied by the second one
    assert replays(settled, TENANT) == 8
    all_or_nothing(settled, TENANT)


@pytest.mark.parametrize("customer", ["flat", "single"])
def test_what_another_process_has_done_is_found_when_the_decision_is_written(
    settled: SqlStore, customer: str
) -> None:
    """`single` may have one open case, so that its second request is denied."""
    at_desk, rival = desk(settled), desk(SqlStore(settled.engine, check=False))
    first, second = batch([customer] * 2)
    at_desk.execute(first, MONDAY)
    done = rival.execute(second, MONDAY)
    knows(settled)
    again = at_desk.execute(second, MONDAY)
    assert again.repeated
    assert (again.result, again.text) == (done.result, done.text)
    knows(settled)
    same_case = AdmitRequest(id="another", request=first.request)
    with pytest.raises(DuplicateIdError):
        at_desk.execute(same_case, MONDAY)
    all_or_nothing(settled, TENANT)


def test_the_first_decision_of_a_tenant_begins_its_chain(settled_postgres: SqlStore) -> None:
    at_desk = desk(settled_postgres)
    assert (
        at_desk.execute(AdmitRequest(id="k", request=request(customer="nobody"))).result == "denied"
    )
    assert isinstance(at_desk.verify(), ChainIntact)


@pytest.mark.parametrize("opens", [True, False], ids=["a case", "a denial"])
def test_an_admission_is_refused_if_another_was_faster(
    settled_postgres: SqlStore,
    opens: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    store = settled_postgres
    admitted(desk(store), request("R-0", "opening"))

    def write(faster: Callable[[], object]) -> None:
        with store.begin(TENANT) as work:
            facts = work.admissions.facts("k-R-1", "opening")
            work.admissions.write(admission(facts, "R-1", "opening", opens=opens))
            faster()
            work.commit()

    def edition() -> None:
        with store.begin(TENANT) as work:
            work.catalog.save(CATALOG, [POLICY], MONDAY)
            work.commit()

    for faster in (lambda: admitted(desk(store), request("R-2", "opening")), edition):
        with pytest.raises(StaleReadError):
            write(faster)
    # An admission for another customer is no obstacle: nothing was locked.
    write(lambda: admitted(desk(store), request("R-3", "flat")))
    assert desk(store).verify().head.number == 4  # type: ignore[union-attr]


def test_a_denial_is_sealed_after_what_it_was_decided_from(settled_postgres: SqlStore) -> None:
    """Others cannot write to the account between the decision and its link."""
    at_desk = desk(settled_postgres)
    for number in range(4):
        asked = request(f"R-{number}", "single")
        at_desk.execute(AdmitRequest(id=f"k{number}", request=asked), MONDAY)
    assert replays(settled_postgres, TENANT) == 4


def test_messages_of_an_admission_are_passed_to_the_observer_with_their_numbers(
    settled_postgres: SqlStore,
) -> None:
    found: list[Any] = []

    class Noting(Observer):
        def notify(self, tenant: str, messages: Any) -> None:  # noqa: ARG002 - of one tenant
            found.extend(messages)

    at_desk = Desk(settled_postgres, TENANT, Noting())
    at_desk.execute(AdmitRequest(id="k", request=request()), MONDAY)
    at_desk.do_all([AdmitRequest(id="k2", request=request("R-2")), OfferCase(id="o", case="R-1")])
    with settled_postgres.begin(TENANT) as work:
        assert list(work.outbox.pending()) == found
    assert [each.topic for each in found] == ["case.granted", "case.granted", "offer.made"]


def test_the_instant_is_that_of_the_server(settled_postgres: SqlStore) -> None:
    with settled_postgres.begin(TENANT) as work:
        before = work.now()
    with settled_postgres.begin(TENANT) as work:
        now = work.admissions.facts("k", "flat").now
        after = work.now()
    assert now is not None
    assert before <= now <= after + timedelta(microseconds=1)


def test_an_admission_has_the_instant_of_the_clock_that_the_store_was_given(
    settled_postgres: SqlStore,
) -> None:
    store = SqlStore(settled_postgres.engine, check=False, clock=lambda: MONDAY)
    at_desk = desk(store)
    at_desk.execute(AdmitRequest(id="k1", request=request("R-1")))
    with store.begin(TENANT) as work:
        assert work.cases.case("R-1").counted.opened == MONDAY


def batch(customers: Sequence[str], first: int = 0) -> list[AdmitRequest]:
    return [
        AdmitRequest(id=f"k{number}", request=request(f"R-{number}", customer))
        for number, customer in enumerate(customers, start=first)
    ]


def test_the_writing_statements_of_a_batch_are_sent_together(
    settled_postgres: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk, send = desk(settled_postgres), DriverChannel.fetch_all
    at_desk.do_all(batch(CUSTOMERS), MONDAY)
    settled_postgres.memory.news = Throttle(3_600)
    with counted(monkeypatch) as statements:

        def noted(self: DriverChannel, every: Any) -> Any:
            statements.append(f"{len(every)} at once")
            return send(self, every)

        monkeypatch.setattr(DriverChannel, "fetch_all", noted)
        for first in (10, 20):
            at_desk.do_all(batch(["flat", "opening", "flat", "minutes"], first), MONDAY)
    # Accounts are locked; edition and commands are read; others are notified now and then.
    sent = ["SELECT", "SELECT", "4 at once"]
    assert statements == ["SELECT", "SELECT", "NOTIFY", "4 at once", *sent]


def test_a_batch_decides_as_one_by_one_does(settled: SqlStore) -> None:
    """The first decision of the tenant is in it, and customers without an account."""
    given, memory = batch(CUSTOMERS * 3), MemoryStore()
    settle(memory)
    at_desk, replies = desk(settled), list[Reply]()
    for first in range(0, len(given), 5):
        replies += at_desk.do_all(given[first : first + 5], MONDAY)
    assert replies == [desk(memory).execute(each, MONDAY) for each in given]
    with settled.begin(TENANT) as work, memory.begin(TENANT) as other:
        assert work.decisions.links() == other.decisions.links()
    assert replays(settled, TENANT) == len(given)
    all_or_nothing(settled, TENANT)
    repeated = at_desk.do_all(given[::-1], MONDAY)
    assert all(each.repeated for each in repeated)
    assert list(repeated[::-1]) == replies


def test_a_batch_with_a_case_that_was_opened_does_nothing(settled: SqlStore) -> None:
    at_desk = desk(settled)
    admitted(at_desk, request("R-0", "opening"))
    with pytest.raises(DuplicateIdError):
        at_desk.do_all([*batch(["flat"], 5), *batch(["flat"], 0)], MONDAY)
    twice = AdmitRequest(id="other", request=request("R-5", "flat"))
    with pytest.raises(DuplicateIdError):
        at_desk.do_all([*batch(["flat"], 5), twice], MONDAY)
    same = batch(["flat"], 5) * 2
    assert [each.repeated for each in at_desk.do_all(same, MONDAY)] == [False, True]
    assert at_desk.verify().head.number == 2  # type: ignore[union-attr]
    all_or_nothing(settled, TENANT)
