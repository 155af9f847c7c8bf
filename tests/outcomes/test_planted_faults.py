"""The lists of faults and laws stay true: a fault can still be planted, and each test is there."""

from __future__ import annotations

from tests.outcomes.planted_faults import FAULTS, LAWS, ROOT, SOURCE


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    return f"def {name}" in (ROOT / "tests" / path).read_text("utf-8")


def test_each_fault_can_be_planted_and_names_its_test() -> None:
    texts = {each: (ROOT / SOURCE / each.where).read_text("utf-8") for each in FAULTS}
    assert [each.what for each, text in texts.items() if text.count(each.right) != 1] == []
    assert [each.what for each in FAULTS if not is_there(each.found_by)] == []


def test_each_law_has_its_test() -> None:
    assert [name for name, test in LAWS.items() if not is_there(test)] == []
