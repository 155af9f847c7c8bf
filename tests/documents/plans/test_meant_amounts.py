"""Amounts in other words, as price lists and people have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.documents.plans.amounts import Amount, format_amount, parse_amount
from entitlements.documents.plans.meant_amounts import in_other_words
from entitlements.sla import Commitment


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2 working days", "2 business days"),
        ("1 workday", "1 business day"),
        ("2bd", "2 business days"),
        ("NBD", "next business day"),
        ("next day", "next business day"),
        ("Next working day emea", "next business day emea"),
        ("same day", "same business day"),
        ("1 business week", "5 business days"),
        ("within 4h", "4h"),
        ("max 4h", "4h"),
        ("up to 90 minutes", "90 minutes"),
        ("<= 4h", "4h"),
        ("< 4h", "less than 4h"),
        ("under 4h", "less than 4h"),
        ("target 4h", "objective 4h"),
        ("goal: 4 hours", "objective 4 hours"),
        ("ASAP", "best effort"),
        ("as soon as possible", "best effort"),
        ("half an hour", "30m"),
        ("an hour", "1 hour"),
        ("one hour", "1 hour"),
        ("Two hours 24x7", "2 hours always"),
        ("within 1 hour 24/7", "1 hour always"),
        ("30 minutes around the clock", "30 minutes always"),
    ],
)
def test_an_amount_in_other_words_is_recognised(text: str, meant: str) -> None:
    assert in_other_words(text) == meant
    parse_amount(meant)


@given(
    st.integers(1, 99),
    st.sampled_from([Commitment.GUARANTEE, Commitment.OBJECTIVE]),
    st.sampled_from([None, "always", "emea", "Support-Hours"]),
)
def test_an_amount_of_the_format_keeps_its_words(
    days: int, commitment: Commitment, calendar: str | None
) -> None:
    text = format_amount(Amount(days, calendar, commitment))
    assert in_other_words(text) == text
