from __future__ import annotations

import pytest

from entitlements.documents import ChangeEffect, FactsChange
from entitlements.documents.changes.change import effect_of
from entitlements.kernel.errors import InvalidValueError


@pytest.mark.parametrize(
    ("no_worse", "no_better", "effect"),
    [
        (True, True, ChangeEffect.NEUTRAL),
        (True, False, ChangeEffect.BETTER),
        (False, True, ChangeEffect.WORSE),
        (False, False, ChangeEffect.UNCLEAR),
    ],
)
def test_a_change_is_better_only_if_no_customer_gets_less(
    *, no_worse: bool, no_better: bool, effect: ChangeEffect
) -> None:
    assert effect_of(no_worse=no_worse, no_better=no_better) is effect


def test_a_change_is_a_sentence_with_both_values() -> None:
    change = FactsChange(ChangeEffect.WORSE, "plan gold, named contacts", "4", "2")
    assert str(change) == "worse: plan gold, named contacts: was 4, is now 2"


def test_an_unknown_effect_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        FactsChange("bad", "plan gold", "4", "2")  # type: ignore[arg-type]
