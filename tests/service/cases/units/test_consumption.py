from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.desks import MONDAY

from entitlements.contracts import Grant, Issue, Ledger, Reserve, Unit
from entitlements.kernel.errors import TransitionError
from entitlements.kernel.ids import key
from entitlements.service.cases.units.consumption import (
    consume_units,
    hold_end,
    record_expiry,
    reserve_units,
    return_units,
)

HOUR = timedelta(hours=1)
GRANT = Issue(grant=Grant(id="g", unit="minutes", amount=100, effective="2026-01-01T00:00Z"))


def held(amount: int = 30, duration: timedelta | None = None) -> Ledger:
    ledger = Ledger().post(GRANT, MONDAY - HOUR).ledger
    return reserve_units(
        ledger, Reserve(key="R-1", unit="minutes", amount=amount, duration=duration), MONDAY
    )


@given(st.integers(1, 100), st.one_of(st.none(), st.integers(0, 130)), st.booleans())
def test_consumed_units_are_the_used_units_as_far_as_the_balance_allows(
    amount: int,
    used: int | None,
    ended: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    lasts = timedelta(minutes=30) if ended else None
    taken = consume_units(held(amount, lasts), "R-1", MONDAY + HOUR, used)
    balance = taken.ledger.balance(Unit.MINUTES, MONDAY + HOUR)
    wanted = amount if used is None else used
    assert balance.used + taken.unpaid == wanted
    assert balance.held == 0
    assert balance.left == 100 - balance.used


@given(st.integers(1, 100), st.one_of(st.none(), st.integers(0, 130)))
def test_units_are_consumed_and_returned_once(amount: int, used: int | None) -> None:
    once = consume_units(held(amount), "R-1", MONDAY + HOUR, used).ledger
    assert consume_units(once, "R-1", MONDAY + 2 * HOUR, 99).ledger is once
    back = return_units(once, "R-1", MONDAY + 2 * HOUR)
    assert return_units(back, "R-1", MONDAY + 3 * HOUR).entries == back.entries
    balance = back.balance(Unit.MINUTES, MONDAY + 3 * HOUR)
    assert (balance.left, balance.held, balance.used) == (100, 0, 0)


def test_an_unconsumed_hold_is_voided_once() -> None:
    back = return_units(held(), "R-1", MONDAY + HOUR)
    assert back.available(Unit.MINUTES, MONDAY + HOUR) == 100
    assert return_units(back, "R-1", MONDAY + HOUR) is back
    assert consume_units(back, "R-1", MONDAY + HOUR).ledger is back


def test_a_case_without_a_hold_consumes_and_returns_nothing() -> None:
    ledger = Ledger()
    assert consume_units(ledger, "R-1", MONDAY).ledger is ledger
    assert return_units(ledger, "R-1", MONDAY) is ledger
    assert record_expiry(ledger, "R-1", MONDAY) is ledger
    assert hold_end(ledger, "R-1") is None


def test_the_end_of_a_hold_is_due_until_it_is_recorded() -> None:
    ledger = held(duration=HOUR)
    assert hold_end(ledger, "R-1") == MONDAY + HOUR
    assert record_expiry(ledger, "R-1", MONDAY + HOUR - timedelta(seconds=1)) is ledger
    ended = record_expiry(ledger, "R-1", MONDAY + HOUR)
    assert ended.entries[-1].kind == "expire"
    assert record_expiry(ended, "R-1", MONDAY + HOUR) is ended
    assert hold_end(ended, "R-1") is None
    assert hold_end(held(), "R-1") is None


def test_more_units_than_are_left_cannot_be_reserved() -> None:
    with pytest.raises(TransitionError, match="spent"):
        held(101)


STEPS = ("commit", "rest", "commit-rest", "void", "back-commit", "back-commit-rest", "expire")


@given(
    st.sampled_from(STEPS),
    st.text("/:@ ~#.|", min_size=1, max_size=2).map(str),
    st.one_of(st.none(), st.integers(0, 60)),
    st.booleans(),
)
def test_a_case_with_the_id_of_a_step_of_another_consumes_and_returns_its_units_only(
    step: str,
    joint: str,
    used: int | None,
    cancelled: bool,  # noqa: FBT001 - drawn, not passed
) -> None:
    for other in (f"{step}{joint}R-1", f"R-1{joint}{step}"):
        ledger = reserve_units(held(), Reserve(key=other, unit="minutes", amount=10), MONDAY)
        ledger = consume_units(ledger, "R-1", MONDAY + HOUR, used).ledger
        if cancelled:
            ledger = return_units(ledger, "R-1", MONDAY + HOUR)
        before = ledger.balance(Unit.MINUTES, MONDAY + HOUR)
        assert before.held == 10, "what the other case holds is still its own"
        after = consume_units(ledger, other, MONDAY + HOUR).ledger.balance(
            Unit.MINUTES, MONDAY + HOUR
        )
        assert (after.held, after.used) == (0, before.used + 10)


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("after", "keys"),
    [
        pytest.param(HOUR - TICK, [key("commit", "R-1")], id="at its last instant"),
        pytest.param(
            HOUR, [key("rest", "R-1"), key("commit-rest", "R-1")], id="at the instant of its end"
        ),
    ],
)
def test_units_are_consumed_from_a_hold_only_before_its_end(
    after: timedelta, keys: list[str]
) -> None:
    before = held(duration=HOUR)
    taken = consume_units(before, "R-1", MONDAY + after)
    assert [each.key for each in taken.ledger.entries_after(len(before))] == keys
    balance = taken.ledger.balance(Unit.MINUTES, MONDAY + after)
    assert (balance.left, balance.held, balance.used, taken.unpaid) == (70, 0, 30, 0)


@pytest.mark.parametrize(
    ("after", "voided"),
    [
        pytest.param(HOUR - TICK, True, id="at its last instant"),
        pytest.param(HOUR, False, id="at the instant of its end"),
    ],
)
def test_a_hold_is_voided_only_before_its_end(after: timedelta, *, voided: bool) -> None:
    before = held(duration=HOUR)
    back = return_units(before, "R-1", MONDAY + after)
    assert (len(back) > len(before)) is voided
    assert back.available(Unit.MINUTES, MONDAY + after) == 100


def test_units_used_after_a_hold_ended_are_returned_completely() -> None:
    taken = consume_units(held(duration=HOUR), "R-1", MONDAY + 2 * HOUR, 45).ledger
    assert taken.available(Unit.MINUTES, MONDAY + 2 * HOUR) == 55
    back = return_units(taken, "R-1", MONDAY + 3 * HOUR)
    assert back.available(Unit.MINUTES, MONDAY + 3 * HOUR) == 100
    assert back.entries[-1].kind == "give_back", "the hold itself has ended, and is not voided"


def test_units_of_a_hold_that_ended_are_taken_once_whatever_is_said_later() -> None:
    taken = consume_units(held(duration=HOUR), "R-1", MONDAY + 2 * HOUR, 45).ledger
    assert consume_units(taken, "R-1", MONDAY + 3 * HOUR, 99).ledger is taken
    assert consume_units(taken, "R-1", MONDAY + 3 * HOUR).ledger is taken


def test_a_case_that_used_nothing_has_nothing_to_give_back() -> None:
    taken = consume_units(held(), "R-1", MONDAY + HOUR, 0).ledger
    assert taken.available(Unit.MINUTES, MONDAY + HOUR) == 100
    assert return_units(taken, "R-1", MONDAY + 2 * HOUR) is taken
