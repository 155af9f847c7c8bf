from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import WorkLog, overlapping_work
from entitlements.billing.work.work_logs import valid_work
from entitlements.kernel import ConflictError, InvalidValueError, LimitExceededError

START = datetime(2026, 3, 27, 16, tzinfo=UTC)


def log(id: str = "W-1", minutes: int = 60, after: int = 0, **fields: object) -> WorkLog:
    start = START + timedelta(minutes=after)
    stated = {"case": "R-1", "agent": "ada"} | fields
    return WorkLog(id=id, start=start, end=start + timedelta(minutes=minutes), **stated)  # type: ignore[arg-type]


def recorded(days: int) -> datetime:
    return START + timedelta(days=days)


def test_the_log_recorded_last_is_valid_whatever_the_order() -> None:
    first, second = log(recorded=recorded(1)), log(minutes=90, recorded=recorded(2))
    assert valid_work([first, second]) == valid_work([second, first]) == (second,)
    assert valid_work([first, second], recorded(1)) == (first,)
    assert valid_work([first, second], START) == ()


def test_a_log_without_an_instant_of_recording_was_always_known() -> None:
    first, second = log(), log(minutes=90, recorded=recorded(1))
    assert valid_work([first, second], START) == (first,)
    assert valid_work([first, second]) == (second,)


def test_a_retracted_log_is_gone_from_when_that_was_recorded() -> None:
    first, second = log(recorded=recorded(1)), log(recorded=recorded(3), retracted=True)
    assert valid_work([first, second], recorded(2)) == (first,)
    assert valid_work([first, second]) == ()


def test_logs_come_in_the_order_of_their_start_and_then_their_id() -> None:
    logs = [log("W-3", after=30), log("W-2"), log("W-1")]
    assert [each.id for each in valid_work(logs)] == ["W-1", "W-2", "W-3"]


def test_the_same_record_twice_is_one() -> None:
    assert valid_work([log(), log()]) == (log(),)


@pytest.mark.parametrize("when", [None, recorded(1)])
def test_two_records_at_the_same_instant_contradict_each_other(when: datetime | None) -> None:
    with pytest.raises(ConflictError, match=r"recorded twice .* with another `end`") as caught:
        valid_work([log(recorded=when), log(minutes=61, recorded=when)])
    assert caught.value.field == "end"


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.booleans()), max_size=8),
    st.randoms(),
)
def test_the_order_in_which_records_are_given_does_not_matter(
    drawn: list[tuple[int, int, bool]], random: Random
) -> None:
    logs = [
        log(f"W-{which}", length, recorded=recorded(number + 1), retracted=gone)
        for number, (which, length, gone) in enumerate(drawn)
    ]
    shuffled = list(logs)
    random.shuffle(shuffled)
    assert valid_work(shuffled) == valid_work(logs)
    for days in range(len(logs) + 1):
        known = [each for each in logs if each.recorded and each.recorded <= recorded(days)]
        assert valid_work(shuffled, recorded(days)) == valid_work(known)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"minutes": 0}, InvalidValueError, "not after"),
        ({"minutes": -5}, InvalidValueError, "not after"),
        ({"minutes": 31 * 24 * 60 + 1}, LimitExceededError, "longer than 31 days"),
        ({"recorded": START - timedelta(seconds=1)}, InvalidValueError, "before the work began"),
        ({"kind": ""}, InvalidValueError, "id"),
        ({"billable": 1}, InvalidValueError, "is not a bool"),
        ({"case": 7}, InvalidValueError, "text"),
    ],
)
def test_an_impossible_log_is_refused(
    fields: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        log(**fields)  # type: ignore[arg-type]


def test_one_agent_who_works_on_two_things_at_once_is_found() -> None:
    one, other = log("W-1"), log("W-2", after=30, case="R-2")
    assert list(overlapping_work([other, one])) == [(one, other)]
    assert list(overlapping_work([one, attrs.evolve(other, agent="bob")])) == []
    assert list(overlapping_work([one, log("W-3", after=60)])) == []


def test_a_long_log_overlaps_all_that_lie_in_it() -> None:
    long, second, third = log("W-1", 300), log("W-2", 10, 20), log("W-3", 10, 200)
    assert list(overlapping_work([long, second, third])) == [(long, second), (long, third)]
