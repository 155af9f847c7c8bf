"""Changes of a contract: valid and refused ones."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from entitlements.contracts import Block, Cancellation, Renewal
from entitlements.contracts.records.changes import BlockEffect, BlockScope, RenewalKind
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc

NOON = utc("2026-03-02T12:00Z")
DAY = date(2026, 3, 2)


def test_a_block_hangs_on_the_account_and_prevents_access_unless_it_says_otherwise() -> None:
    block = Block(id="B", start=NOON)
    assert block.level is BlockScope.ACCOUNT
    assert block.effects == frozenset({BlockEffect.ACCESS})


def test_a_cancellation_is_dated_by_a_day_or_by_an_instant() -> None:
    assert Cancellation(id="K", contract="C", effective=DAY).effective == DAY
    assert Cancellation(id="K", contract="C", effective=NOON).effective == NOON


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: Renewal(id="R", contract="C", start=DAY),
            "give a `start` exactly for",
            id="joined with a start",
        ),
        pytest.param(
            lambda: Renewal(id="R", contract="C", kind=RenewalKind.FRESH),
            "give a `start` exactly for",
            id="fresh without a start",
        ),
        pytest.param(
            lambda: Renewal(id="R", contract="C", months=0), "`0` months", id="of no months"
        ),
        pytest.param(
            lambda: Renewal(id="R", contract="C", months=3, end=DAY),
            "both `months` and `end`",
            id="both",
        ),
        pytest.param(lambda: Block(id="B", start=NOON, end=NOON), "before it starts", id="empty"),
        pytest.param(
            lambda: Block(id="B", start=NOON, effects=[]), "no effect", id="without effect"
        ),
        pytest.param(
            lambda: Block(id="B", start=NOON, contract="C"),
            "do not match level",
            id="account, named",
        ),
        pytest.param(
            lambda: Block(id="B", level="line", contract="C", start=NOON),
            "do not match level",
            id="line, unnamed",
        ),
        pytest.param(
            lambda: Cancellation(
                id="K",
                contract="C",
                effective=datetime(2026, 1, 1),  # noqa: DTZ001 - the point
            ),
            "no time zone",
            id="naive instant",
        ),
    ],
)
def test_nonsense_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()


def test_instants_are_kept_in_utc() -> None:
    block = Block(id="B", start="2026-03-02T13:00+01:00")
    assert block.start == NOON
    assert block.start.tzinfo is UTC


def test_a_block_of_a_line_makes_no_term_longer() -> None:
    said: dict[str, Any] = {"contract": "C", "line": "1", "level": "line"}
    begun = utc("2026-01-01T00:00Z")
    assert not Block(id="B", start=begun, **said).extends_term
    with pytest.raises(InvalidValueError, match="of a line extends the term"):
        Block(id="B", start=begun, extends_term=True, **said)
