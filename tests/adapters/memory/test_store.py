from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.memory.store import MemoryUnit
from entitlements.kernel.errors import BusyError, OpenTransactionError, StorageError
from entitlements.service import Desk
from entitlements.testing.laws.ports import UNIT_LAWS, Law
from entitlements.testing.strategies.ports import START


@pytest.mark.parametrize("law", UNIT_LAWS, ids=lambda law: law.__name__)
def test_units_of_work_keep_the_laws(law: Law) -> None:
    law(MemoryStore)


def test_a_unit_of_work_waits_for_another_up_to_the_lock_timeout() -> None:
    store, failed = MemoryStore(lock_timeout=0.01), []

    def begin() -> None:
        try:
            with store.begin("t"):
                raise AssertionError("two units at once")
        except BusyError as error:
            failed.append(error)

    with store.begin("t"):
        other = threading.Thread(target=begin)
        other.start()
        other.join()
    assert [type(each) for each in failed] == [BusyError]
    with store.begin("t"):
        pass


def test_a_unit_of_work_inside_another_of_the_same_thread_is_refused_at_once() -> None:
    store = MemoryStore(lock_timeout=60)
    with store.begin("t"), pytest.raises(OpenTransactionError), store.begin("u"):
        raise AssertionError("two units at once")
    with store.begin("u"):
        pass


def test_a_desk_inside_a_unit_of_work_of_the_same_thread_is_refused_at_once() -> None:
    store = MemoryStore(lock_timeout=60)
    with store.begin("t"), pytest.raises(OpenTransactionError):
        Desk(store, "t").process_due(START)


def test_what_a_unit_of_work_did_not_use_is_over_with_it() -> None:
    store = MemoryStore()
    with store.begin("t") as work:
        work.commit()
    with pytest.raises(StorageError, match="the unit of work is over"):
        work.accounts.account("acme")


def test_time_comes_from_the_given_clock() -> None:
    with MemoryStore(lambda: START).begin("t") as work:
        assert work.now() == START
    with MemoryStore().begin("t") as work:
        assert work.now() > START - timedelta(days=365)


def test_a_waiting_caller_is_woken_by_a_message() -> None:
    store = MemoryStore()
    assert not store.wait(0)

    def put() -> None:
        with store.begin("t") as work:
            work.outbox.put("topic", "{}", START)
            work.commit()

    later = threading.Timer(0.02, put)
    later.start()
    assert store.wait(5)
    later.join()


def test_a_unit_that_is_interrupted_at_its_end_lets_others_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore(lock_timeout=0.1)

    def interrupted(_: MemoryUnit) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MemoryUnit, "close", interrupted)
    with pytest.raises(KeyboardInterrupt), store.begin("t"):
        pass
    monkeypatch.undo()
    with store.begin("t") as work:
        assert work.outbox.pending() == ()
