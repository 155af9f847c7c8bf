from __future__ import annotations

import pytest

from entitlements.kernel.errors import DuplicateIdError, EntitlementsError, InvalidValueError
from entitlements.testing.routing_bench import (
    Needs,
    Piece,
    Relaxation,
    World,
    WorldAgent,
    WorldShift,
)


def test_two_agents_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError):
        World(name="w", pieces=0, agents=[WorldAgent(id="ada")] * 2, events=())


@pytest.mark.parametrize(
    "breaks", [[(5, 5)], [(5, 3)], [(5, 9), (8, 10)]], ids=["empty", "backwards", "overlapping"]
)
def test_breaks_that_cannot_be_are_refused(breaks: list[tuple[int, int]]) -> None:
    with pytest.raises(InvalidValueError):
        WorldAgent(id="ada", breaks=breaks)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 5), (9, 9), (9, 1_441)])
def test_a_shift_that_does_not_fit_into_a_day_is_refused(opens: int, closes: int) -> None:
    with pytest.raises(EntitlementsError):
        WorldShift(zone="UTC", opens=opens, closes=closes)


def test_relaxation_steps_follow_each_other() -> None:
    steps = [Relaxation(after=5, any_group=True), Relaxation(after=5, any_group=True)]
    with pytest.raises(InvalidValueError, match="follow each other"):
        Piece(at=0, id="p", handling=1, relaxation=steps)


@pytest.mark.parametrize("level", [0, -1, "1", 1.0, True])
def test_a_level_that_is_no_whole_number_from_one_on_is_refused(level: object) -> None:
    with pytest.raises(InvalidValueError):
        Needs(skills={"oracle": level})  # type: ignore[dict-item]
