"""Offer policies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.routing.offers.offer_policy import OfferPolicy


@pytest.mark.parametrize(
    "fields",
    [{"lease": timedelta()}, {"wrap_up": -timedelta(seconds=1)}, {"declines": 0}],
)
def test_a_policy_that_offers_nothing_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        OfferPolicy(**fields)  # type: ignore[arg-type]
