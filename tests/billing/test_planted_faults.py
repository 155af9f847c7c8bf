"""The list of faults stays true: each can still be planted, and its test is there."""

from __future__ import annotations

import pytest
from tests.billing.planted_faults import BILLING, FAULTS, ROOT, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: str(each.what))
def test_each_fault_can_be_planted_and_names_its_test(fault: Fault) -> None:
    text = (ROOT / BILLING / fault.where).read_text("utf-8")
    assert text.count(fault.right) == 1
    path, _, name = fault.found_by.partition("::")
    assert f"def {name}" in (ROOT / "tests" / "billing" / path).read_text("utf-8")
