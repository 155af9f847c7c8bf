"""Work terms: how the work under one contract line is charged, and what each case adds to that.

They are put together from the contract, its plan and the price lists; billing itself looks nothing
up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import final

import attrs

from entitlements.billing.work.rates import RateCard
from entitlements.billing.work.rounding import Rounding
from entitlements.billing.work.work_rules import (
    OveragePayment,
    check_overage_price,
    overage_payment,
    unit_factors,
)
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.plans import ChargeBasis
from entitlements.kernel.converters import (
    as_text,
    enum_member,
    instance_of,
    tuple_of,
    utc_or_none,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import (
    check_unique_ids,
    identifier,
    identifier_or_key,
    optional_identifier,
)
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.money.money import Money


def _basis(value: ChargeBasis | str) -> ChargeBasis:
    return enum_member(ChargeBasis, value)


def _grants(values: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple_of(Grant, values)


@final
@attrs.frozen(repr=False, kw_only=True)
class WorkTerms(ReprWithoutDefaults):
    """How the work under one contract line is charged.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        zone: The zone of the contract, in which days are counted.
        start: First instant at which work can be charged.
        end: First instant after it; None for no end.
        basis: How work is charged that no grant pays for.
        rounding: How worked time becomes billed time.
        rates: The prices of an hour; needed where anything is charged by the hour.
        grants: Prepaid minutes, from the plan or sold on their own.
        unit_factors: Prepaid minutes that a minute of some kind of work takes; 1 for others.
        overage_hourly: What an hour beyond the grants costs; None for the rate of the work.
        overage: What pays for time beyond the grants.

    Raises:
        InvalidValueError: A grant does not hold minutes, or the terms end before they start.
    """

    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    zone: str = attrs.field(converter=zone_name)
    start: datetime = attrs.field(converter=utc)
    end: datetime | None = attrs.field(default=None, converter=utc_or_none)
    basis: ChargeBasis = attrs.field(default=ChargeBasis.INCLUDED, converter=_basis)
    rounding: Rounding = attrs.field(factory=Rounding)
    rates: RateCard | None = None
    grants: tuple[Grant, ...] = attrs.field(default=(), converter=_grants)
    unit_factors: FrozenMap[str, Fraction] = attrs.field(factory=FrozenMap, converter=unit_factors)
    overage_hourly: Money | None = None
    overage: OveragePayment = attrs.field(default=OveragePayment.BILLED, converter=overage_payment)

    def __attrs_post_init__(self) -> None:
        instance_of(Rounding, self.rounding)
        if self.rates is not None:
            instance_of(RateCard, self.rates)
        if self.end is not None and self.end <= self.start:
            raise InvalidValueError(
                f"terms of `{self.contract}` end at `{text_of(self.end)}`, "
                f"not after `{text_of(self.start)}`"
            )
        check_unique_ids("grant", (each.id for each in self.grants))
        for index, grant in enumerate(self.grants):
            if grant.unit is not Unit.MINUTES:
                raise InvalidValueError(
                    f"grant `{grant.id}` holds `{grant.unit}`, and work takes minutes",
                    hint="a case that is paid as a whole names its grant in `prepaid_by`",
                    path=f"grants[{index}]",
                )
        if self.overage_hourly is not None:
            self._check_overage(instance_of(Money, self.overage_hourly))

    def _check_overage(self, hourly: Money) -> None:
        check_overage_price(hourly)
        if self.rates is not None and self.rates.currency != hourly.currency:
            raise InvalidValueError(
                f"overage is in `{hourly.currency}`, and the rates in `{self.rates.currency}`",
                path="overage_hourly",
            )

    @property
    def key(self) -> tuple[str, str]:
        """Ids of the contract and of its line."""
        return self.contract, self.line


def _optional_key(value: str | None) -> str | None:
    return None if value is None else identifier_or_key(as_text(value))


@final
@attrs.frozen(kw_only=True)
class ChargedCase:
    """What decides how the work on one case is charged, beside the terms of its contract line.

    Attributes:
        id: Id of the case.
        contract: Id of the contract.
        line: Id of the contract line.
        group: The group that works on it, where a log does not name one.
        follow_up_of: The first case, if this one continues it within the warranty; its work is
            free.
        prepaid_by: The grant that paid for the case as a whole, such as one incident.
        consent: Whether the customer agreed to pay for time beyond the grants.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    follow_up_of: str | None = attrs.field(default=None, converter=optional_identifier)
    prepaid_by: str | None = attrs.field(default=None, converter=_optional_key)
    consent: bool = False

    def __attrs_post_init__(self) -> None:
        instance_of(bool, self.consent)
        if self.follow_up_of == self.id:
            raise InvalidValueError(f"case `{self.id}` follows itself", path="follow_up_of")
