"""Contracts: the term, lines, coverage, named contacts and constraints agreed with a customer.

A contract is a dated record; its later changes (renewal, cancellation, block) are separate records
in `changes`. Whether a line is in force is never stored; `lines.line_status` derives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import (
    add_months,
    check_date_range,
    check_months,
)
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.quantity_steps import MAX_LINE_QUANTITY
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.products import Product
from entitlements.contracts.records.parties import Asset, NamedContact
from entitlements.kernel.converters import (
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
    utc_or_none,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import (
    check_unique_ids,
    identifier,
    identifier_set,
    identifiers,
    optional_identifier,
)
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request


class CoverageLevel(TextEnum):
    """The kind of thing that a line covers, from the most specific to the least."""

    ASSET = "asset"
    ASSET_GROUP = "asset_group"
    PRODUCT = "product"
    PRODUCT_GROUP = "product_group"
    SITE = "site"
    PARTY = "party"
    ACCOUNT = "account"


def _covered_level(value: CoverageLevel | str) -> CoverageLevel:
    return enum_member(CoverageLevel, value)


ASSET_LEVELS: Final = frozenset(
    {CoverageLevel.ASSET, CoverageLevel.ASSET_GROUP, CoverageLevel.SITE}
)
"""The levels at which the assets of the customer decide what is covered."""

LEVEL_SPECIFICITY: Final = {level: rank for rank, level in enumerate(CoverageLevel)}


@final
@attrs.frozen(kw_only=True)
class Coverage:
    """What a contract line covers: one level, and the ids covered at it.

    Attributes:
        level: The kind of thing that is covered.
        ids: The covered ids; empty exactly for the whole account.

    >>> Coverage(level="product", ids=["db"]).level
    CoverageLevel.PRODUCT
    """

    level: CoverageLevel = attrs.field(default=CoverageLevel.ACCOUNT, converter=_covered_level)
    ids: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __attrs_post_init__(self) -> None:
        if (self.level is CoverageLevel.ACCOUNT) == bool(self.ids):
            raise InvalidValueError(
                f"coverage of level `{self.level}` has {len(self.ids)} ids",
                hint="give ids at every level but `account`, which has none",
            )

    def covers(  # noqa: PLR0911 - one line for each level
        self, request: Request, product: Product, asset: Asset | None
    ) -> bool:
        """Return whether the request is about something that is covered.

        An asset of another product than the requested one is never covered. The site of an asset is
        taken from the customer's records, not from the request.

        Args:
            request: The request.
            product: The requested product.
            asset: The asset that the request names, if it is known.
        """
        instance_of(Request, request)
        instance_of(Product, product)
        if asset is not None:
            instance_of(Asset, asset)
        if asset is not None and asset.product != product.id and self.level in ASSET_LEVELS:
            return False
        match self.level:
            case CoverageLevel.ACCOUNT:
                return True
            case CoverageLevel.PRODUCT:
                return product.id in self.ids
            case CoverageLevel.PRODUCT_GROUP:
                return not self.ids.isdisjoint(product.groups)
            case CoverageLevel.ASSET:
                return asset is not None and asset.id in self.ids
            case CoverageLevel.ASSET_GROUP:
                return asset is not None and not self.ids.isdisjoint(asset.groups)
            case CoverageLevel.SITE:
                return asset is not None and asset.site in self.ids
            case CoverageLevel.PARTY:
                return request.party in self.ids


class ConstraintKind(TextEnum):
    """The kind of a demand on the people who do the work."""

    RESIDENCY = "residency"
    CLEARANCE = "clearance"


def _constraint_kind(value: ConstraintKind | str) -> ConstraintKind:
    return enum_member(ConstraintKind, value)


@final
@attrs.frozen(kw_only=True)
class Constraint:
    """A demand on the people who do the work, which routing never relaxes.

    Attributes:
        kind: What is demanded.
        values: Regions, of which an agent must be in one (`residency`), or clearances, of which an
            agent must have all (`clearance`).

    >>> Constraint(kind="residency", values=["eu"]).kind
    ConstraintKind.RESIDENCY
    """

    kind: ConstraintKind = attrs.field(converter=_constraint_kind)
    values: frozenset[str] = attrs.field(converter=identifier_set)

    @values.validator
    def _is_not_empty(self, _: attrs.Attribute[frozenset[str]], values: frozenset[str]) -> None:
        if not values:
            raise InvalidValueError(f"constraint `{self.kind}` has no values", hint="leave it out")


def _constraints(values: Iterable[Constraint]) -> tuple[Constraint, ...]:
    return tuple_of(Constraint, values)


def _coverage(value: Coverage) -> Coverage:
    return instance_of(Coverage, value)


def _calendar_names(values: Mapping[str, str]) -> FrozenMap[str, str]:
    return frozen_map(values)


@final
@attrs.frozen(repr=False, kw_only=True)
class ContractLine(ReprWithoutDefaults):
    """One plan, sold under a contract for what its coverage says.

    Attributes:
        id: Names the line within its contract.
        plan: Id of the plan.
        plan_version: The version that was sold; None for the one in effect on the day of sale.
        coverage: What is covered.
        start: First day; None for the first day of the contract.
        end: Last day; None for the end of the contract, also if that changes.
        sold: Day of sale; None for the day on which the line got its plan: the first day of the
            contract, the day of the amendment that added the line or changed its plan, or `start`
            if that is later.
        quantity: How many units of the plan were bought, such as packs or subscriptions, by which
            its quantity steps give limits and amounts.
        contact_limit: How many named contacts were bought; None for the limit of the plan. Refused
            if the contract has `any_contact`.
        calendars: The calendar for a name in the plan, such as `{"business": "emea"}`.
        experts: Engineers named for this customer, asked first, in this order, in place of the
            designated experts of every right of the plan; empty for those of the plan.

    >>> ContractLine(id="1", plan="gold", coverage=Coverage(level="product", ids=["db"])).plan
    'gold'
    """

    id: str = attrs.field(converter=identifier)
    plan: str = attrs.field(converter=identifier)
    plan_version: str | None = attrs.field(default=None, converter=optional_identifier)
    coverage: Coverage = attrs.field(factory=Coverage, converter=_coverage)
    start: date | None = None
    end: date | None = None
    sold: date | None = None
    quantity: int = 1
    contact_limit: int | None = None
    calendars: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=_calendar_names)
    experts: tuple[str, ...] = attrs.field(default=(), converter=identifiers)

    def __attrs_post_init__(self) -> None:
        check_date_range(self.start, self.end, f"line `{self.id}`")
        whole_number(self.quantity, "quantity", least=1, most=MAX_LINE_QUANTITY)
        if self.contact_limit is not None and instance_of(int, self.contact_limit) < 1:
            raise InvalidValueError(
                f"a limit must be at least 1, not `{self.contact_limit}`", path="contact_limit"
            )

    def day_of_sale(self, planned: date) -> date:
        """Return the day of sale of a line that got its plan on the day `planned`."""
        return self.sold or max(instance_of(date, planned), self.start or planned)


def contract_lines(values: Iterable[ContractLine]) -> tuple[ContractLine, ...]:
    """Return contract lines as a tuple; used as a converter."""
    return tuple_of(ContractLine, values)


def contact_tuple(values: Iterable[NamedContact]) -> tuple[NamedContact, ...]:
    """Return named contacts as a tuple; used as a converter."""
    return tuple_of(NamedContact, values)


@final
@attrs.frozen(repr=False, kw_only=True)
class Contract(ReprWithoutDefaults):
    """What one customer has bought, for how long, and who may use it.

    Attributes:
        id: Names the contract; a later record with the same id corrects this one.
        customer: The customer who signed.
        zone: IANA name of the zone of its dates.
        start: First day of the term.
        end: Last day of the term; None for an open end, or if `months` is given.
        months: Length of the term in calendar months, instead of `end`.
        lines: What was sold.
        contacts: The named contacts, who may open cases.
        any_contact: Whether everybody of the customer may open cases; then `contacts` must be
            empty, no line can have a contact limit, and the limit of the plan has no effect.
        constraints: Demands on the people who do the work.
        renewal: How it goes on after its terms unless notice is given; None for not at all.
        commercial: Price, rates, credits and uptime agreed in place of those of the plans.
        replaces: Id of the contract that this one supersedes from its first day on.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the contract back.

    Raises:
        InvalidValueError: It ends before it starts, or its fields contradict each other.
        LimitExceededError: It starts, or its months end, outside the years 2 to 9997.
        DuplicateIdError: Two lines have the same id.

    >>> Contract(id="C-1", customer="acme", zone="Europe/Berlin", start=date(2026, 1, 31),
    ...          months=1, any_contact=True).last_day
    datetime.date(2026, 2, 27)
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    zone: str = attrs.field(converter=zone_name)
    start: date
    end: date | None = None
    months: int | None = None
    lines: tuple[ContractLine, ...] = attrs.field(
        repr=short_repr, default=(), converter=contract_lines
    )
    contacts: tuple[NamedContact, ...] = attrs.field(
        repr=short_repr, default=(), converter=contact_tuple
    )
    any_contact: bool = False
    constraints: tuple[Constraint, ...] = attrs.field(
        repr=short_repr, default=(), converter=_constraints
    )
    renewal: RenewalTerms | None = None
    commercial: CommercialTerms | None = None
    replaces: str | None = attrs.field(default=None, converter=optional_identifier)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        what = f"contract `{self.id}`"
        check_date_range(self.start, self.end, what)
        check_months(self.months, self.end, what)
        if self.months is not None:
            add_months(self.start, self.months)  # raises if the end is outside the calendar
        if self.any_contact and self.contacts:
            raise InvalidValueError(
                f"{what} has `contacts` and `any_contact`", hint="leave out one of the two"
            )
        if self.commercial is not None:
            instance_of(CommercialTerms, self.commercial)
        if self.renewal is not None:
            instance_of(RenewalTerms, self.renewal)
            if self.renewal.months is not None and self.last_day is None:
                raise InvalidValueError(
                    f"{what} has no end after which it renews",
                    hint="give it an `end` or `months`, or leave out the months of `renewal`",
                    path="renewal",
                )
        for line in self.lines:
            check_contact_limit(self, line)
        if self.replaces == self.id:
            raise InvalidValueError(f"{what} replaces itself")
        check_unique_ids("contract line", (line.id for line in self.lines))

    @property
    def last_day(self) -> date | None:
        """The last day of the term as signed, before any change; None for an open end."""
        if self.months is None:
            return self.end
        return add_months(self.start, self.months) - timedelta(days=1)


def check_contact_limit(contract: Contract, line: ContractLine) -> None:
    """Raise `InvalidValueError` if a line has a contact limit and the contract `any_contact`."""
    if contract.any_contact and line.contact_limit is not None:
        raise InvalidValueError(
            f"line `{line.id}` has `contact_limit`, but contract `{contract.id}` has `any_contact`",
            hint="leave out `contact_limit`, or name the contacts instead of `any_contact`",
        )
