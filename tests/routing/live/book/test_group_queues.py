from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel.instants import utc
from entitlements.routing.live.book.group_queues import GroupQueues

NINE = utc("2026-03-02T09:00Z")
MINUTE = timedelta(minutes=1)
changes = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["db", "net", None]),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(changes)
def test_length_and_age_are_those_of_the_work_that_waits(
    steps: list[tuple[str, str | None, int]],
) -> None:
    queues = GroupQueues()
    waiting = dict[str, tuple[str, int]]()
    for work, group, minute in steps:
        if group is None:
            queues.leave(work)
            waiting.pop(work, None)
        else:
            queues.enter(work, group, NINE + minute * MINUTE)
            waiting[work] = (group, minute)
        for name in ("db", "net"):
            minutes = [opened for queue, opened in waiting.values() if queue == name]
            state = queues.state(name, 2)
            assert (state.waiting, state.signed_in) == (len(minutes), 2)
            assert state.oldest == (NINE + min(minutes) * MINUTE if minutes else None)


def test_work_that_comes_and_goes_leaves_few_entries_behind() -> None:
    queues = GroupQueues()
    queues.enter("stays", "db", NINE)
    for n in range(1_000):
        queues.enter(f"w{n}", "db", NINE + n * MINUTE)
        queues.leave(f"w{n}")
    assert queues.entries <= 2 + 16
    assert queues.state("db", 0).oldest == NINE
