"""Billing accounts: what one customer agreed to pay beyond its plans and contracts.

That is blocks of prepaid time, discounts and minimum commitments; and what was measured of its
services, and which credits it claimed. The prices of plans and contracts are in the price book.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.billing.credits.measured_figures import (
    MeasuredFigure,
    credit_claims,
    measured_figures,
)
from entitlements.billing.fees.discounts import Discount, MinimumCommitment
from entitlements.billing.fees.prepaid_blocks import PrepaidBlock
from entitlements.kernel.converters import tuple_of
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import check_unique_ids, identifier
from entitlements.kernel.money.currencies import currency_code


def _currency(value: str | None) -> str | None:
    return None if value is None else currency_code(value)


def _blocks(values: Iterable[PrepaidBlock]) -> tuple[PrepaidBlock, ...]:
    return tuple_of(PrepaidBlock, values)


def _discounts(values: Iterable[Discount]) -> tuple[Discount, ...]:
    return tuple_of(Discount, values)


def _commitments(values: Iterable[MinimumCommitment]) -> tuple[MinimumCommitment, ...]:
    return tuple_of(MinimumCommitment, values)


@final
@attrs.frozen(kw_only=True)
class BillingAccount:
    """What is charged to one customer beside work and the fees of its plans.

    Attributes:
        customer: Who pays.
        currency: The currency of the bills; None for that of the prices.
        blocks: Blocks of prepaid time.
        discounts: What is taken off.
        commitments: The least that is paid.
        figures: What was measured of services, from which credits follow.
        claims: When credits were claimed, by their ids.

    >>> BillingAccount(customer="acme", currency="EUR").currency
    'EUR'

    Raises:
        DuplicateIdError: Two blocks, two discounts or two commitments have one id.
    """

    customer: str = attrs.field(converter=identifier)
    currency: str | None = attrs.field(default=None, converter=_currency)
    blocks: tuple[PrepaidBlock, ...] = attrs.field(default=(), converter=_blocks)
    discounts: tuple[Discount, ...] = attrs.field(default=(), converter=_discounts)
    commitments: tuple[MinimumCommitment, ...] = attrs.field(default=(), converter=_commitments)
    figures: tuple[MeasuredFigure, ...] = attrs.field(default=(), converter=measured_figures)
    claims: FrozenMap[str, datetime] = attrs.field(factory=FrozenMap, converter=credit_claims)

    def __attrs_post_init__(self) -> None:
        for kind, values in (
            ("prepaid block", self.blocks),
            ("discount", self.discounts),
            ("commitment", self.commitments),
        ):
            check_unique_ids(kind, (each.id for each in values))

    @property
    def named_lines(self) -> tuple[tuple[str, str, str | None], ...]:
        """What each part names: its path, the contract, and the line if there is one."""
        parts = (("blocks", self.blocks), ("discounts", self.discounts))
        return tuple(
            (f"{name}[{each.id}]", each.contract, each.line)
            for name, values in (*parts, ("commitments", self.commitments))
            for each in values
        )
