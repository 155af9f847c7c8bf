"""Commands carried out together: the same as one by one, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.desks import MINUTE, MONDAY, TENANT, desk, messages, request, settle, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError, DuplicateIdError, InvalidValueError
from entitlements.ports import Store
from entitlements.service import (
    AdmitRequest,
    CancelCase,
    Desk,
    DeskCommand,
    OfferCase,
    RecordEvent,
    Reply,
    ReplyResult,
    ResolveCase,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import all_or_nothing, replays

CUSTOMERS = ("flat", "single", "opening", "minutes", "daytime", "nobody")


def admission(number: int, customer: str) -> AdmitRequest:
    return AdmitRequest(id=f"a{number}", request=request(f"R-{number}", customer))


MIXED: list[DeskCommand] = [
    *(admission(number, customer) for number, customer in enumerate(CUSTOMERS[:4] * 2)),
    RecordEvent(id="e", case="R-0", event=Event.responded(MONDAY)),
    ResolveCase(id="r", case="R-3", used=45),
    CancelCase(id="c", case="R-2"),
    admission(9, "opening"),
]


def everything(at_desk: Desk) -> tuple[object, ...]:
    """Return all that commands have left: messages, links, accounts, cases, work."""
    sent = [(each.topic, each.body) for each in messages(at_desk)]
    with at_desk.context.store.begin(TENANT) as work:
        links = work.decisions.links()
        accounts = [work.accounts.account(each) for each in CUSTOMERS]
        cases = [case for each in CUSTOMERS[:-1] for case in work.cases.of(each)]
        items = [work.work_items.item(case.id) for case in cases]
    return sent, links, accounts, cases, items


def one_by_one(commands: Sequence[DeskCommand]) -> tuple[tuple[Reply, ...], tuple[object, ...]]:
    store = MemoryStore()
    settle(store)
    at_desk = desk(store)
    return tuple(at_desk.execute(each, MONDAY) for each in commands), everything(at_desk)


def test_commands_together_leave_what_they_leave_one_by_one(
    make_store: Callable[[], Store],
) -> None:
    store = make_store()
    settle(store)
    at_desk = desk(store)
    replies, left = one_by_one(MIXED)
    assert at_desk.do_all(MIXED, MONDAY) == replies
    assert everything(at_desk) == left
    all_or_nothing(store, TENANT, [each.id for each in MIXED])
    assert replays(store, TENANT) == 9
    again = at_desk.do_all(reversed(MIXED), MONDAY + MINUTE)
    assert again == tuple(reversed(replies))
    assert all(each.repeated for each in again)
    assert everything(at_desk) == left


@given(
    st.lists(st.sampled_from(CUSTOMERS), max_size=8),
    st.lists(st.integers(1, 4), min_size=8, max_size=8),
)
def test_batches_of_any_size_leave_the_same(customers: list[str], sizes: list[int]) -> None:
    commands = [admission(number, each) for number, each in enumerate(customers)]
    store = MemoryStore()
    settle(store)
    at_desk, replies, rest = desk(store), list[Reply](), list(commands)
    for size in sizes:
        replies += at_desk.do_all(rest[:size], MONDAY)
        rest = rest[size:]
    assert (tuple(replies), everything(at_desk)) == one_by_one(commands)


def test_if_one_command_fails_none_is_carried_out(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    at_desk = desk(store)
    at_desk.execute(admission(0, "opening"), MONDAY)
    before = everything(at_desk)
    twice = AdmitRequest(id="other", request=request("R-0", "opening"))
    with pytest.raises(DuplicateIdError):
        at_desk.do_all([admission(1, "opening"), twice, admission(2, "flat")], MONDAY)
    assert everything(at_desk) == before
    changed = AdmitRequest(id="a0", request=request("R-0", "flat"))
    with pytest.raises(ConflictError, match="another `request`"):
        at_desk.do_all([admission(1, "opening"), changed], MONDAY)
    assert everything(at_desk) == before
    assert at_desk.execute(admission(1, "opening"), MONDAY).accepted
    all_or_nothing(store, TENANT)


def test_a_command_that_is_named_twice_is_carried_out_once(at_desk: Desk) -> None:
    first, second = at_desk.do_all([admission(0, "flat"), admission(0, "flat")], MONDAY)
    assert (first.repeated, second.repeated) == (False, True)
    assert topics(at_desk) == ["case.granted"]


def test_a_batch_with_a_command_that_does_nothing_keeps_the_others(at_desk: Desk) -> None:
    work = [admission(number, "flat") for number in range(5)]
    at_desk.do_all(work, MONDAY)
    offers = [OfferCase(id=f"o{number}", case=f"R-{number}") for number in range(5)]
    results = [each.result for each in at_desk.do_all(offers, MONDAY)]
    assert results == [ReplyResult.OFFERED] * 4 + [ReplyResult.NO_AGENT]
    assert len(topics(at_desk)) == 9
    assert [each.result for each in at_desk.do_all(offers[4:], MONDAY)] == [ReplyResult.NO_AGENT]


def test_no_commands_have_no_replies(at_desk: Desk) -> None:
    assert at_desk.do_all([]) == ()
    assert topics(at_desk) == []


def test_what_is_no_command_is_refused_before_anything_is_done(at_desk: Desk) -> None:
    with pytest.raises(InvalidValueError, match="not a desk command"):
        at_desk.do_all([admission(0, "flat"), "R-1"], MONDAY)  # type: ignore[list-item]
    assert topics(at_desk) == []


def test_desks_that_give_the_same_commands_in_other_orders_are_told_the_same(
    make_store: Callable[[], Store],
) -> None:
    store, barrier = make_store(), Barrier(3)
    settle(store)
    commands = [admission(number, CUSTOMERS[number % 4]) for number in range(12)]

    def give(order: int) -> dict[str, Reply]:
        at_desk, found = desk(store), dict[str, Reply]()
        mine = commands if order else commands[::-1]
        barrier.wait()
        for start in range(0, len(mine), 1 + order):
            for reply in at_desk.do_all(mine[start : start + 1 + order], MONDAY):
                found[reply.command] = reply
        return found

    with ThreadPoolExecutor(3) as threads:
        one, *others = threads.map(give, range(3))
    assert all(each == one for each in others)
    all_or_nothing(store, TENANT, [each.id for each in commands])
    assert replays(store, TENANT) == 12
    assert sum(each.accepted for each in one.values()) == 3 + 1 + 3 + 3
