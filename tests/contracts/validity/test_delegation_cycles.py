"""Cycles among delegations are found wherever they are, with bounded work."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import Delegation
from entitlements.contracts.validity.delegation_cycles import check_delegation_cycles
from entitlements.kernel.errors import ConflictError, LimitExceededError
from entitlements.kernel.instants import utc

NOON = utc("2026-03-02T12:00Z")
HOUR = timedelta(hours=1)
PEOPLE = "abcde"


def link(
    id: str, giver: str, receiver: str, start: int = 0, end: int | None = None, contract: str = "C"
) -> Delegation:
    """Return a delegation for some hours of the day."""
    return Delegation(
        id=id,
        contract=contract,
        giver=giver,
        receiver=receiver,
        start=NOON + start * HOUR,
        end=None if end is None else NOON + end * HOUR,
    )


def has_cycle(links: list[Delegation]) -> bool:
    """Return whether delegations lead back to their start in some hour: tries every hour."""
    return any(
        _leads(start, start, [each for each in links if _runs(each, hour)], set())
        for hour in range(8)
        for start in PEOPLE
    )


def _runs(each: Delegation, hour: int) -> bool:
    at = NOON + hour * HOUR
    return each.start <= at and (each.end is None or at < each.end)


def _leads(person: str, target: str, links: list[Delegation], seen: set[str]) -> bool:
    following = {each.receiver for each in links if each.giver == person} - seen
    return target in following or any(
        _leads(each, target, links, {*seen, *following}) for each in following
    )


LINKS = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(0, 5), st.integers(1, 3)
    ).filter(lambda drawn: drawn[0] != drawn[1]),
    max_size=9,
).map(
    lambda drawn: [
        link(f"D{n}", giver, receiver, start, None if hours == 3 else start + hours)
        for n, (giver, receiver, start, hours) in enumerate(drawn)
    ]
)


@given(LINKS)
def test_a_circle_is_refused_if_there_is_one_in_some_hour(links: list[Delegation]) -> None:
    if has_cycle(links):
        with pytest.raises(ConflictError, match="run in a circle"):
            check_delegation_cycles(links)
    else:
        check_delegation_cycles(links)


def test_those_that_run_in_a_circle_are_named_and_no_others() -> None:
    circle = [link("D1", "a", "b"), link("D2", "b", "c"), link("D3", "c", "a")]
    around = [link("D0", "z", "a"), link("D4", "b", "y"), link("D5", "b", "a", contract="E")]
    with pytest.raises(ConflictError, match="delegations `D1`, `D2`, `D3` run in a circle"):
        check_delegation_cycles([*around, *circle])


def test_of_a_long_circle_some_are_named() -> None:
    links = [link(f"D{n}", f"p{n}", f"p{(n + 1) % 9000}") for n in range(9000)]
    with pytest.raises(ConflictError, match="and 8995 more run in a circle") as refused:
        check_delegation_cycles(links)
    assert len(refused.value.message) < 100


@pytest.mark.parametrize("order", [1, -1])
def test_a_chain_of_nine_thousand_links_is_no_cycle(order: int) -> None:
    check_delegation_cycles([link(f"D{n}", f"p{n}", f"p{n + 1}") for n in range(9000)][::order])


def test_delegations_of_a_hundred_people_to_all_later_ones_are_no_cycle() -> None:
    people = range(100)
    pairs = [(one, other) for one in people for other in people if one < other]
    check_delegation_cycles([link(f"D{a} {b}", f"p{a}", f"p{b}") for a, b in pairs])


def test_links_that_close_a_ring_in_turn_are_too_many_to_follow() -> None:
    size = 2000
    links = [link(f"A{n}", f"p{n}", f"p{n + 1}", 0, n) for n in range(1, size)]
    links += [link(f"B{n}", f"p{n}", f"p{n + 1}", n + 1) for n in range(1, size)]
    links += [link(f"C{n}", f"p{size}", "p1", n, n + 1) for n in range(1, size)]
    with pytest.raises(
        LimitExceededError, match="contract `C` has too many overlapping delegations"
    ):
        check_delegation_cycles(links)
