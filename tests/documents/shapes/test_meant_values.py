from __future__ import annotations

import pytest

from entitlements.documents.shapes.meant_values import meant_date, meant_number

ANY = "write it as `2026-12-24`"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("24.12.2026", "did you mean `2026-12-24`?"),
        ("2026/12/24", "did you mean `2026-12-24`?"),
        ("12/24/2026", "did you mean `2026-12-24`?"),
        ("24/12/2026", "did you mean `2026-12-24`?"),
        ("3/3/2026", "did you mean `2026-03-03`?"),
        ("24th December 2026", "did you mean `2026-12-24`?"),
        ("2026-13-24", ANY),
        ("31.2.2026", ANY),
        ("24.12.", ANY),
        ("24 Foo 2026", ANY),
        ("Christmas", ANY),
    ],
)
def test_a_date_in_local_order_or_in_words(text: str, hint: str) -> None:
    assert meant_date(text) == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("12 months", "write `12`"),
        ("max. 3", "write `3`"),
        ("1,000", "write `1000`"),
        ("2 years", "write `24` for months"),
        ("ten", "write `10`"),
        ("many", None),
        ("1.5", None),
    ],
)
def test_a_number_in_other_words(text: str, hint: str | None) -> None:
    assert meant_number(text) == hint
