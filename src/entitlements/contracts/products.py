"""Products: service products that are sold, products that need support, versions, life cycles.

The end of a life cycle ends rights, whatever the contract says. Dates are calendar days in the zone
of the contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import final

import attrs

from entitlements.kernel.converters import enum_member, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_unique_ids, identifier, identifier_set
from entitlements.kernel.mixins.text_enum import TextEnum


class LifeCyclePhase(TextEnum):
    """The phase of a product's life cycle."""

    DEVELOPMENT = "development"
    GENERAL_AVAILABILITY = "general_availability"
    END_OF_SALE = "end_of_sale"
    END_OF_SUPPORT = "end_of_support"
    END_OF_LIFE = "end_of_life"


@final
@attrs.frozen(kw_only=True)
class LifeCycle:
    """The dated phases of a product; a phase without a date is not announced.

    Attributes:
        general_availability: First day on which it is sold and supported; None for always.
        end_of_sale: Last day on which it is sold.
        end_of_support: Last day on which it is supported; rights end with that day.
        end_of_life: Last day of its life; rights end with it at the latest.

    >>> LifeCycle(end_of_support=date(2027, 6, 30)).phase(date(2027, 7, 1))
    LifeCyclePhase.END_OF_SUPPORT
    """

    general_availability: date | None = None
    end_of_sale: date | None = None
    end_of_support: date | None = None
    end_of_life: date | None = None

    def __attrs_post_init__(self) -> None:
        days = [day for day in attrs.astuple(self) if day is not None]
        if days != sorted(days):
            raise InvalidValueError(
                "the phases of a life cycle are out of order",
                hint="general availability, end of sale, end of support, end of life",
            )

    @property
    def last_supported(self) -> date | None:
        """The last day on which there is support, or None if no end is announced."""
        ends = [day for day in (self.end_of_support, self.end_of_life) if day is not None]
        return min(ends, default=None)

    def phase(self, day: date) -> LifeCyclePhase:
        """Return the phase on `day`."""
        if self.general_availability is not None and day < self.general_availability:
            return LifeCyclePhase.DEVELOPMENT
        phase = LifeCyclePhase.GENERAL_AVAILABILITY
        for last, after in (
            (self.end_of_sale, LifeCyclePhase.END_OF_SALE),
            (self.end_of_support, LifeCyclePhase.END_OF_SUPPORT),
            (self.end_of_life, LifeCyclePhase.END_OF_LIFE),
        ):
            if last is not None and day > last:
                phase = after
        return phase


class ServiceKind(TextEnum):
    """The two kinds of service product."""

    ACCESS = "access"
    WORK = "work"


def _service_kind(value: ServiceKind | str) -> ServiceKind:
    return enum_member(ServiceKind, value)


@final
@attrs.frozen(kw_only=True)
class ServiceProduct:
    """Something that a customer buys from the service desk.

    Attributes:
        id: Names the service product.
        kind: `access`, the right to reach people who know a system, or `work`, done by time or
            task.
        name: Its name for people.
        life_cycle: When it is offered, and until when rights from it hold.

    >>> ServiceProduct(id="care", name="Care contract").kind
    ServiceKind.ACCESS
    """

    id: str = attrs.field(converter=identifier)
    kind: ServiceKind = attrs.field(default=ServiceKind.ACCESS, converter=_service_kind)
    name: str = ""
    life_cycle: LifeCycle = attrs.field(factory=LifeCycle)


@final
@attrs.frozen(kw_only=True)
class ProductVersion:
    """A version of a product.

    Attributes:
        id: Names the version within its product.
        end_of_support: Last day on which it is supported; None if no end is announced.
    """

    id: str = attrs.field(converter=identifier)
    end_of_support: date | None = None


def _versions(values: Iterable[ProductVersion]) -> tuple[ProductVersion, ...]:
    return tuple_of(ProductVersion, values)


@final
@attrs.frozen(kw_only=True)
class Product:
    """A system that customers need help with.

    Attributes:
        id: Names the product.
        name: Its name for people.
        groups: Product groups to which it belongs; a contract line may cover a whole group.
        versions: The known versions; empty if versions do not matter.
        life_cycle: When it is sold and supported.

    >>> Product(id="db", groups=["systems"], versions=[ProductVersion(id="1")]).version("2") is None
    True
    """

    id: str = attrs.field(converter=identifier)
    name: str = ""
    groups: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    versions: tuple[ProductVersion, ...] = attrs.field(default=(), converter=_versions)
    life_cycle: LifeCycle = attrs.field(factory=LifeCycle)

    @versions.validator
    def _are_distinct(
        self, _: attrs.Attribute[tuple[ProductVersion, ...]], versions: Iterable[ProductVersion]
    ) -> None:
        check_unique_ids("version", (version.id for version in versions))

    def version(self, id: str) -> ProductVersion | None:
        """Return the version called `id`, or None."""
        return next((version for version in self.versions if version.id == id), None)
