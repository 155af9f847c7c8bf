"""The events of commands: leases, fences, refusals, silence, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.routing.offers.histories import ACCEPTED, NINE, OFFERED, POLICY, run

from entitlements.kernel import ConflictError, TooEarlyError, TransitionError
from entitlements.kernel.instants import text_of
from entitlements.routing.offers.command_events import events_of_command
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    AssigneeActionKind,
    Cancel,
    Decline,
    Enqueue,
    Offer,
    Park,
    ProcessTimeouts,
    Rescind,
    TransitionKind,
    WorkCommand,
    WorkStatus,
)
from entitlements.routing.offers.offer_policy import OfferPolicy


def test_work_goes_from_new_to_done() -> None:
    state = run(
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
        (68, ProcessTimeouts()),
        (69, ProcessTimeouts()),
    )
    assert (state.status, state.assignee, state.assignee_fence) == (WorkStatus.DONE, "ada", 0)


def test_without_wrap_up_finished_is_done() -> None:
    done = (
        *ACCEPTED,
        (3, AssigneeAction("s", AssigneeActionKind.START, 1)),
        (9, AssigneeAction("f", AssigneeActionKind.FINISH, 1)),
    )
    assert run(*done, policy=OfferPolicy()).status is WorkStatus.DONE


def test_the_first_to_accept_rescinds_the_others() -> None:
    state = run((0, Enqueue("q")), (1, Offer("o", ["ada", "bob", "eve"])))
    assert [(each.agent, each.fence) for each in state.leases] == [
        ("ada", 1),
        ("bob", 2),
        ("eve", 3),
    ]
    events = events_of_command(state, Accept("a", "bob", 2), NINE + timedelta(seconds=2), POLICY)
    assert [(each.kind, each.agent) for each in events] == [
        (TransitionKind.RESCINDED, "ada"),
        (TransitionKind.RESCINDED, "eve"),
        (TransitionKind.ACCEPTED, "bob"),
    ]


def test_work_is_queued_again_only_when_all_offers_have_ended() -> None:
    both = ((0, Enqueue("q")), (1, Offer("o", ["ada", "bob"])), (2, Decline("d", "ada", 1)))
    assert run(*both).status is WorkStatus.OFFERED
    assert run(*both, (3, Decline("e", "bob", 2))).status is WorkStatus.QUEUED


def test_a_lease_ends_at_its_end_without_a_timeout_command() -> None:
    state = run(*OFFERED)
    with pytest.raises(TransitionError, match="expired at"):
        events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(seconds=31), POLICY)
    assert events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(seconds=30), POLICY)
    expired = run(*OFFERED, (31, ProcessTimeouts()))
    assert (expired.status, expired.refusals[0].agent) == (WorkStatus.QUEUED, "ada")


def test_the_third_refusal_parks_the_work() -> None:
    steps: list[tuple[int, WorkCommand]] = [(0, Enqueue("q"))]
    for n in (1, 2, 3):
        steps += [(2 * n, Offer(f"o{n}", [f"a{n}"])), (2 * n + 1, Decline(f"d{n}", f"a{n}", n))]
    assert run(*steps[:-2]).status is WorkStatus.QUEUED
    assert run(*steps).status is WorkStatus.PARKED
    assert run(*steps, (60, Enqueue("again"))).refusal_count == 0


def test_a_silent_assignee_loses_the_work() -> None:
    policy = OfferPolicy(silence=timedelta(minutes=10))
    heard = (*ACCEPTED, (300, AssigneeAction("h", AssigneeActionKind.HEARTBEAT, 1)))
    assert run(*heard, (899, ProcessTimeouts()), policy=policy).status is WorkStatus.ACCEPTED
    lost = run(*heard, (900, ProcessTimeouts()), policy=policy)
    assert (lost.status, lost.assignee, lost.fence) == (WorkStatus.QUEUED, None, 1)
    paused = run(
        *ACCEPTED,
        (3, AssigneeAction("p", AssigneeActionKind.PAUSE, 1)),
        (9_999, ProcessTimeouts()),
        policy=policy,
    )
    assert paused.status is WorkStatus.PAUSED


def test_a_transfer_is_recorded() -> None:
    state = run(
        *ACCEPTED,
        (9, AssigneeAction("t", AssigneeActionKind.TRANSFER, 1)),
        (10, Offer("o2", ["bob"])),
    )
    assert state.transferred_at == NINE + timedelta(seconds=9)
    assert state.leases[0].fence == 2


def test_a_repeated_command_causes_no_events() -> None:
    state = run(*ACCEPTED)
    assert events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(hours=1), POLICY) == ()


@pytest.mark.parametrize(
    ("steps", "command", "error"),
    [
        pytest.param(OFFERED, Accept("a", "ada", 2), ConflictError, id="a fence not granted"),
        pytest.param(OFFERED, Accept("a", "bob", 1), ConflictError, id="another's offer"),
        pytest.param(ACCEPTED, Accept("b", "ada", 1), ConflictError, id="accepted already"),
        pytest.param(
            ACCEPTED,
            AssigneeAction("s", AssigneeActionKind.START, 2),
            ConflictError,
            id="a stale fence",
        ),
        pytest.param(ACCEPTED, Offer("a", ["bob"]), ConflictError, id="a used command id"),
        pytest.param(ACCEPTED, Offer("b", ["bob"]), TransitionError, id="offered while held"),
        pytest.param(OFFERED, Offer("p", ["ada"]), TransitionError, id="offered to her twice"),
        pytest.param(ACCEPTED, Rescind("r"), TransitionError, id="nothing to rescind"),
        pytest.param(
            ACCEPTED,
            AssigneeAction("f", AssigneeActionKind.FINISH, 1),
            TransitionError,
            id="not started",
        ),
        pytest.param((), Park("p"), TransitionError, id="parked before it queued"),
        pytest.param(OFFERED, Enqueue("e"), TransitionError, id="queued while offered"),
        pytest.param((*OFFERED, (2, Cancel("c"))), Cancel("d"), TransitionError, id="cancelled"),
    ],
)
def test_what_cannot_happen_is_refused(
    steps: tuple[tuple[int, WorkCommand], ...], command: WorkCommand, error: type[Exception]
) -> None:
    state = run(*steps)
    with pytest.raises(error):
        events_of_command(state, command, NINE + timedelta(seconds=5), POLICY)


@pytest.mark.parametrize(
    ("steps", "command"),
    [
        pytest.param(OFFERED, Accept("a", "ada", 1), id="accept before the offer"),
        pytest.param(OFFERED, Decline("d", "ada", 1), id="decline before the offer"),
        pytest.param(OFFERED, Rescind("r"), id="withdraw before the offer"),
        pytest.param(OFFERED, Cancel("c"), id="cancel before the offer"),
        pytest.param(ACCEPTED, Cancel("c"), id="cancel before the acceptance"),
        *(
            pytest.param(ACCEPTED, AssigneeAction("x", action, 1), id=f"{action} too early")
            for action in (AssigneeActionKind.START, AssigneeActionKind.TRANSFER)
        ),
    ],
)
def test_no_command_is_dated_before_what_it_is_about(
    steps: tuple[tuple[int, WorkCommand], ...], command: WorkCommand
) -> None:
    state, last = run(*steps), NINE + timedelta(seconds=steps[-1][0])
    with pytest.raises(TooEarlyError) as caught:
        events_of_command(state, command, last - timedelta(microseconds=1), POLICY)
    assert str(caught.value.hint).startswith(f"date it from `{text_of(last)}` on, when ")
    assert events_of_command(state, command, last, POLICY)


def test_an_acceptance_is_not_dated_before_another_offer_that_it_ends() -> None:
    state = run(*OFFERED, (5, Offer("p", ["bob"])))
    with pytest.raises(TooEarlyError, match="not yet offered to `bob`"):
        events_of_command(state, Accept("a", "ada", 1), NINE + timedelta(seconds=3), POLICY)
    assert events_of_command(state, Decline("d", "ada", 1), NINE + timedelta(seconds=3), POLICY), (
        "a refusal ends no other offer"
    )


def test_work_is_parked_only_after_its_last_open_offer_has_ended() -> None:
    policy = OfferPolicy(declines=1)
    both = ((0, Enqueue("q")), (1, Offer("o", ["ada", "bob"])), (2, Decline("d", "ada", 1)))
    assert run(*both, policy=policy).status is WorkStatus.OFFERED
    assert run(*both, (3, Decline("e", "bob", 2)), policy=policy).status is WorkStatus.PARKED


@pytest.mark.parametrize(("counts", "expected"), [(True, "parked"), (False, "queued")])
def test_an_expired_offer_counts_as_a_refusal_if_the_policy_says_so(
    counts: bool,  # noqa: FBT001 - a table
    expected: str,
) -> None:
    policy = OfferPolicy(declines=1, expiry_declines=counts)
    state = run(*OFFERED, (40, ProcessTimeouts()), policy=policy)
    assert (state.status, state.refusal_count) == (expected, int(counts))
    assert [each.agent for each in state.refusals] == ["ada"]
