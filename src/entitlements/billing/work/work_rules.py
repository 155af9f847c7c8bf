"""Work rules: how worked time is charged under a plan, apart from what an hour costs.

Several plans and contracts may name the same rules. `WorkTerms` puts them together with the rates
and the grants of one contract line.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import final

import attrs

from entitlements.billing.work.rounding import Rounding
from entitlements.kernel.converters import enum_member, frozen_map, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Exact, Money, exact_number


class OveragePayment(TextEnum):
    """What pays for prepaid time that was overdrawn.

    `BILLED`: it is charged as overage, for good. `NEXT_GRANT`: the grants that begin later pay for
    it first, as in OpenMeter.
    """

    BILLED = "billed"
    NEXT_GRANT = "next_grant"


def overage_payment(value: OveragePayment | str) -> OveragePayment:
    """Return the member that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(OveragePayment, value)


def unit_factors(values: Mapping[str, Exact]) -> FrozenMap[str, Fraction]:
    """Return the prepaid minutes that a minute of each kind of work takes, as fractions.

    Raises:
        InvalidValueError: One is not greater than 0.
    """
    found: dict[str, Fraction] = {}
    for kind, factor in frozen_map(values).items():
        found[identifier(kind)] = exact_number(factor, f"units of `{kind}`")
        if found[kind] <= 0:
            raise InvalidValueError(
                f"units of `{kind}` must be greater than 0, not `{factor}`",
                hint="work that takes nothing is not billable",
            )
    return FrozenMap(found)


def check_overage_price(price: Money | None, path: str = "overage_hourly") -> None:
    """Raise `InvalidValueError` if a price of overage is negative."""
    if price is not None and instance_of(Money, price).amount < 0:
        raise InvalidValueError(f"overage `{price}` is negative", path=path)


@final
@attrs.frozen(kw_only=True)
class WorkRules:
    """How worked time is charged.

    Attributes:
        id: Names the rules.
        rounding: How worked time becomes billed time.
        unit_factors: Prepaid minutes that a minute of some kind of work takes; 1 for others.
        overage_hourly: What an hour beyond the grants costs; None for the rate of the work.
        overage_incident: What a case beyond the grants of incidents costs, whose work is then free;
            None for the price of its work.
        overage: What pays for time beyond the grants.

    >>> WorkRules(id="standard", unit_factors={"on_site": 2}).unit_factors["on_site"]
    Fraction(2, 1)

    Raises:
        InvalidValueError: A factor is not greater than 0, or a price of overage is negative, or the
            two are in two currencies.
    """

    id: str = attrs.field(converter=identifier)
    rounding: Rounding = attrs.field(factory=Rounding)
    unit_factors: FrozenMap[str, Fraction] = attrs.field(factory=FrozenMap, converter=unit_factors)
    overage_hourly: Money | None = None
    overage_incident: Money | None = None
    overage: OveragePayment = attrs.field(default=OveragePayment.BILLED, converter=overage_payment)

    def __attrs_post_init__(self) -> None:
        instance_of(Rounding, self.rounding)
        check_overage_price(self.overage_hourly)
        check_overage_price(self.overage_incident, "overage_incident")
        if len(self.currencies) > 1:
            raise InvalidValueError(
                f"overage is in {' and '.join(f'`{each}`' for each in sorted(self.currencies))}",
                path="overage_incident",
            )

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies of the prices of overage; one at most."""
        prices = (self.overage_hourly, self.overage_incident)
        return frozenset(each.currency for each in prices if each is not None)
