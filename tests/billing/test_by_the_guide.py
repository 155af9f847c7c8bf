from __future__ import annotations

import pytest
from tests.billing.by_the_guide import compare, run, seeded


def test_lines_are_those_of_the_guide_minute_by_minute() -> None:
    reached, wrong = run(60, 1_000)
    assert wrong == []
    assert len(reached) == 9


# In the first, a less specific rate begins while work goes on, which changes nothing. In the last
# two, the second piece of a long log begins after the log that follows it.
@pytest.mark.parametrize("seed", [103_200, 54, 249, 282, 232_008, 241_250])
def test_nothing_is_lost_where_a_grant_or_another_rate_ends_within_a_piece(seed: int) -> None:
    assert compare(seeded(seed)) == []
