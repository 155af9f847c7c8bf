"""One day of commands over every kind of store: the same replies, and equal replays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import attrs
import pytest
from tests.service.desks import (
    CATALOG,
    MINUTE,
    MONDAY,
    POLICY,
    TENANT,
    accepted_case,
    account,
    admitted,
    desk,
    messages,
    plan,
    request,
    settle,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.ports import Store
from entitlements.routing import AssignmentOverride
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    DeclineOffer,
    Desk,
    OfferCase,
    RecordEvent,
    ReopenCase,
    Reply,
    ResolveCase,
    TransferCase,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing, replays

Story = tuple[list[Reply], list[tuple[str, str]], list[str]]


def carry_out(at_desk: Desk) -> Story:
    """Carry out a day with every command; return the replies, the messages, the decisions."""
    replies = []
    for number, customer in enumerate(
        ["flat", "daytime", "single", "single", "opening", "minutes"]
    ):
        asked = request(f"R-{number}", customer)
        replies.append(at_desk.execute(AdmitRequest(id=f"a{number}", request=asked), MONDAY))
    at = MONDAY + MINUTE
    fences = at_desk.execute(OfferCase(id="o0", case="R-0", agents=["ada", "bob"]), at).fences
    steps = [
        AcceptOffer(id="s1", case="R-0", agent="bob", fence=fences["bob"]),
        OfferCase(id="s2", case="R-5", agents=["ada"]),
        DeclineOffer(id="s3", case="R-5", agent="ada", fence=1, reason="lunch"),
        TransferCase(id="s4", case="R-0", fence=fences["bob"]),
        RecordEvent(id="s5", case="R-4", event=Event.paused(at, "customer")),
        RecordEvent(id="s6", case="R-4", event=Event.responded(at)),
        ResolveCase(id="s7", case="R-5", used=45),
        ReopenCase(id="s8", case="R-5"),
        CancelCase(id="s9", case="R-4"),
    ]
    for each in steps:
        at += timedelta(seconds=5)
        replies.append(at_desk.execute(each, at))
    at_desk.process_due(MONDAY + timedelta(days=1))
    sent = [(each.topic, each.body) for each in messages(at_desk)]
    decided = [each.outcome_now for each in at_desk.replay_all()]
    return replies, sent, decided


def test_a_day_of_commands_has_the_same_replies_on_every_store(
    make_store: Callable[[], Store],
) -> None:
    reference = MemoryStore()
    settle(reference)
    store = make_store()
    settle(store)
    assert carry_out(desk(store)) == carry_out(desk(reference))
    all_or_nothing(store, TENANT)
    assert replays(store, TENANT) == 6


def accepts(store: Store, round_: int, rivals: int, fences: Mapping[str, int]) -> int:
    """Let so many agents accept one offer at once; return how many are assigned."""
    barrier = Barrier(rivals)

    def accept(number: int) -> bool:
        agent = ("ada", "bob")[number % 2]
        id = f"a{round_}.{number}"
        barrier.wait()
        try:
            desk(store).execute(
                AcceptOffer(id=id, case="R-1", agent=agent, fence=fences[agent]), MONDAY
            )
        except (ConflictError, TransitionError):
            return False
        return True

    with ThreadPoolExecutor(rivals) as threads:
        return sum(threads.map(accept, range(rivals)))


def test_of_many_agents_who_accept_at_once_one_is_assigned(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    admitted(desk(store), request())
    # An agent who gave it back is offered it again by an override only.
    word = AssignmentOverride(by="grace", reason="both may try again")
    for round_, agents in enumerate([["ada", "bob"], ["ada", "bob"]]):
        offer = OfferCase(id=f"o{round_}", case="R-1", agents=agents, override=word)
        fences = desk(store).execute(offer, MONDAY).fences
        assert accepts(store, round_, 4, fences) == 1
        held = (
            desk(store).context.query(lambda work: work.work_items.item("R-1")).state.assignee_fence
        )
        desk(store).execute(TransferCase(id=f"t{round_}", case="R-1", fence=held), MONDAY)
    accepted_at_most_once(messages(desk(store)))
    all_or_nothing(store, TENANT)


def test_of_many_requests_for_the_last_unit_one_is_granted(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    barrier = Barrier(4)

    def ask(number: int) -> bool:
        barrier.wait()
        asked = request(f"R-{number}", "opening")
        return desk(store).execute(AdmitRequest(id=f"k{number}", request=asked), MONDAY).accepted

    for first in (0, 4):
        with ThreadPoolExecutor(4) as threads:
            granted = sum(threads.map(ask, range(first, first + 4)))
        assert granted == (3 if first == 0 else 0)
    all_or_nothing(store, TENANT)
    replays(store, TENANT)


@pytest.mark.parametrize("same", [True, False], ids=["the same command", "another command"])
def test_a_case_is_opened_once_however_many_ask_at_once(
    make_store: Callable[[], Store],
    same: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    store = make_store()
    settle(store)
    barrier = Barrier(4)

    def ask(number: int) -> bool:
        barrier.wait()
        command = AdmitRequest(
            id="k" if same else f"k{number}", request=request(customer="minutes")
        )
        try:
            return desk(store).execute(command, MONDAY).accepted
        except ValueError:  # somebody else has opened it
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(ask, range(4))) == (4 if same else 1)
    all_or_nothing(store, TENANT)


def test_a_desk_continues_where_another_on_the_same_store_ended(
    make_store: Callable[[], Store],
) -> None:
    store = make_store()
    settle(store)
    agent, fence = accepted_case(desk(store), request())
    assert (agent, fence) == ("ada", 1)
    assert (
        desk(store).execute(ResolveCase(id="r", case="R-1"), MONDAY + MINUTE).result == "resolved"
    )


def test_a_plan_without_severities_has_cases_without_one(make_store: Callable[[], Store]) -> None:
    store = make_store()
    settle(store)
    free = attrs.evolve(plan("free"), severities=())
    with store.begin(TENANT) as work:
        catalog = attrs.evolve(CATALOG, plans=[*CATALOG.plans, free])
        work.catalog.save(catalog, [POLICY], MONDAY - MINUTE)
        work.accounts.open(account("free"))
        work.commit()
    at_desk = desk(store)
    accepted_case(at_desk, request(customer="free", severity=None))
    at = MONDAY + MINUTE
    answered = RecordEvent(id="e", case="R-1", event=Event.responded(at))
    assert at_desk.execute(answered, at).result == "recorded"
    with store.begin(TENANT) as work:
        case = work.cases.case("R-1")
        assert case.events[0].severity is None
    assert at_desk.execute(ResolveCase(id="r", case="R-1"), at + MINUTE).result == "resolved"
    assert replays(store, TENANT) == 1
    all_or_nothing(store, TENANT)
