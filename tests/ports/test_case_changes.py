from __future__ import annotations

from entitlements.ports.case_changes import ChangeMark


def test_marks_of_equal_states_are_equal() -> None:
    assert ChangeMark((1, 2, 3), ("R-1", 0, "x")) == ((1, 2, 3), ("R-1", 0, "x"))
