from __future__ import annotations

import pytest

from entitlements.kernel.mixins.no_truth_value import NoTruthValue


class Refused(NoTruthValue):
    """An answer like those of other packages."""


def test_an_answer_cannot_be_a_condition() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Refused())


def test_an_answer_cannot_be_negated() -> None:
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
