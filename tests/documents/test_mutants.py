from __future__ import annotations

import pytest
from tests.documents.mutants import outcome


@pytest.mark.parametrize("part", range(10))
def test_a_mutated_document_is_read_or_has_a_line_for_every_problem(part: int) -> None:
    found = {outcome(seed) for seed in range(part * 40, part * 40 + 40)}
    assert found >= {"one problem", "several problems"}
