"""What may be written down as a number or an instant."""

from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError, LimitExceededError
from entitlements.kernel.converters import count, instant_or_none, limit, positive, whole
from entitlements.kernel.instants import utc


@pytest.mark.parametrize("value", [-1, 1.0, True, "3", None])
def test_what_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError):
        count(value)  # type: ignore[arg-type]


def test_a_count_fits_into_32_bits() -> None:
    assert count(2**31 - 1) == 2**31 - 1
    with pytest.raises(LimitExceededError):
        count(2**31)


def test_the_least_number_is_named() -> None:
    assert (count(0), positive(1), limit(None), limit(0)) == (0, 1, None, 0)
    with pytest.raises(InvalidValueError, match="share is `0`, not a whole number from 1 on"):
        whole(0, "share", least=1)


def test_an_instant_may_be_missing_but_not_naive() -> None:
    assert instant_or_none(None) is None
    assert instant_or_none("2026-03-02T10:00+01:00") == utc("2026-03-02T09:00Z")
    with pytest.raises(InvalidValueError):
        instant_or_none("2026-03-02T10:00")
