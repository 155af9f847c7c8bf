from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.worlds import facts

from entitlements import Facts
from entitlements.cli.commands.demo import LENGTH, START
from entitlements.cli.demo.traffic import STRANGER, generated_requests
from entitlements.kernel import InvalidValueError

END = START + LENGTH
FACTS = facts()


@given(st.integers(), st.integers(1, 50))
def test_questions_are_in_order_in_time_and_repeatable(seed: int, count: int) -> None:
    asked = generated_requests(FACTS, seed=seed, count=count, start=START, end=END)
    assert len({each.request.id for each in asked}) == len(asked) == count
    assert [each.at for each in asked] == sorted(each.at for each in asked)
    assert all(START <= each.at < END for each in asked)
    assert asked == generated_requests(FACTS, seed=seed, count=count, start=START, end=END)


def test_another_seed_asks_other_questions() -> None:
    one, other = (
        generated_requests(FACTS, seed=seed, count=50, start=START, end=END) for seed in (1, 2)
    )
    assert one != other


def test_most_questions_fit_the_contracts_and_some_do_not() -> None:
    asked = generated_requests(FACTS, seed=1, count=500, start=START, end=END)
    customers = Counter(each.request.customer for each in asked)
    assert set(customers) == {*FACTS.accounts, STRANGER}
    assert customers[STRANGER] < 25
    assert {each.request.severity for each in asked} == {"S1", "S2"}
    assert all(timedelta(minutes=20) <= each.effort < timedelta(hours=3) for each in asked)


def test_without_contracts_there_are_no_requests() -> None:
    with pytest.raises(InvalidValueError, match="no request can be generated"):
        generated_requests(Facts(), seed=1, count=1, start=START, end=END)
