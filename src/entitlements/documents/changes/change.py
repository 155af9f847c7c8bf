"""One change between two documents, and whether it is better or worse for customers."""

from __future__ import annotations

from typing import final

import attrs

from entitlements.kernel.converters import enum_member
from entitlements.kernel.mixins.text_enum import TextEnum


class ChangeEffect(TextEnum):
    """What a change means for customers.

    `BETTER`: no request gets less than before. `WORSE`: no request gets more, and some get less.
    `UNCLEAR`: some may get more and others less, or the values cannot be compared.
    `NEUTRAL`: nothing that a request gets.
    """

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    NEUTRAL = "neutral"


def _effect(value: ChangeEffect | str) -> ChangeEffect:
    return enum_member(ChangeEffect, value)


@final
@attrs.frozen
class FactsChange:
    """A change from one document to another.

    Attributes:
        effect: What it means for customers.
        place: Where it is, such as `plan gold, severity 1, first response`.
        before: What it was, as text.
        after: What it is now, as text.

    >>> print(FactsChange("better", "plan gold, named contacts", "2", "4"))
    better: plan gold, named contacts: was 2, is now 4
    """

    effect: ChangeEffect = attrs.field(converter=_effect)
    place: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.effect}: {self.place}: was {self.before}, is now {self.after}"


def effect_of(*, no_worse: bool, no_better: bool) -> ChangeEffect:
    """Return the effect of a change by what is known of it.

    Args:
        no_worse: Nobody gets less than before.
        no_better: Nobody gets more than before.
    """
    if no_worse:
        return ChangeEffect.NEUTRAL if no_better else ChangeEffect.BETTER
    return ChangeEffect.WORSE if no_better else ChangeEffect.UNCLEAR
