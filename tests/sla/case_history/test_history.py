"""Order, duplicates, corrections and rejected events of a history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.kernel.instants import utc
from entitlements.sla import Event, EventKind, History
from entitlements.sla.case_history.history import event_order_key
from entitlements.testing.oracles.clocks.history import possible
from entitlements.testing.strategies import sla as draw

NINE, TEN, ELEVEN = "2026-03-02T09:00Z", "2026-03-02T10:00Z", "2026-03-02T11:00Z"
TWELVE = "2026-03-02T12:00Z"
OPENED = Event.opened(NINE, severity="S1")


def kinds(history: History) -> list[str]:
    return [event.kind.value for _, event, _, _ in history.entries]


@given(st.lists(draw.events(6), max_size=10), st.data())
def test_order_and_number_of_deliveries_change_nothing(
    events: list[Event], data: st.DataObject
) -> None:
    delivered = data.draw(st.permutations([*events, *events]))
    one, other = History(events), History(delivered)
    assert one == other
    assert hash(one) == hash(other)
    assert one.entries == other.entries
    assert one.rejected == other.rejected


@given(st.lists(draw.events(4), max_size=10))
def test_accepted_events_are_those_of_the_oracle(
    events: list[Event],
) -> None:
    history = History([Event.opened(draw.ORIGIN), *events])
    assert [event for _, event, _, _ in history.entries] == possible(list(history.events))
    assert len(history.entries) + len(history.rejected) == len(history)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            [Event.paused(TEN, "x"), Event.resumed(TEN, "x")],
            ["opened", "paused", "resumed"],
            id="a pause without length is paused first",
        ),
        pytest.param(
            [Event.paused(NINE, "x"), Event.paused(TEN, "x"), Event.resumed(TEN, "x")],
            ["opened", "paused", "resumed", "paused"],
            id="a split pause is resumed first",
        ),
        pytest.param(
            [Event.paused(TEN, "x"), Event.responded(TEN)],
            ["opened", "responded", "paused"],
            id="an answer comes before a pause",
        ),
        pytest.param(
            [Event.resolved(TEN), Event.reopened(TEN)],
            ["opened", "resolved", "reopened"],
            id="resolved and reopened at once",
        ),
        pytest.param(
            [Event.severity_changed(TEN, "S1"), Event.severity_changed(TEN, "S2", sequence=-1)],
            ["opened", "severity_changed", "severity_changed"],
            id="a sequence comes before the rank",
        ),
    ],
)
def test_events_of_one_instant_happen_in_a_declared_order(
    events: list[Event], expected: list[str]
) -> None:
    history = History([OPENED, *events])
    assert kinds(history) == expected
    assert history.rejected == ()


def test_the_sequence_of_the_source_decides_which_change_is_the_last() -> None:
    first = Event.severity_changed(TEN, "S9", sequence=1)
    last = Event.severity_changed(TEN, "S1", sequence=2)
    assert History([last, OPENED, first]).entries[-1][1] is last


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param([Event.responded(NINE)], "the case is not open yet", id="before the opening"),
        pytest.param(
            [Event.opened(NINE), Event.closed(TEN), Event.reopened(ELEVEN)],
            "the case is closed for good",
            id="out of a closed case",
        ),
        pytest.param(
            [Event.opened(NINE), Event.cancelled(TEN), Event.responded(ELEVEN)],
            "the case was cancelled",
            id="out of a cancelled case",
        ),
        pytest.param(
            [Event.opened(NINE), Event.opened(TEN)], "`opened` cannot happen", id="opened twice"
        ),
    ],
)
def test_an_impossible_event_is_rejected_with_its_reason(events: list[Event], why: str) -> None:
    history = History(events)
    (rejection,) = history.rejected
    assert rejection.event == events[-1]
    assert why in rejection.reason
    assert len(history.entries) == len(events) - 1


def test_record_raises_where_append_rejects() -> None:
    history = History([OPENED])
    with pytest.raises(TransitionError, match="not paused"):
        history.record(Event.resumed(ELEVEN, "x"))
    waiting = history.append(Event.resumed(ELEVEN, "x"))
    assert len(waiting.rejected) == 1
    assert waiting.append(Event.paused(TEN, "x")).rejected == ()
    assert kinds(history.record(Event.paused(TEN, "x"))) == ["opened", "paused"]


def test_record_raises_if_another_event_becomes_impossible() -> None:
    history = History([OPENED, Event.paused(ELEVEN, "x")])
    with pytest.raises(TransitionError) as caught:
        history.record(Event.closed(TEN))
    assert str(caught.value) == (
        "`closed` at `2026-03-02T10:00:00Z` contradicts `paused` at `2026-03-02T11:00:00Z`, "
        "as the case is closed for good then (it can happen at `2026-03-02T11:00:00Z`)"
    )


def test_of_many_later_instants_only_some_are_tried_and_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = [Event.customer_replied(utc(ELEVEN) + timedelta(minutes=n)) for n in range(100)]
    history, tried = History([OPENED, *later]), list[Event]()
    append = History.append

    def counted(self: History, *events: Event) -> History:
        tried.extend(events)
        return append(self, *events)

    monkeypatch.setattr(History, "append", counted)
    with pytest.raises(TransitionError, match="it can happen at `2026-03-02T12:39:00Z`"):
        history.record(Event.cancelled(TEN))
    assert len(tried) < 20


@pytest.mark.parametrize(
    ("later", "event", "why", "hint"),
    [
        pytest.param(
            [Event.resolved(ELEVEN)],
            Event.cancelled(TEN),
            "`cancelled` at `2026-03-02T10:00:00Z` contradicts `resolved` at `2026-03-02T11:00:00Z`"
            ", as the case was cancelled then",
            "it cannot happen later either: the case is resolved",
            id="not at all",
        ),
        pytest.param(
            [Event.resolved(ELEVEN)],
            Event.resolved(TEN),
            "`resolved` at `2026-03-02T10:00:00Z` contradicts `resolved` at `2026-03-02T11:00:00Z`"
            ", as the case is resolved then",
            "it has happened at `2026-03-02T11:00:00Z`",
            id="done since",
        ),
        pytest.param(
            [Event.resolved(ELEVEN)],
            Event.reopened(TEN),
            "`reopened` cannot happen at `2026-03-02T10:00:00Z`: the case is open and not paused",
            "it can happen at `2026-03-02T11:00:00Z`",
            id="later",
        ),
        pytest.param(
            [Event.paused(TEN, "x"), Event.resolved(TEN), Event.reopened(ELEVEN)],
            Event.corrected(TWELVE, "e2"),
            "`corrected` names no earlier event `e2` (only events with an `id` can be corrected)",
            None,
            id="no later event",
        ),
        pytest.param(
            [Event.resolved(TEN, id="e2"), Event.reopened(ELEVEN)],
            Event.corrected(TWELVE, "e2"),
            "`corrected` at `2026-03-02T12:00:00Z` contradicts `reopened` at "
            "`2026-03-02T11:00:00Z`, as the case is open and not paused then",
            None,
            id="an earlier event",
        ),
    ],
)
def test_a_refusal_names_both_events_and_whether_a_later_instant_helps(
    later: list[Event], event: Event, why: str, hint: str | None
) -> None:
    with pytest.raises(TransitionError) as caught:
        History([OPENED, *later]).record(event)
    assert (caught.value.message, caught.value.hint) == (why, hint)


def test_two_different_events_with_one_id_conflict() -> None:
    with pytest.raises(ConflictError, match="two events have the id `e1` and differ") as caught:
        History([Event.responded(TEN, id="e1"), Event.responded(ELEVEN, id="e1")])
    assert caught.value.field == "at"


RESPONDED = Event.responded(TEN, id="e1")


def test_a_correction_removes_an_event() -> None:
    history = History([OPENED, RESPONDED, Event.corrected(ELEVEN, "e1")])
    assert kinds(history) == ["opened"]
    assert history.rejected == ()


def test_before_its_correction_an_event_counts() -> None:
    history = History([OPENED, RESPONDED, Event.corrected(ELEVEN, "e1")])
    assert kinds(history.as_known(utc(TEN))) == ["opened", "responded"]


def test_the_last_correction_counts() -> None:
    paused = Event.paused(TEN, "x")
    history = History(
        [
            OPENED,
            RESPONDED,
            Event.corrected(ELEVEN, "e1", replacement=paused, id="c1"),
            Event.corrected("2026-03-02T12:00Z", "c1"),
        ]
    )
    assert kinds(history) == ["opened", "responded"]


def test_a_correction_of_an_unknown_event_is_rejected() -> None:
    (rejection,) = History([OPENED, Event.corrected(ELEVEN, "e7")]).rejected
    assert rejection.event.kind is EventKind.CORRECTED
    assert "names no earlier event `e7` (only events with an `id`" in rejection.reason


def test_the_next_event_after_an_instant() -> None:
    history = History([OPENED, RESPONDED])
    assert history.next_event(OPENED.micros) == RESPONDED.micros
    assert history.next_event(RESPONDED.micros) is None
    assert repr(History()) == "History([])"


def test_a_correction_of_a_later_event_is_rejected() -> None:
    early = Event.corrected(TEN, "e2")
    late = Event.responded(ELEVEN, id="e2")
    history = History([OPENED, early, late])
    assert kinds(history) == ["opened", "responded"]
    (rejection,) = history.rejected
    assert (rejection.event, "no earlier event `e2`" in rejection.reason) == (early, True)


def test_the_later_of_two_corrections_of_one_event_counts() -> None:
    first = Event.corrected(ELEVEN, "e1", replacement=Event.paused(TEN, "x"))
    second = Event.corrected("2026-03-02T12:00Z", "e1", replacement=Event.paused(TEN, "y"))
    history = History([OPENED, RESPONDED, first, second])
    assert [event.reason for _, event, _, _ in history.entries] == [None, "y"]
    assert history.rejected == ()


def test_events_of_equal_rank_are_ordered_by_their_content() -> None:
    one, other = Event.responded(TEN, by="ada"), Event.responded(TEN, by="bob")
    assert event_order_key(one) < event_order_key(other)
    assert [each.by for each in History([other, OPENED, one]).events] == [None, "ada", "bob"]


def test_a_correction_cannot_correct_itself() -> None:
    itself = Event.corrected(ELEVEN, "c1", id="c1")
    (rejection,) = History([OPENED, itself]).rejected
    assert rejection.event == itself
