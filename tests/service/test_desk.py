from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.effort import tries
from tests.service.desks import (
    MONDAY,
    PLANS,
    TENANT,
    accepted_case,
    admitted,
    desk,
    desk_offering,
    messages,
    request,
    settle,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.memory.store import MemoryUnit
from entitlements.kernel.errors import ConflictError, EntitlementsError, InvalidValueError
from entitlements.ports import ChainHead
from entitlements.ports.records import ExecutedCommand
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    ChainBroken,
    ChainIntact,
    DeclineOffer,
    Desk,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
)
from entitlements.sla import Event
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing, replays

MINUTE = timedelta(minutes=1)


def test_a_repeated_command_gets_its_reply_again_and_changes_nothing(
    store: MemoryStore, at_desk: Desk
) -> None:
    accepted_case(at_desk, request(customer="minutes"))
    every: list[DeskCommand] = [
        RecordEvent(id="e", case="R-1", event=Event.responded(MONDAY + MINUTE)),
        TransferCase(id="t", case="R-1", fence=1),
        OfferCase(id="o2", case="R-1", agents=["bob"]),
        DeclineOffer(id="d", case="R-1", agent="bob", fence=2),
        ResolveCase(id="r", case="R-1", used=5),
        ReopenCase(id="x", case="R-1"),
        CancelCase(id="c", case="R-1"),
    ]
    seconds = (MONDAY + timedelta(seconds=each) for each in range(61, 90))
    first = [at_desk.execute(each, at) for each, at in zip(every, seconds, strict=False)]
    before = messages(at_desk)
    for late, command, reply in zip(range(60, 90), every, first, strict=False):
        again = desk(store).execute(command, MONDAY + late * MINUTE)
        assert again == reply
        assert again.repeated
    assert messages(at_desk) == before


def test_an_id_that_was_used_for_another_command_is_a_conflict(at_desk: Desk) -> None:
    admitted(at_desk, request())
    other = AdmitRequest(id="admit R-1", request=request(severity="S2"))
    with pytest.raises(ConflictError, match="another `request`"):
        at_desk.execute(other, MONDAY)
    with pytest.raises(ConflictError, match="another `command`"):
        at_desk.execute(CancelCase(id="admit R-1", case="R-1"), MONDAY)
    assert topics(at_desk) == ["case.granted"]


def test_desks_keep_no_state_that_another_desk_needs(store: MemoryStore) -> None:
    admitted(desk(store), request())
    fences = desk(store).execute(OfferCase(id="o", case="R-1"), MONDAY).fences
    accept = AcceptOffer(id="a", case="R-1", agent="ada", fence=fences["ada"])
    assert desk(store).execute(accept, MONDAY).result == "accepted"


def test_tenants_do_not_see_each_other(store: MemoryStore) -> None:
    settle(store, tenants=["other"])
    one, other = desk(store), desk(store, tenant="other")
    for each in (one, other):
        admitted(each, request(customer="single"))
    assert len(topics(one)) == len(topics(other)) == 1
    assert isinstance(one.verify(), ChainIntact)
    assert isinstance(other.verify(), ChainIntact)


def test_the_chain_of_decisions_is_intact_and_contains_an_earlier_head(at_desk: Desk) -> None:
    admitted(at_desk, request())
    first = at_desk.verify()
    assert isinstance(first, ChainIntact)
    admitted(at_desk, request("R-2"))
    assert isinstance(at_desk.verify(first.head), ChainIntact)
    assert isinstance(at_desk.verify(ChainHead(3, "f" * 64)), ChainBroken)
    assert isinstance(at_desk.verify(attrs.evolve(first.head, digest="f" * 64)), ChainBroken)


def test_an_instant_without_a_zone_is_refused(at_desk: Desk) -> None:
    with pytest.raises(InvalidValueError, match="no time zone"):
        at_desk.execute(AdmitRequest(id="k", request=request()), datetime(2026, 3, 2))  # noqa: DTZ001 - naive


class Blind(MemoryStore):
    """A store that does not find a command at first, as while another process carries it out."""

    asked = 0

    @contextmanager
    def begin(self, tenant: str) -> Iterator[MemoryUnit]:
        with super().begin(tenant) as work:
            find = work.commands.find

            def blind(id: str) -> ExecutedCommand | None:
                self.asked += 1
                return None if self.asked == 3 else find(id)

            work.commands.find = blind  # type: ignore[method-assign]
            yield work


def test_a_command_that_is_carried_out_twice_at_once_gets_one_reply() -> None:
    store = Blind()
    settle(store)
    first = desk(store).execute(AdmitRequest(id="k", request=request()), MONDAY)
    other = CancelCase(id="c", case="R-1")
    assert desk(store).execute(other, MONDAY).result == "cancelled"
    again = desk(store).execute(other, MONDAY)
    assert (again.result, again.repeated) == ("cancelled", True)
    assert store.asked == 5, "it looked undone, could not be done, and was looked for again"
    assert first.accepted


class Growing(MemoryStore):
    """A store to which others add decisions while somebody reads, before these units of work."""

    def __init__(self) -> None:
        super().__init__()
        self.units = 0
        self.grows_before: frozenset[int] = frozenset()

    @contextmanager
    def begin(self, tenant: str) -> Iterator[MemoryUnit]:
        self.units += 1
        if (number := self.units) in self.grows_before:
            admitted(desk(self), request(f"while {number}"))
        with super().begin(tenant) as work:
            yield work


@pytest.mark.parametrize("grows_before", [(), (2,), (2, 5)])
def test_a_chain_that_grows_while_it_is_verified_is_intact(grows_before: tuple[int, ...]) -> None:
    store = Growing()
    settle(store)
    at_desk = desk(store)
    for id in ("R-1", "R-2"):
        admitted(at_desk, request(id))
    store.units, store.grows_before = 0, frozenset(grows_before)
    verified = at_desk.verify()
    assert isinstance(verified, ChainIntact)
    assert verified.head.number == at_desk.context.query(lambda work: work.decisions.head()).number
    assert verified.head.number == 2 + len(grows_before)


class AnyOrder(RuleBasedStateMachine):
    """Commands in any order, valid or not, at instants that sometimes go back."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        settle(self.store)
        policy = OfferPolicy(wrap_up=5 * MINUTE, silence=3 * 60 * MINUTE)
        self.desk = desk_offering(self.store, policy)
        self.at = MONDAY
        self.given: list[DeskCommand] = []
        self.cases: list[str] = []

    def do(self, command: DeskCommand) -> None:
        self.given.append(command)
        try:
            self.desk.execute(command, self.at)
        except EntitlementsError:
            return

    @rule(minutes=st.integers(-3, 90))
    def time_passes(self, minutes: int) -> None:
        self.at += minutes * MINUTE

    @rule(
        customer=st.sampled_from([each.id for each in PLANS]),
        severity=st.sampled_from(["S1", "S2"]),
    )
    def admit(self, customer: str, severity: str) -> None:
        id = f"R-{len(self.cases)}"
        self.cases.append(id)
        asked = request(id, customer, severity=severity)
        self.do(AdmitRequest(id=f"k{len(self.given)}", request=asked))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), what=st.integers(0, 9), fence=st.integers(1, 3))
    def continue_work(self, data: st.DataObject, what: int, fence: int) -> None:
        case, id = data.draw(st.sampled_from(self.cases)), f"k{len(self.given)}"
        agent = data.draw(st.sampled_from(["ada", "bob"]))
        commands: list[DeskCommand] = [
            OfferCase(id=id, case=case),
            OfferCase(id=id, case=case, agents=["ada", "bob"]),
            AcceptOffer(id=id, case=case, agent=agent, fence=fence),
            DeclineOffer(id=id, case=case, agent=agent, fence=fence),
            TransferCase(id=id, case=case, fence=fence),
            RecordEvent(id=id, case=case, event=Event.responded(self.at)),
            RecordEvent(id=id, case=case, event=Event.severity_changed(self.at, "S1")),
            ResolveCase(id=id, case=case, used=data.draw(st.none() | st.integers(0, 60))),
            ReopenCase(id=id, case=case),
            CancelCase(id=id, case=case),
        ]
        self.do(commands[what])

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        command = data.draw(st.sampled_from(self.given))
        self.given.remove(command)
        self.do(command)

    @rule()
    def sweep(self) -> None:
        assert self.desk.process_due(self.at).failed == ()

    @invariant()
    def everything_belongs_together(self) -> None:
        all_or_nothing(self.store, TENANT, [each.id for each in self.given])
        accepted_at_most_once(messages(self.desk))

    def teardown(self) -> None:
        replays(self.store, TENANT)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=tries(16), stateful_step_count=30)
