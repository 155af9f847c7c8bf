"""Collections are shown by their elements or, if that is long, by their number."""

from __future__ import annotations

import pytest

from entitlements.kernel.short_repr import short_repr


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param((), "()", id="empty"),
        pytest.param(("a",), "('a',)", id="one"),
        pytest.param({"a": 1}, "{'a': 1}", id="a mapping"),
        pytest.param(tuple(range(20)), repr(tuple(range(20))), id="20 elements"),
        pytest.param(tuple(range(21)), "<21 elements>", id="21 elements"),
        pytest.param(("x" * 195,), f"('{'x' * 195}',)", id="200 characters"),
        pytest.param(("x" * 196,), "<1 elements>", id="201 characters"),
    ],
)
def test_a_collection_is_shown_if_it_is_short(value: tuple[object, ...], text: str) -> None:
    assert short_repr(value) == text
