"""Catalog: calendars, service products, products, expert groups and plans for all customers.

The catalog is shared and small; what one customer bought is in an `Account`. The ids that plans use
are checked when the catalog is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol, TypeVar, final

import attrs

from entitlements.calendars import BusinessHours
from entitlements.contracts.plans import Plan
from entitlements.contracts.products import Product, ServiceProduct
from entitlements.contracts.records.contract import ContractLine
from entitlements.kernel.converters import (
    as_text,
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import (
    DuplicateIdError,
    InvalidValueError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import check_known_id, check_known_ids, identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum


class Precedence(TextEnum):
    """A criterion for the choice among several entitlements.

    `EXPLICIT` prefers the contract that the request names; `MOST_SPECIFIC` the most specific
    coverage; `BEST_RESPONSE` the shortest first-response target; `CHEAPEST_USE` included before
    prepaid before billed use; `FIRST_TO_EXPIRE` the contract that ends first.
    """

    EXPLICIT = "explicit"
    MOST_SPECIFIC = "most_specific"
    BEST_RESPONSE = "best_response"
    CHEAPEST_USE = "cheapest_use"
    FIRST_TO_EXPIRE = "first_to_expire"


def _precedence(names: Iterable[str]) -> tuple[Precedence, ...]:
    return tuple(enum_member(Precedence, each) for each in as_tuple(names))


@final
@attrs.frozen(kw_only=True)
class ExpertGroup:
    """A group of experts who know a system and are reached together.

    Attributes:
        id: Names the group.
        name: Its name for people.
    """

    id: str = attrs.field(converter=identifier)
    name: str = ""


def _calendars(values: Mapping[str, BusinessHours]) -> FrozenMap[str, BusinessHours]:
    return frozen_map(values)


def _services(values: Iterable[ServiceProduct]) -> tuple[ServiceProduct, ...]:
    return tuple_of(ServiceProduct, values)


def _products(values: Iterable[Product]) -> tuple[Product, ...]:
    return tuple_of(Product, values)


def _groups(values: Iterable[ExpertGroup]) -> tuple[ExpertGroup, ...]:
    return tuple_of(ExpertGroup, values)


def _plans(values: Iterable[Plan]) -> tuple[Plan, ...]:
    return tuple_of(Plan, values)


@final
@attrs.frozen(repr=False, kw_only=True)
class Catalog(ReprWithoutDefaults):
    """Everything that is the same for all customers.

    Attributes:
        calendars: Business hours by the name that plans use.
        services: Service products.
        products: Products that customers need help with.
        groups: Expert groups.
        plans: All versions of all plans.
        precedence: The criteria for the choice among several entitlements, most important first;
            contract, line and the order of rights decide last, so that the order is total.

    >>> Catalog(groups=[ExpertGroup(id="dba")], products=[Product(id="db")]).product("db").id
    'db'

    Raises:
        DuplicateIdError: Two entries of one kind have the same id.
        UnknownIdError: A plan names a calendar, group, product, service product or required plan
            that is missing.
    """

    calendars: FrozenMap[str, BusinessHours] = attrs.field(factory=FrozenMap, converter=_calendars)
    services: tuple[ServiceProduct, ...] = attrs.field(
        repr=short_repr, default=(), converter=_services
    )
    products: tuple[Product, ...] = attrs.field(repr=short_repr, default=(), converter=_products)
    groups: tuple[ExpertGroup, ...] = attrs.field(repr=short_repr, default=(), converter=_groups)
    plans: tuple[Plan, ...] = attrs.field(repr=short_repr, default=(), converter=_plans)
    precedence: tuple[Precedence, ...] = attrs.field(
        default=(Precedence.EXPLICIT, Precedence.MOST_SPECIFIC, Precedence.BEST_RESPONSE),
        converter=_precedence,
    )
    _product_by_id: dict[str, Product] = attrs.field(init=False, repr=False, eq=False)
    _plans_by_id: dict[str, tuple[Plan, ...]] = attrs.field(init=False, repr=False, eq=False)

    @_product_by_id.default
    def _products_by_id(self) -> dict[str, Product]:
        return _index("product", self.products)

    @_plans_by_id.default
    def _versions_by_plan(self) -> dict[str, tuple[Plan, ...]]:
        plans: dict[str, tuple[Plan, ...]] = {}
        for plan in self.plans:
            versions = plans.get(plan.id, ())
            if any(plan.version == other.version for other in versions):
                raise DuplicateIdError("plan version", f"{plan.id} {plan.version}")
            plans[plan.id] = (*versions, plan)
        return plans

    def __attrs_post_init__(self) -> None:
        _index("service product", self.services)
        _index("expert group", self.groups)
        for index, plan in enumerate(self.plans):
            self._check(plan, f"plans[{index}]")

    def _check(self, plan: Plan, path: str) -> None:
        groups = [group.id for group in self.groups]
        services = [service.id for service in self.services]
        check_known_id("expert group", plan.general_group, groups, f"{path}.general_group")
        check_known_id("service product", plan.service, services, f"{path}.service")
        check_known_ids("plan", plan.requires_plan, self._plans_by_id, f"{path}.requires_plan")
        check_known_ids("plan", plan.suspended_by, self._plans_by_id, f"{path}.suspended_by")
        names = [*self.calendars, *plan.line_calendars]
        for index, right in enumerate(plan.rights):
            at = f"{path}.rights[{index}]"
            check_known_id("expert group", right.group, groups, f"{at}.group")
            check_known_id("calendar", right.hours, names, f"{at}.hours")
            check_known_ids("product", right.products, self._product_by_id, f"{at}.products")
        if plan.lead_time is not None:
            check_known_id("calendar", plan.lead_time.calendar, names, f"{path}.lead_time")

    def product(self, id: str) -> Product | None:
        """Return the product called `id`, or None."""
        return self._product_by_id.get(as_text(id))

    def plan_versions(self, id: str) -> tuple[Plan, ...]:
        """Return all versions of the plan called `id`; raise `UnknownIdError` if there are none."""
        if as_text(id) not in self._plans_by_id:
            raise UnknownIdError("plan", id, known=self._plans_by_id)
        return self._plans_by_id[id]

    def has_plan(self, id: str) -> bool:
        """Return whether there is a plan called `id`, of any version."""
        return as_text(id) in self._plans_by_id

    def plan_sold(self, line: ContractLine, day: date) -> Plan:
        """Return the version of the line's plan that was sold on `day`.

        Raises:
            UnknownIdError: There is no such plan or version, or none was on sale on that day.
        """
        versions = self.plan_versions(instance_of(ContractLine, line).plan)
        instance_of(date, day)
        if line.plan_version is not None:
            for plan in versions:
                if plan.version == line.plan_version:
                    return plan
            known = [plan.version for plan in versions]
            raise UnknownIdError("plan version", line.plan_version, known=known)
        on_sale = [plan for plan in versions if plan.effective is None or plan.effective <= day]
        if not on_sale:
            raise UnknownIdError("plan version", f"{line.plan} on {day}")
        return max(on_sale, key=_age)

    def later_versions(self, sold: Plan) -> list[Plan]:
        """Return the versions that replace `sold` on existing lines, in the order of dates.

        A version replaces those before it, never one after it.
        """
        later = (
            plan
            for plan in self.plan_versions(instance_of(Plan, sold).id)
            if plan.existing_from is not None
        )
        found: list[Plan] = []
        newest = sold
        for plan in sorted(later, key=lambda plan: (plan.existing_from or date.min, _age(plan))):
            if _age(plan) > _age(newest):
                newest = plan
                found.append(plan)
        return found

    def check_line(self, line: ContractLine, planned: date) -> None:
        """Raise if the plan of a line, or a calendar that the plan needs, is not in the catalog.

        Args:
            line: The line.
            planned: The day on which it got its plan.

        Raises:
            UnknownIdError: There is no such plan, version or calendar.
            InvalidValueError: The line does not name a calendar that its plan leaves to it.
        """
        instance_of(ContractLine, line)
        try:
            sold = self.plan_sold(line, line.day_of_sale(planned))
        except UnknownIdError as error:
            error.path = "plan_version" if line.plan_version is not None else "plan"
            raise
        for plan in (sold, *self.later_versions(sold)):
            used = [right.hours for right in plan.rights]
            used += [] if plan.lead_time is None else [plan.lead_time.calendar]
            names = {each for each in used if each is not None}
            for name in sorted(names | plan.line_calendars):
                bound = line.calendars.get(name)
                if (bound or name) in self.calendars:
                    continue
                if bound is not None or name not in plan.line_calendars:
                    raise UnknownIdError(
                        "calendar", bound or name, known=self.calendars, path="calendars"
                    )
                raise InvalidValueError(
                    f"plan `{plan.id}` leaves the calendar `{name}` to this line, "
                    "which does not name one",
                    hint=f"add `{name}` to the line's `calendars`",
                    path="calendars",
                )
        for bound in line.calendars.values():
            if bound not in self.calendars:
                raise UnknownIdError("calendar", bound, known=self.calendars, path="calendars")

    def calendar(self, name: str, line: ContractLine) -> BusinessHours:
        """Return the calendar for a `name` in the plan of a contract line.

        Raises:
            UnknownIdError: There is no such calendar.
        """
        bound = instance_of(ContractLine, line).calendars.get(as_text(name), name)
        if bound not in self.calendars:
            raise UnknownIdError("calendar", bound, known=self.calendars)
        return self.calendars[bound]

    def hours_or_none(self, name: str | None, line: ContractLine) -> BusinessHours | None:
        """Return the calendar for a `name` in the plan of a line; None if there is none."""
        bound = instance_of(ContractLine, line).calendars
        return None if name is None else self.calendars.get(bound.get(as_text(name), name))


def _age(plan: Plan) -> tuple[date, str]:
    return plan.effective or date.min, plan.version


class _Named(Protocol):
    @property
    def id(self) -> str: ...


NamedT = TypeVar("NamedT", bound=_Named)


def _index(kind: str, things: Sequence[NamedT]) -> dict[str, NamedT]:
    found: dict[str, NamedT] = {}
    for thing in things:
        if thing.id in found:
            raise DuplicateIdError(kind, thing.id)
        found[thing.id] = thing
    return found
