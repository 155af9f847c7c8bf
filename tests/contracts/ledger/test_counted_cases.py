"""Counted cases, compared with a plain list of the same cases."""

from __future__ import annotations

import copy
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.account import OpenCase
from entitlements.contracts.ledger.counted_cases import CountedCases
from entitlements.kernel.instants import to_micros, utc

MONDAY = utc("2026-03-02T09:00Z")
HOUR = timedelta(hours=1)


def case(number: int, line: str = "1", closed: int | None = None) -> OpenCase:
    return OpenCase(
        id=f"K-{number}",
        contract="C",
        line=line,
        opened=MONDAY,
        closed=None if closed is None else MONDAY + closed * HOUR,
    )


cases = st.lists(
    st.builds(
        case,
        st.integers(0, 40),
        st.sampled_from(["1", "2"]),
        st.none() | st.integers(0, 5),
    ),
    max_size=120,
)
instants = st.integers(-1, 6).map(lambda hours: to_micros(MONDAY + hours * HOUR))


@given(cases, instants)
def test_they_answer_as_a_list_of_the_last_state_of_each_case_does(
    changes: list[OpenCase], at: int
) -> None:
    found, states, expected = CountedCases[OpenCase](), list[CountedCases[OpenCase]](), []
    for each in changes:
        states.append(found)
        expected = [other for other in expected if other.id != each.id] + [each]
        found = found.with_case(each)
    assert found == tuple(expected) == (*found,)
    assert found == CountedCases(changes) == copy.copy(found)
    assert hash(found) == hash(CountedCases(expected))
    assert [len(each) for each in states] == [
        len({other.id for other in changes[:n]}) for n in range(len(changes))
    ]
    still = [each for each in expected if each.closed is None or to_micros(each.closed) > at]
    assert sorted(found.not_closed(at), key=repr) == sorted(still, key=repr)
    for line in ("1", "2", "3"):
        mine = [each for each in expected if each.line == line]
        assert found.count_open(("C", line), at) == sum(each.line == line for each in still)
        later = [to_micros(each.closed) for each in mine if each.closed is not None]
        following = min((each for each in later if each > at), default=None)
        assert found.next_closing(("C", line), at) == following
    assert [found.get(f"K-{n}") for n in range(41)] == [
        next((each for each in expected if each.id == f"K-{n}"), None) for n in range(41)
    ]


def test_they_are_a_sequence_and_differ_from_other_cases() -> None:
    two = CountedCases([case(1), case(2)])
    assert (two[0], two[1:], len(two)) == (case(1), (case(2),), 2)
    assert two != (case(2), case(1))
    assert two != "K-1"
    assert repr(CountedCases([case(1)])) == repr((case(1),))
