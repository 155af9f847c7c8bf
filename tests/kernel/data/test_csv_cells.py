from __future__ import annotations

import pytest

from entitlements.kernel.data.csv_cells import csv_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@x", "\t=1", "\r=1", "-1-1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["acme", "-1.5", "-1", "1", "", 7, True])
def test_other_cells_are_as_they_are(value: object) -> None:
    assert csv_cell(value) == value


def test_nothing_is_an_empty_cell() -> None:
    assert csv_cell(None) == ""
