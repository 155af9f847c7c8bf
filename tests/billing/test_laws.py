from __future__ import annotations

from pathlib import Path

import pytest
from tests.billing.laws import LAWS

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("law", LAWS)
def test_each_law_has_its_test(law: str) -> None:
    path, _, name = LAWS[law].partition("::")
    assert f"def {name}(" in (TESTS / path).read_text("utf-8")
