from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.test_attainment import START, at, case, seeded

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import measure_backlog, measure_flow
from entitlements.sla import Event

seeds = st.integers(0, 2**32)
DAY = timedelta(days=1)


@given(seeds, st.integers(0, 390), st.integers(1, 400))
def test_the_flow_balances_the_backlog(seed: int, begin: int, length: int) -> None:
    cases = seeded(seed)
    flow = measure_flow(cases, at(begin), at(begin + length))
    assert flow.open_before + flow.opened + flow.reopened - flow.over == flow.open_after
    just_before_end = at(begin + length) - timedelta(microseconds=1)
    assert flow.open_after == measure_backlog(cases, just_before_end).total


@given(seeds, st.integers(1, 399))
def test_the_flows_of_parts_sum_to_the_flow_of_the_whole(seed: int, cut: int) -> None:
    cases = seeded(seed)
    one, two = measure_flow(cases, START, at(cut)), measure_flow(cases, at(cut), at(400))
    whole = measure_flow(cases, START, at(400))
    assert one.open_after == two.open_before
    assert (one.opened + two.opened, one.reopened + two.reopened, one.over + two.over) == (
        whole.opened,
        whole.reopened,
        whole.over,
    )


def test_closing_what_was_resolved_is_no_second_end() -> None:
    events = [Event.opened(at(1)), Event.resolved(at(2)), Event.closed(at(3))]
    found = measure_flow([case("R-1", events)], START, at(24))
    counts = {"open_before": 0, "opened": 1, "reopened": 0, "over": 1, "open_after": 0}
    assert dict(found.counts) == counts
    assert {name: len(ids) for name, ids in found.cases.items()} == counts


@given(seeds, st.integers(1, 399))
def test_without_ids_the_counts_are_the_same(seed: int, hours: int) -> None:
    cases = seeded(seed)
    flow = measure_flow(cases, START, at(hours))
    less = measure_flow(cases, START, at(hours), keep_ids=False)
    assert (less.counts, less.cases) == (flow.counts, {})
    assert flow.counts == {name: len(ids) for name, ids in flow.cases.items()}
    ages = measure_backlog(cases, at(hours))
    fewer = measure_backlog(cases, at(hours), keep_ids=False)
    assert (fewer.counts, fewer.cases) == (ages.counts, ())
    assert ages.counts == tuple(map(len, ages.cases))


def test_what_happens_at_the_end_belongs_to_the_next_period() -> None:
    cases = [case("R-1", [Event.opened(at(1)), Event.resolved(at(24))])]
    assert measure_flow(cases, START, at(24)).open_after == 1
    assert measure_flow(cases, at(24), at(48)).over == 1


def test_a_case_is_as_old_as_its_last_opening() -> None:
    reopened = [Event.opened(at(1)), Event.resolved(at(2)), Event.reopened(at(47))]
    cases = [
        case("R-1", reopened),
        case("R-2", [Event.opened(at(1))]),
        case("R-3", [Event.opened(at(24))]),
    ]
    assert measure_backlog(cases, at(48)).cases == (("R-1",), ("R-3", "R-2"), (), ())
    assert measure_backlog(cases, at(48), [30 * DAY]).cases == (("R-1", "R-3", "R-2"), ())


def test_bad_questions_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="not after"):
        measure_flow([], START, START)
    for ages in ([], [timedelta()], [DAY, DAY], [2 * DAY, DAY], ["1d"]):
        with pytest.raises(InvalidValueError):
            measure_backlog([], START, ages)  # type: ignore[arg-type]
