"""What was agreed with one customer: a term, lines, contacts, constraints.

A contract is a dated fact; what happens to it later (renewal, cancellation, a block) is a fact of
its own in `changes`. Whether it is in force is never stored: `standing` derives it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.dates.day_boundaries import add_months, check_date_range
from entitlements.contracts.parties import Asset, NamedContact
from entitlements.contracts.products import Product
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
    utc_or_none,
)
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.requests import Request


class CoverageLevel(StrEnum):
    """What kind of thing a line covers, from the most specific to the least."""

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
"""The levels on which the customer's assets decide."""

LEVEL_SPECIFICITY: Final = {level: rank for rank, level in enumerate(CoverageLevel)}


@final
@attrs.frozen(kw_only=True)
class Coverage:
    """One covered level and the ids covered on it.

    Attributes:
        level: What kind of thing is covered.
        ids: Which of them; empty exactly for the whole account.

    >>> Coverage(level="product", ids=["db"]).level
    <CoveredLevel.PRODUCT: 'product'>
    """

    level: CoverageLevel = attrs.field(default=CoverageLevel.ACCOUNT, converter=_covered_level)
    ids: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    def __attrs_post_init__(self) -> None:
        if (self.level is CoverageLevel.ACCOUNT) == bool(self.ids):
            raise InvalidValueError(
                f"coverage of level `{self.level}` has {len(self.ids)} ids",
                hint="name what is covered, or cover the account and name nothing",
            )

    def covers(  # noqa: PLR0911 - one line for each level
        self, request: Request, product: Product, asset: Asset | None
    ) -> bool:
        """Return whether the request is about something covered here.

        An asset of another product than the one asked about is never covered. A site is where the
        customer's records say that the asset is, not where the request says it is.

        Args:
            request: What is asked.
            product: The product asked about.
            asset: The asset asked about, if the request names a known one.
        """
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


class ConstraintKind(StrEnum):
    """What a contract may demand of whoever does the work."""

    RESIDENCY = "residency"
    CLEARANCE = "clearance"


def _constraint_kind(value: ConstraintKind | str) -> ConstraintKind:
    return enum_member(ConstraintKind, value)


@final
@attrs.frozen(kw_only=True)
class Constraint:
    """A demand that routing must obey and may never relax.

    Attributes:
        kind: What is demanded.
        values: One of these regions (residency), or all of these clearances.
    """

    kind: ConstraintKind = attrs.field(converter=_constraint_kind)
    values: frozenset[str] = attrs.field(converter=identifier_set)

    @values.validator
    def _is_not_empty(self, _: attrs.Attribute[frozenset[str]], values: frozenset[str]) -> None:
        if not values:
            raise InvalidValueError(f"constraint `{self.kind}` names nothing", hint="leave it out")


@final
@attrs.frozen(kw_only=True)
class ContractLine:
    """One plan, sold for one covered thing.

    Attributes:
        id: Names the line within its contract.
        plan: Id of the plan.
        plan_version: The version sold; None for the one in effect on the day of sale.
        coverage: What is covered.
        start: First day; None for the contract's.
        end: Last day; None for the contract's, whatever it is moved to.
        sold: Day of sale; None for the first day.
        contact_limit: How many named contacts were bought; None for what the plan says. Refused
            under a contract that admits anybody.
        calendars: Which calendar stands for a name in the plan, such as `{"business": "emea"}`.
    """

    id: str = attrs.field(converter=identifier)
    plan: str = attrs.field(converter=identifier)
    plan_version: str | None = attrs.field(default=None, converter=optional_identifier)
    coverage: Coverage = attrs.field(factory=Coverage)
    start: date | None = None
    end: date | None = None
    sold: date | None = None
    contact_limit: int | None = None
    calendars: FrozenMap[str, str] = attrs.field(factory=FrozenMap, converter=frozen_map)

    def __attrs_post_init__(self) -> None:
        check_date_range(self.start, self.end, f"line `{self.id}`")
        if self.contact_limit is not None and instance_of(int, self.contact_limit) < 1:
            raise InvalidValueError(
                f"a limit of `{self.contact_limit}`", path="contact_limit", hint="1 or more"
            )


@final
@attrs.frozen(kw_only=True)
class Contract:
    """What one customer has bought, for how long, and who may use it.

    Attributes:
        id: Names the contract; a later record with the same id corrects this one.
        customer: The account that signed.
        zone: IANA name of the zone in which its dates are read.
        start: First day of the term.
        end: Last day of the term; None for an open end, or where `months` says it.
        months: Length of the term in calendar months, instead of `end`.
        lines: What was sold.
        contacts: Who may open cases.
        any_contact: Whether everybody of the customer may; then `contacts` must be empty, no line
            can buy a number of them, and the plan's limit counts nobody.
        constraints: What whoever does the work must fulfil.
        replaces: Id of the contract that this one supersedes from its first day on.
        recorded: When it became known; None for always.
        retracted: Whether this record takes the contract back.

    Raises:
        InvalidValueError: It ends before it starts, or its parts contradict each other.
        LimitExceededError: It starts, or its months end, outside the years 2 to 9997.
        DuplicateIdError: Two lines have one id.

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
    lines: tuple[ContractLine, ...] = attrs.field(default=(), converter=as_tuple)
    contacts: tuple[NamedContact, ...] = attrs.field(default=(), converter=as_tuple)
    any_contact: bool = False
    constraints: tuple[Constraint, ...] = attrs.field(default=(), converter=as_tuple)
    replaces: str | None = attrs.field(default=None, converter=optional_identifier)
    recorded: datetime | None = attrs.field(default=None, converter=utc_or_none)
    retracted: bool = False

    def __attrs_post_init__(self) -> None:
        what = f"contract `{self.id}`"
        check_date_range(self.start, self.end, what)
        if self.months is not None and (instance_of(int, self.months) < 1 or self.end is not None):
            raise InvalidValueError(f"{what} has `{self.months}` months", hint="give months or end")
        if self.months is not None:
            add_months(self.start, self.months)  # refuses an end that no calendar has
        if self.any_contact and self.contacts:
            raise InvalidValueError(
                f"{what} names contacts and admits anybody", hint="drop one of the two"
            )
        for line in self.lines:
            check_contact_limit(self, line)
        if self.replaces == self.id:
            raise InvalidValueError(f"{what} replaces itself")
        seen: set[str] = set()
        for line in self.lines:
            if instance_of(ContractLine, line).id in seen:
                raise DuplicateIdError("contract line", line.id)
            seen.add(line.id)

    @property
    def last_day(self) -> date | None:
        """The last day of the term as signed, before any change; None for an open end."""
        if self.months is None:
            return self.end
        return add_months(self.start, self.months) - timedelta(days=1)


def check_contact_limit(contract: Contract, line: ContractLine) -> None:
    """Raise `InvalidValueError` if a line buys named contacts where anybody is admitted."""
    if contract.any_contact and line.contact_limit is not None:
        raise InvalidValueError(
            f"line `{line.id}` has `contact_limit`, and contract `{contract.id}` admits anybody",
            hint="drop `contact_limit`, or name the contacts instead of `any_contact`",
        )
