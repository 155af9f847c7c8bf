from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import attrs
import pytest

from entitlements.billing import PrepaidBlock
from entitlements.contracts import Cycle
from entitlements.kernel import InvalidValueError, LimitExceededError, Money

BLOCK = PrepaidBlock(
    id="hours",
    contract="C-1",
    line="main",
    price=Money(900, "EUR"),
    amount=600,
    lifetime=Cycle("month"),
    zone="Europe/Berlin",
    start=date(2026, 1, 31),
)
FAR = date(2026, 6, 1)


def test_a_block_is_bought_once_and_used_until_it_expires() -> None:
    (grant,) = BLOCK.grants(FAR)
    assert (grant.amount, grant.unit) == (600, "minutes")
    assert grant.effective == datetime(2026, 1, 30, 23, tzinfo=UTC)
    assert grant.expires == datetime(2026, 2, 27, 23, tzinfo=UTC)
    (line,) = BLOCK.lines(date(2026, 1, 1), FAR)
    assert (line.amount, line.charged_at) == (Money(900, "EUR"), grant.effective)


def test_a_block_that_renews_is_bought_again_when_it_has_expired_without_a_gap() -> None:
    renewed = attrs.evolve(BLOCK, renews=True)
    grants = list(renewed.grants(FAR))
    assert [f"{each.effective:%m-%d}" for each in grants] == [
        "01-30", "02-27", "03-30", "04-29", "05-30",
    ]  # fmt: skip
    assert all(one.expires == other.effective for one, other in itertools.pairwise(grants))
    assert len({each.id for each in grants}) == 5
    assert len(list(renewed.lines(date(2026, 2, 28), date(2026, 4, 30)))) == 2


def test_a_block_is_bought_for_the_last_time_on_its_last_day() -> None:
    ended = attrs.evolve(BLOCK, renews=True, end=date(2026, 3, 31))
    assert len(list(ended.grants(FAR))) == 3
    assert len(list(attrs.evolve(ended, end=date(2026, 3, 30)).grants(FAR))) == 2


def test_the_overage_of_a_block_is_that_of_its_grants() -> None:
    capped = attrs.evolve(BLOCK, over_use="cap", cap=60, priority=3)
    (grant,) = capped.grants(FAR)
    assert (grant.over_use, grant.cap, grant.priority) == ("cap", 60, 3)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"price": Money(-1, "EUR")}, InvalidValueError),
        ({"price": 900}, InvalidValueError),
        ({"amount": 0}, InvalidValueError),
        ({"amount": 1.5}, InvalidValueError),
        ({"unit": "hours"}, InvalidValueError),
        ({"lifetime": 3}, InvalidValueError),
        ({"end": date(2026, 12, 31)}, InvalidValueError),
        ({"renews": True, "end": date(2026, 1, 1)}, InvalidValueError),
        ({"renews": 1}, InvalidValueError),
        ({"cap": 5}, InvalidValueError),
        ({"start": "2026-01-31"}, InvalidValueError),
        ({"priority": 2**70}, LimitExceededError),
    ],
)
def test_an_impossible_block_is_refused(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        attrs.evolve(BLOCK, **changes)
