from __future__ import annotations

import pytest

from entitlements.kernel import NoTruthValue


class Refused(NoTruthValue):
    """An answer like those of the rooms above."""


def test_an_answer_lets_nobody_in_by_being_true() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Refused())


def test_an_answer_cannot_be_negated_either() -> None:
    with pytest.raises(TypeError, match="match on it"):
        _ = not Refused()


def test_an_answer_can_be_matched() -> None:
    match NoTruthValue():
        case Refused():
            pytest.fail("only a refusal is refused")
        case NoTruthValue():
            pass


def test_answers_may_have_slots() -> None:
    assert not hasattr(NoTruthValue(), "__dict__")
