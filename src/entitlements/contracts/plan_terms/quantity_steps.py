"""Quantity steps: the contacts, open cases and units of a plan by the quantity that was sold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, final

import attrs

from entitlements.kernel.converters import frozen_map, tuple_of, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import check_unique_ids, identifier

MAX_LINE_QUANTITY: Final = 1_000_000
"""The largest quantity of a contract line, and the largest number of a step."""

_QUANTITIES_TRIED: Final = 4


def _amounts(values: Mapping[str, int]) -> FrozenMap[str, int]:
    return frozen_map({identifier(id): amount for id, amount in frozen_map(values).items()})


@final
@attrs.frozen(kw_only=True)
class QuantityStep:
    """The numbers of a plan for contract lines from a quantity on.

    A number that a step does not state is that of the step before it, or of the plan.

    Attributes:
        quantity: The smallest quantity of the line for which the step holds.
        per: The numbers are given once for each so many units of the quantity, such as three
            contacts for each pack; None for once in all.
        contact_limit: How many named contacts the line may have.
        concurrency: How many cases of the line may be open at once.
        amounts: Units in each grant, by the id of the allowance.

    >>> QuantityStep(quantity=1, per=1, contact_limit=3).times(4)
    4
    """

    quantity: int
    per: int | None = None
    contact_limit: int | None = None
    concurrency: int | None = None
    amounts: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=_amounts)

    def __attrs_post_init__(self) -> None:
        whole_number(self.quantity, "quantity", least=1, most=MAX_LINE_QUANTITY)
        stated = [self.contact_limit, self.concurrency]
        for number in (each for each in stated if each is not None):
            whole_number(number, "a limit", least=1, most=MAX_LINE_QUANTITY)
        for amount in self.amounts.values():
            whole_number(amount, "amount", most=MAX_LINE_QUANTITY)
        if self.per is not None and whole_number(self.per, "per", least=1) > self.quantity:
            raise InvalidValueError(
                f"the step from `{self.quantity}` gives its numbers per `{self.per}`",
                hint="let the step begin at that quantity, or give the numbers for fewer",
                path="per",
            )
        if stated == [None, None] and not self.amounts:
            raise InvalidValueError(
                f"the step from `{self.quantity}` states no number",
                hint="give `contact_limit`, `concurrency` or `amounts`",
            )

    def times(self, quantity: int) -> int:
        """Return how often a line of this quantity gets the numbers of the step."""
        return 1 if self.per is None else quantity // self.per

    def numbers(self, quantity: int) -> Iterator[tuple[str, int]]:
        """Yield what the step gives to a line of this quantity, each number with its name.

        The units of an allowance have the name `amount of` and its id.
        """
        for name in ("contact_limit", "concurrency"):
            stated = getattr(self, name)
            if stated is not None:
                yield name, stated * self.times(quantity)
        for id, amount in self.amounts.items():
            yield f"amount of {id}", amount * self.times(quantity)


def quantity_steps(values: Iterable[QuantityStep]) -> tuple[QuantityStep, ...]:
    """Return steps in the order of their quantities; used as a converter.

    Raises:
        DuplicateIdError: Two steps begin at one quantity.
    """
    steps = sorted(tuple_of(QuantityStep, values), key=lambda each: each.quantity)
    check_unique_ids("quantity", (str(each.quantity) for each in steps))
    return tuple(steps)


def numbers_for(steps: Sequence[QuantityStep], quantity: int) -> dict[str, int]:
    """Return the numbers that steps give to a line of this quantity, by name.

    >>> numbers_for([QuantityStep(quantity=1, contact_limit=2)], 5)
    {'contact_limit': 2}
    """
    found: dict[str, int] = {}
    for step in steps:
        if step.quantity <= quantity:
            found.update(step.numbers(quantity))
    return found


def larger_quantities(steps: Sequence[QuantityStep], quantity: int) -> list[int]:
    """Return the next quantities above `quantity` at which a number changes, smallest first.

    >>> larger_quantities([QuantityStep(quantity=5, per=5, contact_limit=2)], 7)
    [10, 15, 20, 25]
    """
    found = {step.quantity for step in steps if step.quantity > quantity}
    for step in steps:
        if step.per is not None:
            first = max(quantity, step.quantity - 1) // step.per + 1
            found |= {step.per * (first + more) for more in range(_QUANTITIES_TRIED)}
    return sorted(each for each in found if each <= MAX_LINE_QUANTITY)[:_QUANTITIES_TRIED]


def falling_steps(steps: Sequence[QuantityStep], own: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each number that is smaller for a larger quantity.

    Args:
        steps: The steps of a plan.
        own: The numbers of the plan itself, which hold below the first step.
    """
    for step in steps:
        before = {**own, **numbers_for(steps, step.quantity - 1)}
        for name, number in step.numbers(step.quantity):
            if number < before.get(name, number):
                title = name.replace("_", " ")
                yield (
                    f"the {title} falls from {before[name]} to {number} "
                    f"at the quantity {step.quantity}"
                )
