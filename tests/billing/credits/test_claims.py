from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.billing.credits.test_credit_schedules import AWS

from entitlements.billing import ClaimWindow, CreditState, LineKind, ServiceCredit, credit_lines
from entitlements.kernel import (
    DuplicateIdError,
    InvalidValueError,
    Money,
    TransitionError,
    utc,
)

CREDIT = ServiceCredit(
    id="2026-02",
    contract="C-1",
    line="main",
    zone="UTC",
    start=utc("2026-02-01T00:00Z"),
    end=utc("2026-03-01T00:00Z"),
    missed=utc("2026-03-01T00:00Z"),
    figure=Fraction(998, 10),
    fees=Money(500, "USD"),
    schedule=attrs.evolve(AWS, window=ClaimWindow(days=30)),
)


@given(st.integers(-40, 40))
def test_a_credit_is_claimable_until_it_lapses_once(days: int) -> None:
    at = CREDIT.missed + timedelta(days=days)
    expected = CreditState.CLAIMABLE if days < 31 else CreditState.LAPSED
    assert CREDIT.state(at) is expected
    if 0 <= days < 31:
        claimed = CREDIT.claim(at)
        assert claimed.state(at - timedelta(microseconds=1)) is CreditState.CLAIMABLE
        assert claimed.state(at) is CreditState.CLAIMED
        assert claimed.state(at + timedelta(days=400)) is CreditState.CLAIMED
        assert claimed.claim(at + timedelta(days=400)) == claimed
    else:
        with pytest.raises(TransitionError):
            CREDIT.claim(at)


def test_the_last_instant_is_too_late() -> None:
    until = CREDIT.claimable_until
    assert until is not None
    assert CREDIT.claim(until - timedelta(microseconds=1)).claimed is not None
    with pytest.raises(TransitionError, match="and lapsed at"):
        CREDIT.claim(until)


def test_a_credit_without_a_window_is_given_without_a_claim() -> None:
    automatic = attrs.evolve(CREDIT, schedule=AWS)
    assert automatic.state(CREDIT.missed) is CreditState.EARNED
    (line,) = credit_lines([automatic], CREDIT.missed)
    assert (line.kind, line.amount, line.charged_at) == (
        LineKind.CREDIT,
        Money(-50, "USD"),
        CREDIT.missed,
    )
    assert list(credit_lines([automatic], CREDIT.missed - timedelta(seconds=1))) == []


def test_a_credit_is_on_the_bill_from_when_it_is_claimed() -> None:
    at = CREDIT.missed + timedelta(days=3)
    claimed = CREDIT.claim(at)
    assert list(credit_lines([CREDIT], at)) == []
    assert list(credit_lines([claimed], at - timedelta(seconds=1))) == []
    assert [each.charged_at for each in credit_lines([claimed], at)] == [at]


def test_a_kept_promise_gives_no_line() -> None:
    kept = attrs.evolve(CREDIT, figure=100, schedule=AWS)
    assert kept.amount == Money(0, "USD")
    assert list(credit_lines([kept], CREDIT.missed)) == []


def test_a_credit_is_never_given_twice() -> None:
    automatic = attrs.evolve(CREDIT, schedule=AWS)
    with pytest.raises(DuplicateIdError):
        list(credit_lines([automatic, automatic], CREDIT.missed))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"end": CREDIT.start}, InvalidValueError),
        ({"figure": 101}, InvalidValueError),
        ({"figure": 99.8}, InvalidValueError),
        ({"fees": 500}, InvalidValueError),
        ({"schedule": "aws"}, InvalidValueError),
        ({"claimed": CREDIT.start}, TransitionError),
        ({"claimed": datetime(2027, 1, 1, tzinfo=UTC)}, TransitionError),
    ],
)
def test_an_impossible_credit_is_refused(
    changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        attrs.evolve(CREDIT, **changes)
