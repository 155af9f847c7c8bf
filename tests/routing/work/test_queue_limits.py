"""Queue limits: when a queue is full, and to which queue the work overflows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.routing import QueueLimit, QueueLimits, QueueState, choose_queue
from entitlements.routing.work.queue_limits import queue_limits
from entitlements.testing.oracles import routing as oracle

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)
FULL = QueueLimits(length=2, age=10 * MINUTE, unstaffed=True, overflow=["net", "app"])


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(QueueState(waiting=1, signed_in=1), [], id="room"),
        pytest.param(QueueState(waiting=2, signed_in=1), ["length"], id="as long as allowed"),
        pytest.param(
            QueueState(waiting=1, oldest=NINE - 10 * MINUTE, signed_in=1), ["age"], id="so old"
        ),
        pytest.param(
            QueueState(waiting=1, oldest=NINE - 9 * MINUTE, signed_in=1), [], id="not so old"
        ),
        pytest.param(QueueState(), ["unstaffed"], id="no agent signed in"),
        pytest.param(
            QueueState(waiting=9, oldest=NINE - 99 * MINUTE),
            ["length", "age", "unstaffed"],
            id="all",
        ),
    ],
)
def test_a_queue_reaches_its_limits(state: QueueState, expected: list[str]) -> None:
    assert [each.value for each in FULL.reached(state, NINE)] == expected


def test_work_overflows_to_the_first_group_with_room_and_the_refusals_are_reported() -> None:
    limits = {"db": FULL, "net": QueueLimits(length=1)}
    queues = {"db": QueueState(waiting=2, signed_in=3), "net": QueueState(waiting=1)}
    choice = choose_queue("db", limits, queues, NINE)
    assert choice.group == "app"
    assert choice.refused == (("db", (QueueLimit.LENGTH,)), ("net", (QueueLimit.LENGTH,)))


def test_overflow_is_not_passed_on_and_may_end_in_no_queue() -> None:
    closed = QueueLimits(unstaffed=True, overflow=["net"])
    limits = {"db": closed, "net": QueueLimits(unstaffed=True, overflow=["app"])}
    assert choose_queue("db", limits, {}, NINE).group is None
    assert choose_queue("net", limits, {}, NINE).group == "app"


def test_the_queue_of_a_group_without_limits_is_never_full() -> None:
    assert choose_queue("db", {}, {"db": QueueState(waiting=10**6)}, NINE).group == "db"


names = st.sampled_from(["db", "net", "app"])
limits_ = st.builds(
    QueueLimits,
    length=st.none() | st.integers(1, 3),
    age=st.none() | st.sampled_from([MINUTE, 5 * MINUTE]),
    unstaffed=st.booleans(),
    overflow=st.lists(st.sampled_from(["x", "y"]), unique=True),
)
states = st.builds(
    QueueState,
    waiting=st.integers(0, 4),
    oldest=st.none() | st.integers(0, 9).map(lambda n: NINE - n * MINUTE),
    signed_in=st.integers(0, 1),
)
every = st.sampled_from(["db", "x", "y"])
by_group = st.dictionaries(every, limits_).filter(
    lambda limits: all(name not in each.overflow for name, each in limits.items())
)


@given(every, by_group, st.dictionaries(every, states))
def test_the_queue_is_the_one_of_the_rules(
    group: str, limits: dict[str, QueueLimits], queues: dict[str, QueueState]
) -> None:
    choice = choose_queue(group, limits, queues, NINE)
    assert choice.group == oracle.queue_for(group, limits, queues, NINE)
    asked = [group, *(limits[group].overflow if group in limits else ())]
    assert [name for name, _ in choice.refused] == asked[: len(choice.refused)]


@pytest.mark.parametrize(
    "made",
    [
        lambda: QueueLimits(length=0),
        lambda: QueueLimits(age=timedelta()),
        lambda: QueueLimits(age=5),  # type: ignore[arg-type]
        lambda: QueueLimits(overflow=["a", "a"]),
        lambda: QueueState(waiting=-1),
        lambda: queue_limits({"db": 5}),  # type: ignore[dict-item]
        lambda: queue_limits({"db": QueueLimits(overflow=["db"])}),
        lambda: QueueLimits(age=MINUTE).reached(QueueState(oldest=NINE), datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
    ],
)
def test_nonsense_is_refused(made: object) -> None:
    with pytest.raises(InvalidValueError):
        made()  # type: ignore[operator]
