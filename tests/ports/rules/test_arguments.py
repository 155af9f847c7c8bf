from collections.abc import Callable
from typing import Any

import pytest

from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.ports.rules.arguments import (
    messages,
    page_length,
    page_start,
    row_number,
    skipped_rows,
)


@pytest.mark.parametrize("check", [page_length, skipped_rows])
def test_a_page_has_no_negative_length_and_leaves_no_negative_number_of_rows_out(
    check: Callable[[Any], int],
) -> None:
    assert (check(0), check(2**31 - 1)) == (0, 2**31 - 1)
    for wrong in (-1, 1.0, True, None, "5"):
        with pytest.raises(InvalidValueError, match="must be"):
            check(wrong)
    with pytest.raises(LimitExceededError):
        check(2**31)


def test_a_row_that_was_tampered_with_may_have_any_number() -> None:
    assert [row_number(each) for each in (0, -7, 2**63 - 1)] == [0, -7, 2**63 - 1]
    with pytest.raises(LimitExceededError):
        row_number(2**63)


def test_a_page_starts_after_text_that_every_store_can_compare() -> None:
    assert page_start("") == ""
    for wrong in (None, 5, "a\0", "\ud800"):
        with pytest.raises(InvalidValueError):
            page_start(wrong)  # type: ignore[arg-type]


def test_a_message_is_a_topic_a_body_and_a_case_or_none() -> None:
    given = (("offer.made", "{}", "R-1"), ("catalog.saved", "{}", ""))
    assert messages(given) == given
    for wrong in ([("a",)], [("a", 5, "")], [("", "{}", "")], ["abc"], [("a", "{}")], None, 5):
        with pytest.raises(InvalidValueError):
            messages(wrong)  # type: ignore[arg-type]
