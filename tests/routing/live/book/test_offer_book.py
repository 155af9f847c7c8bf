"""The offer book: the loop of a desk in memory, and its law over random operations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from entitlements.calendars import Calendar
from entitlements.kernel import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    TooEarlyError,
    TransitionError,
    UnknownIdError,
)
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc
from entitlements.routing import (
    FIRST_IN_FIRST_OUT,
    LONGEST_IDLE,
    Agent,
    AssignmentOverride,
    OfferBook,
    OfferPolicy,
    QueueLimits,
    RelaxationPlan,
    RelaxationStep,
    Requirement,
    Roster,
    RoutingPolicy,
    Work,
)
from entitlements.routing.offers.lifecycle import WorkEvent, WorkStatus
from entitlements.routing.offers.work_state import rebuild_state
from entitlements.routing.work.queue_order import KeyedOrder
from entitlements.testing.laws.routing.offers import work_is_in_one_place

NINE = utc("2026-03-02T09:00Z")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SUPERVISOR = AssignmentOverride(by="grace", reason="knows the customer")
TWO = Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)])


def book_of(roster: Roster = TWO, **offers: object) -> OfferBook:
    """Return a book in which work is served in order of its opening."""
    policy = OfferPolicy(**offers)  # type: ignore[arg-type]
    return OfferBook(roster, RoutingPolicy(order=FIRST_IN_FIRST_OUT, offers=policy))


def work(id: str, minute: int = 0, **fields: object) -> Work:
    """Return work opened so many minutes after nine."""
    return Work(id=id, opened=NINE + minute * MINUTE, **fields)  # type: ignore[arg-type]


def brief(events: tuple[WorkEvent, ...]) -> list[str]:
    """Return each event as a few words."""
    return [f"{each.kind.value} {each.work} {each.agent or '-'}" for each in events]


def offered(book: OfferBook, id: str = "R-1", at: datetime = NINE) -> int:
    """Add work, offer it, and return the fence of the offer."""
    book.add(work(id), at)
    book.offer(at)
    (lease,) = book.state(id).leases
    return lease.fence


def test_a_day_of_one_piece() -> None:
    book = book_of()
    assert book.add(work("R-1"), NINE).group is None
    assert brief(book.offer(NINE)) == ["offered R-1 ada"]
    assert book.holder("R-1") is None
    assert brief(book.accept("R-1", "ada", 1, NINE + SECOND)) == ["accepted R-1 ada"]
    assert book.holder("R-1") == "ada"
    done = book.complete("R-1", NINE + MINUTE)
    assert brief(done) == ["started R-1 ada", "finished R-1 ada", "closed R-1 ada"]
    assert ("R-1" in book, len(book)) == (False, 0)
    assert (book.workload("ada").handled, book.workload("ada").held) == (1, {})


def test_an_offer_takes_capacity_under_the_id_of_the_work() -> None:
    book = book_of()
    offered(book)
    assert list(book.workload("ada").held) == ["R-1"]
    book.add(work("R-2"), NINE)
    book.add(work("R-3"), NINE)
    assert brief(book.offer(NINE)) == ["offered R-2 bob"]
    assert [each.id for each in book.waiting] == ["R-3"]


def test_declined_work_waits_with_its_age_for_another_agent() -> None:
    book = book_of()
    fence = offered(book)
    book.add(work("R-2", 1), NINE + MINUTE)
    book.set_status("bob", NINE, away=True)
    assert brief(book.decline("R-1", "ada", fence, NINE + 2 * SECOND, "lunch")) == [
        "declined R-1 ada"
    ]
    assert brief(book.offer(NINE + MINUTE)) == ["offered R-2 ada"], "ada gets it no more"
    book.set_status("bob", NINE + MINUTE, away=False)
    assert brief(book.offer(NINE + MINUTE)) == ["offered R-1 bob"]
    assert book.state("R-1").queued_at == NINE


def test_an_agent_who_declined_gets_the_work_last_and_again_after_the_cool_down() -> None:
    last = book_of(agent_declines=2, declines=None)
    fence = offered(last)
    last.decline("R-1", "ada", fence, NINE)
    assert brief(last.offer(NINE)) == ["offered R-1 bob"]
    last.decline("R-1", "bob", 2, NINE)
    assert brief(last.offer(NINE)) == ["offered R-1 ada"]
    cool = book_of(Roster(agents=[Agent(id="ada")]), cool_down=MINUTE, declines=None)
    cool.decline("R-1", "ada", offered(cool), NINE)
    assert cool.offer(NINE + 59 * SECOND) == ()
    assert cool.next_change_at(NINE) == NINE + MINUTE
    assert brief(cool.offer(NINE + MINUTE)) == ["offered R-1 ada"]


def test_an_offer_expires_and_the_work_is_parked_after_the_limit_of_declines() -> None:
    book = book_of(lease=30 * SECOND, declines=2)
    offered(book)
    assert book.next_change_at(NINE) == NINE + 30 * SECOND
    assert book.offer(NINE + 29 * SECOND) == ()
    assert brief(book.offer(NINE + 30 * SECOND)) == ["expired R-1 ada", "offered R-1 bob"]
    assert brief(book.advance(NINE + 60 * SECOND)) == ["expired R-1 bob", "parked R-1 -"]
    assert book.state("R-1").status is WorkStatus.PARKED
    assert book.next_change_at(NINE + 60 * SECOND) is None
    assert brief(book.enqueue("R-1", NINE + 61 * SECOND)) == ["queued R-1 -"]


def test_of_parallel_offers_the_first_acceptance_counts_and_the_others_give_room_back() -> None:
    book = book_of()
    book.add(work("R-1"), NINE)
    assert brief(book.offer(NINE, parallel=5)) == ["offered R-1 ada", "offered R-1 bob"]
    book.add(work("R-2"), NINE)
    assert book.offer(NINE) == ()
    assert brief(book.accept("R-1", "bob", 2, NINE)) == ["rescinded R-1 ada", "accepted R-1 bob"]
    assert book.roster.holder("R-1") == book.holder("R-1") == "bob"
    assert list(book.workload("bob").held) == ["R-1"]
    assert brief(book.offer(NINE)) == ["offered R-2 ada"]
    with pytest.raises(ConflictError, match="no open offer to `ada`"):
        book.accept("R-1", "ada", 1, NINE)


def test_while_any_offer_is_open_the_work_is_assigned_under_its_id() -> None:
    book = book_of()
    book.add(work("R-1"), NINE)
    book.offer(NINE, parallel=2)
    book.decline("R-1", "ada", 1, NINE)
    assert book.roster.holder("R-1") == "bob"
    with pytest.raises(ConflictError):
        book.roster.assign(work("R-1"), "ada", NINE)


def test_an_answer_that_is_late_or_has_an_old_fence_is_refused() -> None:
    book = book_of(lease=30 * SECOND)
    fence = offered(book)
    with pytest.raises(TransitionError, match="expired"):
        book.accept("R-1", "ada", fence, NINE + 30 * SECOND)
    book.offer(NINE + 30 * SECOND)
    for answer in (book.accept, book.decline):
        with pytest.raises(ConflictError):
            answer("R-1", "ada", fence, NINE + 31 * SECOND)
    assert book.holder("R-1") is None


def test_an_agent_who_lost_a_skill_cannot_accept() -> None:
    expert = Agent(id="ada", skills="oracle")
    book = book_of(Roster(agents=[expert]))
    book.add(work("R-1", requires=Requirement(skills="oracle")), NINE)
    book.offer(NINE)
    book.replace_agent(Agent(id="ada"))
    with pytest.raises(ConflictError, match="lacks skill oracle"):
        book.accept("R-1", "ada", 1, NINE)
    assert len(book.state("R-1").leases) == 1
    book.replace_agent(expert)
    book.set_status("ada", NINE, away=True)
    assert brief(book.accept("R-1", "ada", 1, NINE)) == ["accepted R-1 ada"]


def test_wrap_up_keeps_the_capacity_until_its_end() -> None:
    book = book_of(wrap_up=MINUTE)
    book.accept("R-1", "ada", offered(book), NINE)
    assert brief(book.complete("R-1", NINE))[-1] == "finished R-1 ada"
    assert list(book.workload("ada").held) == ["R-1"]
    assert book.next_change_at(NINE) == NINE + MINUTE
    assert brief(book.advance(NINE + MINUTE)) == ["closed R-1 ada"]
    assert "R-1" not in book


def test_a_transfer_returns_the_work_or_gives_it_to_a_named_agent() -> None:
    book = book_of()
    book.accept("R-1", "ada", offered(book), NINE)
    assert brief(book.transfer("R-1", NINE)) == ["transferred R-1 ada"]
    assert brief(book.offer(NINE)) == ["offered R-1 bob"], "and not to ada again"
    book.accept("R-1", "bob", 2, NINE)
    with pytest.raises(ConflictError, match="already assigned to `bob`"):
        book.transfer("R-1", NINE, to="bob")
    with pytest.raises(ConflictError, match="`ada` cannot take work `R-1`: excluded"):
        book.transfer("R-1", NINE, to="ada")
    events = book.transfer("R-1", NINE, to="ada", override=SUPERVISOR)
    assert brief(events) == ["transferred R-1 bob", "offered R-1 ada", "accepted R-1 ada"]
    assert book.holder("R-1") == "ada"
    book.add(work("R-2"), NINE)
    book.accept("R-2", "bob", *_fence(book.offer(NINE)), NINE)
    with pytest.raises(ConflictError, match="free work capacity"):
        book.transfer("R-2", NINE, to="ada")
    assert book.holder("R-2") == "bob", "a transfer that is refused leaves the work where it is"


def test_a_transfer_never_gives_work_to_an_agent_who_is_excluded_from_it() -> None:
    book = book_of()
    book.add(work("R-1", excluded_agents=["ada"]), NINE)
    book.accept("R-1", "bob", *_fence(book.offer(NINE)), NINE)
    before = book.roster, book.state("R-1")
    with pytest.raises(ConflictError, match="`ada` cannot take work `R-1`: excluded"):
        book.transfer("R-1", NINE, to="ada")
    assert (book.roster, book.state("R-1")) == before
    assert book.holder("R-1") == "bob"


def test_a_transfer_passes_over_an_agent_who_declined_for_as_long_as_the_policy_says() -> None:
    book = book_of(cool_down=MINUTE)
    book.decline("R-1", "ada", offered(book), NINE)
    book.accept("R-1", "bob", *_fence(book.offer(NINE)), NINE)
    with pytest.raises(ConflictError, match="`ada` cannot take work `R-1`: excluded"):
        book.transfer("R-1", NINE, to="ada")
    book.transfer("R-1", NINE + MINUTE, to="ada")
    assert book.holder("R-1") == "ada"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda b, at: b.accept("R-1", "ada", 1, at), id="accept"),
        pytest.param(lambda b, at: b.decline("R-1", "ada", 1, at), id="decline"),
        pytest.param(lambda b, at: b.rescind("R-1", at), id="rescind"),
        pytest.param(lambda b, at: b.cancel("R-1", at), id="cancel"),
        pytest.param(lambda b, at: b.remove_agent("ada", at, policy="requeue"), id="leave"),
    ],
)
def test_no_answer_to_an_offer_is_dated_before_it(
    answer: Callable[[OfferBook, datetime], object],
) -> None:
    book = book_of()
    assert offered(book) == 1
    before = book.roster, book.state("R-1")
    with pytest.raises(TooEarlyError, match="was not yet offered to `ada`"):
        answer(book, NINE - SECOND)
    assert (book.roster, book.state("R-1")) == before
    answer(book, NINE)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda b, at: b.complete("R-1", at), id="complete"),
        pytest.param(lambda b, at: b.act("R-1", "pause", at), id="pause"),
        pytest.param(lambda b, at: b.transfer("R-1", at), id="give back"),
        pytest.param(lambda b, at: b.transfer("R-1", at, to="bob"), id="give on"),
        pytest.param(lambda b, at: b.cancel("R-1", at), id="cancel"),
        pytest.param(lambda b, at: b.remove_agent("ada", at, policy="requeue"), id="leave"),
    ],
)
def test_no_action_of_an_agent_is_dated_before_the_acceptance(
    action: Callable[[OfferBook, datetime], object],
) -> None:
    book = book_of()
    book.accept("R-1", "ada", offered(book), NINE + SECOND)
    before = book.roster, book.state("R-1")
    with pytest.raises(TooEarlyError, match="is before the last action of `ada`"):
        action(book, NINE)
    assert (book.roster, book.state("R-1")) == before
    action(book, NINE + SECOND)


def test_an_agent_leaves_with_all_work_or_stays_with_all_of_it() -> None:
    book = book_of(Roster(agents=[Agent(id="ada", capacity=2)]))
    book.add(work("R-0"), NINE)
    book.drain(NINE)
    book.add(work("R-1"), NINE + SECOND)
    book.drain(NINE + SECOND)
    with pytest.raises(TooEarlyError):
        book.remove_agent("ada", NINE, policy="requeue")
    assert set(book.workload("ada").held) == {"R-0", "R-1"}


def test_work_that_was_given_back_stays_as_it_was_added_and_passes_over_that_agent() -> None:
    book = book_of()
    book.accept("R-1", "ada", offered(book), NINE)
    added = book.work("R-1")
    book.transfer("R-1", NINE)
    assert book.work("R-1") == added
    book.replace(work("R-1", rank=1), NINE)
    assert brief(book.offer(NINE)) == ["offered R-1 bob"], "a new rank does not bring it to ada"


def _fence(events: tuple[WorkEvent, ...]) -> list[int]:
    return [events[-1].fence]


def test_work_that_waits_too_long_over_all_offers_is_parked() -> None:
    book = book_of(longest_wait=2 * MINUTE, lease=MINUTE, declines=None, agent_declines=None)
    offered(book)
    book.offer(NINE + MINUTE)
    assert brief(book.offer(NINE + 2 * MINUTE))[-1] == "parked R-1 -"


def test_a_removed_agent_leaves_work_to_others() -> None:
    book = book_of(Roster(agents=[Agent(id="ada"), Agent(id="bob")]))
    book.accept("R-1", "ada", offered(book), NINE)
    offered(book, "R-2")
    with pytest.raises(ConflictError, match="has assigned work"):
        book.remove_agent("ada", NINE)
    events = book.remove_agent("ada", NINE, policy="requeue")
    assert brief(events) == ["released R-1 ada"]
    assert brief(book.remove_agent("bob", NINE, policy="requeue")) == ["rescinded R-2 bob"]
    assert len(book.waiting) == 2
    with pytest.raises(InvalidValueError):
        book_of().remove_agent("bob", NINE, policy="hand_to")


def test_a_new_agent_stands_where_the_idle_policy_says() -> None:
    policy = RoutingPolicy(strategy=LONGEST_IDLE, order=FIRST_IN_FIRST_OUT)
    for idle, first in (("never", "zoe"), ("now", "ada")):
        book = OfferBook(Roster(agents=[Agent(id="ada")]), policy)
        book.add(work("R-0"), NINE)
        book.drain(NINE)
        book.complete("R-0", NINE)
        book.add_agent(Agent(id="zoe"), idle=idle, at=NINE + MINUTE)
        book.add(work("R-1"), NINE + MINUTE)
        assert brief(book.offer(NINE + MINUTE)) == [f"offered R-1 {first}"]
        book.set_status("ada", NINE, away=True)
        book.set_status("ada", NINE + 2 * MINUTE, away=False, idle="now")


def test_work_assigned_outside_the_book_is_left_alone() -> None:
    book = book_of(TWO.assign(work("old"), "ada", NINE))
    with pytest.raises(DuplicateIdError):
        book.add(work("old"), NINE)
    with pytest.raises(ConflictError, match="has work that is not in the book"):
        book.remove_agent("ada", NINE, policy="requeue")
    assert book.roster.holder("old") == "ada"


def test_a_full_queue_overflows_and_without_room_the_work_is_parked() -> None:
    db = Agent(id="d", groups="db", capacity=0)
    policy = RoutingPolicy(
        queues={
            "db": QueueLimits(length=1, overflow=["net"]),
            "net": QueueLimits(unstaffed=True),
        }
    )
    book = OfferBook(Roster(agents=[db, Agent(id="n", groups="net")]), policy)
    needs = Requirement(groups="db")
    assert book.add(work("R-1", requires=needs), NINE).group == "db"
    assert book.add(work("R-2", requires=needs), NINE).group == "net"
    assert brief(book.offer(NINE)) == ["offered R-2 n"], "the other group takes it"
    book.set_status("n", NINE, away=True)
    choice = book.add(work("R-3", requires=needs), NINE)
    assert (choice.group, [group for group, _ in choice.refused]) == (None, ["db", "net"])
    assert book.state("R-3").status is WorkStatus.PARKED
    book.replace(work("R-1", requires=Requirement(groups="net")), NINE)
    assert book.add(work("R-4", requires=needs), NINE).group == "db"
    book.cancel("R-4", NINE)
    assert book.add(work("R-5", requires=needs), NINE).group == "db"


def test_a_step_holds_while_no_agent_of_the_group_is_signed_in() -> None:
    shift = Calendar(zone="UTC", week="Mo-Fr 10:00-17:00")
    step = RelaxationStep(after=timedelta(days=1), groups="net", unstaffed=True)
    db = Agent(id="d", groups="db", shift=shift)
    book = book_of(Roster(agents=[db, Agent(id="n", groups="net", capacity=1)]))
    for n in range(3):
        plan = RelaxationPlan(steps=[step])
        book.add(work(f"R-{n}", requires=Requirement(groups="db"), relaxation=plan), NINE)
    assert brief(book.offer(NINE)) == ["offered R-0 n"]
    ten = NINE + timedelta(hours=1)
    assert book.next_change_at(NINE + MINUTE) == ten
    book.set_status("d", ten, away=True)
    book.cancel("R-0", ten)
    assert brief(book.offer(ten)) == ["offered R-1 n"]
    book.cancel("R-1", ten)
    book.set_status("d", ten, away=False)
    assert brief(book.offer(ten)) == ["offered R-2 d"], "now only the group itself"


def test_an_expired_offer_takes_the_next_step_that_says_so() -> None:
    step = RelaxationStep(after=timedelta(days=1), groups="net", on_expiry=True)
    needs = Requirement(groups="db")
    agents = [Agent(id="d", groups="db"), Agent(id="n", groups="net")]
    book = book_of(Roster(agents=agents), lease=MINUTE)
    book.add(work("R-1", requires=needs, relaxation=RelaxationPlan(steps=[step])), NINE)
    book.offer(NINE)
    assert brief(book.offer(NINE + MINUTE)) == ["expired R-1 d", "offered R-1 n"]


def test_the_limit_counts_pieces_and_the_rest_waits() -> None:
    book = book_of()
    for n in range(3):
        book.add(work(f"R-{n}", n), NINE)
    assert brief(book.drain(NINE, limit=1)) == ["offered R-0 ada", "accepted R-0 ada"]
    assert book.offer(NINE, limit=0) == ()
    assert brief(book.drain(NINE)) == ["offered R-1 bob", "accepted R-1 bob"]
    assert book.served == 2


def test_waiting_work_can_be_replaced_and_offered_work_cannot() -> None:
    book = book_of()
    book.add(work("R-1"), NINE)
    book.replace(work("R-1", requires=Requirement(skills="oracle")), NINE)
    assert book.offer(NINE) == ()
    book.replace(work("R-1"), NINE)
    book.offer(NINE)
    with pytest.raises(ConflictError, match="is offered"):
        book.replace(work("R-1"), NINE)


@pytest.mark.parametrize(("keep_age", "routable"), [(False, NINE + 2 * MINUTE), (True, None)])
def test_work_that_returns_without_its_age_is_routable_from_then_on(
    *, keep_age: bool, routable: datetime | None
) -> None:
    book = book_of(keep_age=keep_age, lease=timedelta(hours=1))
    book.add(work("R-1"), NINE + MINUTE)
    assert [each.routable for each in book.waiting] == [None], "it has not returned"
    book.offer(NINE + MINUTE)
    book.decline("R-1", "ada", 1, NINE + 2 * MINUTE)
    assert [each.routable for each in book.waiting] == [routable]


def test_a_step_holds_from_the_removal_of_the_last_agent_of_the_group_on() -> None:
    step = RelaxationStep(after=timedelta(days=1), groups="net", unstaffed=True)
    agents = [Agent(id="d", groups="db", capacity=0), Agent(id="n", groups="net")]
    book = book_of(Roster(agents=agents))
    plan = RelaxationPlan(steps=[step])
    book.add(work("R-1", requires=Requirement(groups="db"), relaxation=plan), NINE)
    assert book.offer(NINE) == ()
    book.remove_agent("d", NINE)
    assert brief(book.offer(NINE)) == ["offered R-1 n"]
    book.rescind("R-1", NINE)
    book.add_agent(Agent(id="d2", groups="db", capacity=0))
    assert book.offer(NINE) == ()
    book.replace_agent(Agent(id="d2", groups="app"))
    assert brief(book.offer(NINE)) == ["offered R-1 n"]


def not_a_number(_: Work) -> tuple[float]:
    return (float("nan"),)


NONSENSE: list[tuple[type[EntitlementsError], Callable[[OfferBook], object]]] = [
    (UnknownIdError, lambda book: book.accept("nothing", "ada", 1, NINE)),
    (UnknownIdError, lambda book: book.cancel("nothing", NINE)),
    (UnknownIdError, lambda book: book.set_status("nobody", NINE, away=True)),
    (UnknownIdError, lambda book: book.remove_agent("nobody", NINE)),
    (UnknownIdError, lambda book: book.transfer("held", NINE, to="nobody")),
    (UnknownIdError, lambda book: book.add(work("x", requires=Requirement(on_call="x")), NINE)),
    (DuplicateIdError, lambda book: book.add(work("held"), NINE)),
    (DuplicateIdError, lambda book: book.add(work("waits"), NINE)),
    (DuplicateIdError, lambda book: book.add_agent(Agent(id="ada"))),
    (TransitionError, lambda book: book.complete("waits", NINE)),
    (TransitionError, lambda book: book.transfer("waits", NINE)),
    (TransitionError, lambda book: book.rescind("waits", NINE)),
    (TransitionError, lambda book: book.park("held", NINE)),
    (TransitionError, lambda book: book.enqueue("waits", NINE)),
    (TransitionError, lambda book: book.act("held", "close", NINE)),
    (InvalidValueError, lambda book: book.act("held", "sing", NINE)),
    (InvalidValueError, lambda book: book.offer(datetime(2026, 3, 2, 9))),  # noqa: DTZ001 - naive
    (InvalidValueError, lambda book: book.offer(NINE, limit=-1)),
    (InvalidValueError, lambda book: book.offer(NINE, parallel=0)),
    (InvalidValueError, lambda book: book.add("R-9", NINE)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("error", "wrong"), NONSENSE)
def test_nonsense_is_refused_and_changes_nothing(
    error: type[EntitlementsError], wrong: Callable[[OfferBook], object]
) -> None:
    book = book_of(Roster(agents=[Agent(id="ada", capacity=1)]))
    book.accept("held", "ada", offered(book, "held"), NINE)
    book.add(work("waits"), NINE)
    before = (book.roster, {id: book.state(id) for id in book}, book.waiting)
    with pytest.raises(error):
        wrong(book)
    assert (book.roster, {id: book.state(id) for id in book}, book.waiting) == before


def test_an_order_of_nan_refuses_the_work_and_the_book_stays_as_it_is() -> None:
    order = KeyedOrder("nan", not_a_number)
    book = OfferBook(TWO, RoutingPolicy(order=order))
    with pytest.raises(InvalidValueError, match="cannot be compared"):
        book.add(work("R-1"), NINE)
    assert (len(book), book.waiting, book.offer(NINE)) == (0, (), ())


def test_a_book_without_agents_keeps_the_work() -> None:
    book = OfferBook(Roster())
    book.add(work("R-1"), NINE)
    assert (book.offer(NINE), len(book), book.next_change_at(NINE)) == ((), 1, None)


def test_time_that_goes_back_changes_no_place_by_itself() -> None:
    book = book_of(lease=MINUTE)
    offered(book)
    assert book.advance(NINE - timedelta(days=1)) == ()
    assert book.offer(NINE - timedelta(days=1)) == ()
    assert brief(book.offer(NINE + MINUTE))[0] == "expired R-1 ada"


@pytest.mark.parametrize("seed", range(6))
def test_every_piece_is_in_one_place_with_one_holder_and_no_limit_is_broken(seed: int) -> None:
    counts = work_is_in_one_place(seed, operations=700, agents=1 + seed * 2)
    assert counts["offers"]


def test_the_law_notices_a_second_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = OfferBook.holder
    monkeypatch.setattr(OfferBook, "holder", lambda book, work: hidden(book, work) and "nobody")
    with pytest.raises(AssertionError, match="is held by nobody"):
        work_is_in_one_place(1, operations=200)


@pytest.mark.parametrize("waiting", [10, 400])
def test_an_operation_looks_at_one_piece_however_many_wait(waiting: int) -> None:
    looked_at = list[str]()

    def counted(piece: Work) -> tuple[datetime]:
        looked_at.append(piece.id)
        return (piece.opened,)

    book = OfferBook(TWO, RoutingPolicy(order=KeyedOrder("counted", counted)))
    needs = Requirement(skills="oracle")
    for n in range(waiting):
        book.add(work(f"W-{n:03}", requires=needs), NINE)
    fence = offered(book)
    looked_at.clear()
    book.decline("R-1", "ada", fence, NINE)
    book.offer(NINE)
    book.accept("R-1", "bob", 2, NINE)
    book.transfer("R-1", NINE, to="ada", override=SUPERVISOR)
    book.complete("R-1", NINE)
    book.advance(NINE + timedelta(hours=1))
    assert set(looked_at) == {"R-1"}
    assert len(looked_at) <= 6


def test_the_state_of_a_piece_is_the_fold_of_its_events() -> None:
    policy = OfferPolicy(lease=MINUTE, declines=4, agent_declines=2, wrap_up=MINUTE)
    book = OfferBook(TWO, RoutingPolicy(order=FIRST_IN_FIRST_OUT, offers=policy))
    book.add(work("R-1"), NINE)
    events = list[WorkEvent]()
    for n, at in enumerate((NINE, NINE + SECOND, NINE + 2 * SECOND), start=1):
        (made,) = book.offer(at)
        events += [made, *book.decline("R-1", made.agent or "", n, at)]
    events += book.offer(NINE + 3 * SECOND)
    events += book.advance(NINE + 2 * MINUTE)
    state = rebuild_state("R-1", _queued(book) + events)
    found = book.state("R-1")
    assert (state.status, state.refusals, state.fence) == (
        found.status,
        found.refusals,
        found.fence,
    )
    assert found.status is WorkStatus.PARKED


def _queued(book: OfferBook) -> list[WorkEvent]:
    """Return the event with which the work of the book was queued."""
    enqueue = book.state("R-1").executed_commands["book^1"]
    return [WorkEvent(work="R-1", kind="queued", at=NINE, command=enqueue)]  # type: ignore[arg-type]
