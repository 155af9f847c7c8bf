"""Follow-ups: only a resolution opens a warranty, and a chain has the one of its first case."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.access.compiled.test_balance_check import DAY, done, prepaid
from tests.access.small import MONDAY, REQUEST

from entitlements.access import AdvisoryKind, ChargeKind, Granted
from entitlements.contracts import OpenCase

WEEK = 7 * DAY
FOLLOWING = attrs.evolve(REQUEST, follows="K")


def is_free(cases: list[OpenCase], at: timedelta = DAY, **asked: Any) -> bool:
    """Return whether a request that follows `K` so long after Monday takes nothing."""
    request = attrs.evolve(FOLLOWING, **asked)
    case = prepaid(request, amount=0, warranty=WEEK, cases=cases, at=MONDAY + at)
    answer = case.decision
    if isinstance(answer, Granted):
        assert answer.charge.kind is ChargeKind.INCLUDED
    return isinstance(answer, Granted)


def test_only_a_resolution_opens_a_warranty() -> None:
    assert is_free([done("K", MONDAY)])
    assert not is_free([done("K", None, opened=MONDAY - DAY, closed=MONDAY)]), "cancelled"
    assert not is_free([done("K", None, opened=MONDAY - DAY)]), "open"


@pytest.mark.parametrize(
    "said", [{"line": "2"}, {"contract": "D"}, {"product": "os"}, {"product": None}, {"id": "L"}]
)
def test_a_follow_up_is_of_the_same_line_and_product(said: dict[str, Any]) -> None:
    assert not is_free([attrs.evolve(done("K", MONDAY), **said)])


def test_a_request_does_not_follow_itself() -> None:
    assert not is_free([done("R", MONDAY)], follows="R")


def test_a_warranty_counts_from_the_first_case_of_a_chain() -> None:
    first = done("F", MONDAY)
    second = done("K", MONDAY + 5 * DAY, follows="F")
    assert is_free([first, second], at=6 * DAY)
    assert not is_free([first, second], at=8 * DAY)
    third = done("T", MONDAY + 6 * DAY + DAY / 2, follows="K")
    assert is_free([first, second, third], at=6 * DAY + DAY * 3 / 4, follows="T")
    assert not is_free([first, second, third], at=8 * DAY, follows="T")


def test_a_case_that_came_after_the_warranty_is_a_first_case() -> None:
    first = done("F", MONDAY)
    late = done("K", MONDAY + 8 * DAY, follows="F")
    assert late.opened == MONDAY + 7 * DAY
    assert is_free([first, late], at=14 * DAY)
    early = attrs.evolve(late, opened=MONDAY + 7 * DAY - timedelta(microseconds=1))
    assert not is_free([first, early], at=14 * DAY)


def test_a_case_that_follows_another_product_is_a_first_case() -> None:
    other = done("F", MONDAY - 90 * DAY, product="os")
    assert is_free([other, done("K", MONDAY, follows="F")])


def test_a_chain_that_is_not_known_or_has_no_first_gives_nothing() -> None:
    assert not is_free([done("K", MONDAY, follows="gone")])
    circle = [done("K", MONDAY, follows="F"), done("F", MONDAY, follows="K")]
    assert not is_free(circle)
    assert not is_free([done("K", MONDAY, follows="F"), done("F", None, opened=MONDAY - WEEK)])


def test_a_very_long_chain_is_followed_to_its_first_case() -> None:
    chain = [done("0", MONDAY)]
    chain += [done(f"{n}", MONDAY, follows=f"{n - 1}") for n in range(1, 3000)]
    assert is_free(chain, follows="2999")
    assert not is_free(chain, at=8 * DAY, follows="2999")


@pytest.mark.parametrize(
    ("cases", "amount", "warned"),
    [
        pytest.param([done("K", MONDAY)], 0, False, id="it is free"),
        pytest.param([], 5, True, id="no such case"),
        pytest.param([done("K", MONDAY, product="os")], 5, True, id="another product"),
        pytest.param([done("K", MONDAY - 8 * DAY)], 5, True, id="the warranty is over"),
    ],
)
def test_a_warning_says_that_what_is_followed_gives_nothing(
    cases: list[OpenCase], amount: int, *, warned: bool
) -> None:
    case = prepaid(FOLLOWING, amount=amount, warranty=WEEK, cases=cases, at=MONDAY + DAY)
    answer = case.decision
    assert isinstance(answer, Granted)
    kinds = {each.kind for each in answer.warnings}
    assert (AdvisoryKind.FOLLOWS_NOTHING in kinds) is warned
