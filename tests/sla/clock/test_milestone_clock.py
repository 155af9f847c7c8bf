"""Starts and ends of milestone clocks."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from entitlements.kernel.instants import utc
from entitlements.sla import ClockOptions, Event, History, Recurrence, SlaPolicy, Target, measure

HOUR = timedelta(hours=1)


def at(clock: str) -> str:
    return f"2026-03-02T{clock}Z"


def cycles(
    target: Target, *events: Event, asked: str = "18:00", **options: str
) -> list[tuple[str, str, str | None, str | None]]:
    promise = SlaPolicy(id="p", targets=[target], options=ClockOptions(**options))  # type: ignore[arg-type]
    history = History([Event.opened(at("09:00"), severity="S1"), *events])
    found = measure(promise, history, utc(at(asked)))
    assert found.rejected == ()
    return [
        (
            each.state.value,
            f"{each.started_at:%H:%M}",
            each.due and f"{each.due:%H:%M}",
            each.completed_at and f"{each.completed_at:%H:%M}",
        )
        for each in found.cycles(target.milestone)
    ]


NEXT = Target(milestone="next_response", within=HOUR)
UPDATE = Target(milestone="update", within=2 * HOUR)
RESOLUTION = Target(milestone="resolution", within=4 * HOUR)
MESSAGE, ANSWER = Event.customer_replied, Event.responded


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("first_unanswered", [("running", "12:00", "13:00", None)]),
        ("last_unanswered", [("running", "12:20", "13:20", None)]),
        (
            "first_unanswered_or_opening",
            [("missed", "09:00", "10:00", "11:00"), ("running", "12:00", "13:00", None)],
        ),
    ],
)
def test_the_next_response_starts_with_the_message_the_policy_names(
    choice: str, expected: list[tuple[str, str, str | None, str | None]]
) -> None:
    events = [MESSAGE(at("09:30")), ANSWER(at("11:00")), MESSAGE(at("12:00")), MESSAGE(at("12:20"))]
    assert cycles(NEXT, *events, asked="12:30", next_response=choice) == expected


def test_each_answer_starts_the_next_period_of_an_update() -> None:
    assert cycles(UPDATE, ANSWER(at("10:00")), ANSWER(at("13:00")), asked="14:00") == [
        ("met", "09:00", "11:00", "10:00"),
        ("missed", "10:00", "12:00", "13:00"),
        ("running", "13:00", "15:00", None),
    ]


def test_an_early_answer_does_not_shift_the_periods_of_a_sequential_update() -> None:
    sequential = Target(milestone="update", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL)
    assert cycles(sequential, ANSWER(at("10:00")), ANSWER(at("10:30")), asked="12:00") == [
        ("met", "09:00", "11:00", "10:00"),
        ("running", "11:00", "13:00", None),
    ]


def test_a_period_may_be_paused_before_it_begins() -> None:
    sequential = Target(milestone="update", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL)
    events = [ANSWER(at("10:00")), Event.paused(at("10:30"), "customer")]
    history = History([Event.opened(at("09:00")), *events])
    now = utc(at("10:40"))
    reading = measure(SlaPolicy(id="p", targets=[sequential]), history, now)["update"]
    assert (reading.state, reading.due) == ("paused", None)
    assert reading.due_if_resumed_at(now) == utc(at("13:00"))


def test_updates_may_wait_for_the_first_response() -> None:
    assert cycles(UPDATE, ANSWER(at("12:00")), asked="13:00", update_start="first_response") == [
        ("running", "12:00", "14:00", None)
    ]


def test_a_resolution_removes_an_update_period_that_has_not_begun() -> None:
    sequential = Target(milestone="update", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL)
    events = [ANSWER(at("10:00")), Event.resolved(at("10:30")), Event.reopened(at("12:00"))]
    assert cycles(sequential, *events, asked="13:00") == [
        ("met", "09:00", "11:00", "10:00"),
        ("running", "12:00", "14:00", None),
    ]


@pytest.mark.parametrize(
    ("reopen", "expected"),
    [
        ("exclude", [("running", "09:00", "14:00", None)]),
        ("continue", [("running", "09:00", "13:00", None)]),
        ("restart", [("running", "12:00", "16:00", None)]),
        (
            "new_cycle",
            [("met", "09:00", "13:00", "11:00"), ("running", "12:00", "16:00", None)],
        ),
    ],
)
def test_a_reopened_clock_continues_or_restarts_as_the_policy_says(
    reopen: str, expected: list[tuple[str, str, str | None, str | None]]
) -> None:
    events = [Event.resolved(at("11:00")), Event.reopened(at("12:00"))]
    assert cycles(RESOLUTION, *events, asked="12:30", reopen=reopen) == expected


@pytest.mark.parametrize(("resolving", "state"), [("answers", "met"), ("cancels", "cancelled")])
def test_a_resolution_answers_or_cancels_the_first_response(resolving: str, state: str) -> None:
    first = Target(milestone="first_response", within=4 * HOUR)
    found = cycles(first, Event.resolved(at("10:00")), resolving=resolving)
    assert [each[0] for each in found] == [state]


def test_a_late_clock_stays_late_when_it_is_cancelled() -> None:
    first = Target(milestone="first_response", within=HOUR)
    found = cycles(first, Event.cancelled(at("12:00")))
    assert found == [("missed", "09:00", "10:00", None)]


def test_a_message_during_the_resolution_counts_from_the_reopening() -> None:
    events = [
        ANSWER(at("09:10")),
        Event.resolved(at("10:00")),
        MESSAGE(at("11:00")),
        Event.reopened(at("11:30")),
    ]
    assert cycles(NEXT, *events, asked="12:00") == [("running", "11:30", "12:30", None)]


def test_a_message_answered_during_the_resolution_starts_nothing() -> None:
    events = [
        ANSWER(at("09:10")),
        Event.resolved(at("10:00")),
        MESSAGE(at("11:00")),
        ANSWER(at("11:10")),
        Event.reopened(at("11:30")),
    ]
    promise = SlaPolicy(id="p", targets=[NEXT])
    history = History([Event.opened(at("09:00")), *events])
    assert measure(promise, history, utc(at("12:00")))["next_response"].state == "pending"


FIRST = Target(milestone="first_response", within=4 * HOUR)
NAMED = Target(milestone="workaround", within=4 * HOUR)
FROM_OPENING = "first_unanswered_or_opening"


@pytest.mark.parametrize("resolving", ["answers", "cancels"])
@pytest.mark.parametrize(
    "target", [FIRST, NEXT, RESOLUTION, NAMED], ids=lambda each: each.milestone
)
@pytest.mark.parametrize(
    ("reopen", "starts", "due"),
    [
        ("exclude", ["09:00"], "14:00"),
        ("continue", ["09:00"], "13:00"),
        ("restart", ["12:00"], "16:00"),
        ("new_cycle", ["09:00", "12:00"], "16:00"),
    ],
)
def test_a_reopening_runs_the_clocks_again_that_only_the_resolution_ended(
    resolving: str, target: Target, reopen: str, starts: list[str], due: str
) -> None:
    longer = attrs.evolve(target, within=4 * HOUR)
    events = [Event.resolved(at("11:00")), Event.reopened(at("12:00"))]
    options = {"reopen": reopen, "resolving": resolving, "next_response": FROM_OPENING}
    found = cycles(longer, *events, asked="12:30", **options)
    assert [started for _, started, _, _ in found] == starts
    assert found[-1] == ("running", starts[-1], due, None)
    if reopen == "new_cycle":
        good = resolving == "answers" and target is not NAMED
        assert found[0][0] == ("met" if good or target is RESOLUTION else "cancelled")


@pytest.mark.parametrize("reopen", ["exclude", "continue", "restart", "new_cycle"])
@pytest.mark.parametrize("target", [FIRST, NEXT], ids=["first", "next"])
@pytest.mark.parametrize(
    ("events", "resolving", "expected"),
    [
        pytest.param(
            [ANSWER(at("10:00")), Event.resolved(at("11:00"))],
            "answers",
            ("met", "10:00"),
            id="answered before the resolution",
        ),
        pytest.param(
            [Event.resolved(at("11:00")), ANSWER(at("11:30"))],
            "answers",
            ("met", "11:00"),
            id="answered while resolved",
        ),
        pytest.param(
            [Event.resolved(at("11:00")), ANSWER(at("11:30"))],
            "cancels",
            ("cancelled", None),
            id="answered while resolved, cancelled",
        ),
        pytest.param(
            [Event.resolved(at("11:00"))],
            "answers_for_good",
            ("met", "11:00"),
            id="answered by the resolution for good",
        ),
    ],
)
def test_an_answered_response_stays_answered_after_a_reopening(
    reopen: str,
    target: Target,
    events: list[Event],
    resolving: str,
    expected: tuple[str, str | None],
) -> None:
    longer = attrs.evolve(target, within=4 * HOUR)
    options = {"reopen": reopen, "resolving": resolving, "next_response": FROM_OPENING}
    found = cycles(longer, *events, Event.reopened(at("12:00")), asked="12:30", **options)
    assert [(state, ended) for state, _, _, ended in found] == [expected]


@pytest.mark.parametrize("resolving", ["answers", "cancels", "answers_for_good"])
@pytest.mark.parametrize("reopen", ["exclude", "continue", "restart", "new_cycle"])
def test_the_next_period_of_an_update_begins_with_the_reopening(
    resolving: str, reopen: str
) -> None:
    events = [Event.resolved(at("10:00")), Event.reopened(at("12:00"))]
    found = cycles(UPDATE, *events, asked="12:30", resolving=resolving, reopen=reopen)
    assert [each[0] for each in found] == [
        "cancelled" if resolving == "cancels" else "met",
        "running",
    ]
    assert found[-1][1:3] == ("12:00", "14:00")


def test_a_message_after_a_reopening_is_the_next_one_if_the_resolution_answered_for_good() -> None:
    events = [Event.resolved(at("10:00")), Event.reopened(at("11:00")), MESSAGE(at("11:30"))]
    found = cycles(NEXT, *events, asked="12:00", resolving="answers_for_good")
    assert found == [("running", "11:30", "12:30", None)]
    promise = SlaPolicy(id="p", targets=[NEXT])
    history = History([Event.opened(at("09:00")), *events])
    assert measure(promise, history, utc(at("12:00")))["next_response"].state == "pending"


@pytest.mark.parametrize(
    ("choice", "starts"),
    [
        ("first_unanswered", ["12:00"]),
        ("first_unanswered_or_opening", ["09:00", "12:00"]),
        ("first_unanswered_message", ["09:30", "12:00"]),
        ("last_unanswered", ["12:00"]),
    ],
)
def test_a_message_before_the_first_response_starts_a_clock_where_the_policy_says_so(
    choice: str, starts: list[str]
) -> None:
    events = [MESSAGE(at("09:30")), MESSAGE(at("09:40")), ANSWER(at("11:00")), MESSAGE(at("12:00"))]
    found = cycles(NEXT, *events, asked="12:30", next_response=choice)
    assert [started for _, started, _, _ in found] == starts


def test_the_opening_alone_starts_no_response_clock_that_waits_for_a_message() -> None:
    promise = SlaPolicy(
        id="p", targets=[NEXT], options=ClockOptions(next_response="first_unanswered_message")
    )
    history = History([Event.opened(at("09:00"))])
    found = measure(promise, history, utc(at("12:00")))["next_response"]
    assert (found.state, found.due) == ("pending", None)


def test_a_reopening_does_not_restart_an_update_that_the_end_of_the_agreement_cancelled() -> None:
    sequential = Target(milestone="update", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL)
    events = [
        ANSWER(at("10:00")),
        Event.terms_expired(at("10:15")),
        Event.resolved(at("10:30")),
        Event.reopened(at("12:00")),
    ]
    found = cycles(sequential, *events, asked="13:00", expiry="stop")
    assert found == [("met", "09:00", "11:00", "10:00")]


def test_a_reopening_does_not_run_an_answered_period_again_when_the_next_was_removed() -> None:
    sequential = Target(
        milestone="next_response", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL
    )
    events = [ANSWER(at("10:00")), Event.resolved(at("10:30")), Event.reopened(at("12:00"))]
    found = cycles(sequential, *events, asked="13:00", next_response=FROM_OPENING)
    assert found == [("met", "09:00", "11:00", "10:00")]


@pytest.mark.parametrize("resolving", ["answers", "cancels", "answers_for_good"])
def test_an_answer_while_resolved_counts_also_after_further_reopenings(
    resolving: str,
) -> None:
    events = [
        Event.resolved(at("10:00")),
        ANSWER(at("10:30")),
        Event.reopened(at("11:00")),
        Event.resolved(at("12:00")),
        Event.reopened(at("13:00")),
    ]
    found = cycles(FIRST, *events, resolving=resolving)
    assert [each[0] for each in found] == ["cancelled" if resolving == "cancels" else "met"]


@pytest.mark.parametrize("change", ["recompute", "carry", "restart", "freeze"])
def test_a_period_uses_the_severity_at_its_beginning(change: str) -> None:
    sequential = Target(
        milestone="update", within=2 * HOUR, severities=["S1"], recurrence=Recurrence.SEQUENTIAL
    )
    slower = attrs.evolve(sequential, within=4 * HOUR, severities=["S2"])
    promise = SlaPolicy(
        id="p", targets=[sequential, slower], options=ClockOptions(severity_change=change)
    )
    events = [
        Event.opened(at("09:00"), severity="S1"),
        ANSWER(at("10:00")),
        Event.severity_changed(at("10:30"), "S2"),
    ]
    reading = measure(promise, History(events), utc(at("12:00")))["update"]
    assert (reading.started_at, reading.due) == (utc(at("11:00")), utc(at("15:00")))


def test_an_answer_at_the_beginning_of_a_period_meets_it() -> None:
    sequential = Target(milestone="update", within=2 * HOUR, recurrence=Recurrence.SEQUENTIAL)
    assert cycles(sequential, ANSWER(at("10:00")), ANSWER(at("11:00")), asked="13:30") == [
        ("met", "09:00", "11:00", "10:00"),
        ("met", "11:00", "13:00", "11:00"),
        ("running", "13:00", "15:00", None),
    ]


def test_only_the_first_cycle_of_a_retroactive_clock_counts_from_the_opening() -> None:
    events = [ANSWER(at("09:10")), MESSAGE(at("10:00")), ANSWER(at("10:30")), MESSAGE(at("12:00"))]
    longer = attrs.evolve(NEXT, within=4 * HOUR)
    promise = SlaPolicy(id="p", targets=[longer], options=ClockOptions(retroactive=True))
    found = measure(promise, History([Event.opened(at("09:00")), *events]), utc(at("12:30")))
    assert [each.started_at for each in found.cycles("next_response")] == [
        utc(at("09:00")),
        utc(at("12:00")),
    ]
