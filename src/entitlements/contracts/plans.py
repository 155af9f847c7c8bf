"""Plans: severities, channels, access rights to expert groups, limits, allowances, grace.

A plan says who may be reached and how; the SLA policy that it names says by when. Plans are dated:
a contract line keeps the version that it was sold, unless a later version says from when it
replaces earlier ones on existing lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix, optional_matrix
from entitlements.contracts.plan_terms.quantity_steps import (
    QuantityStep,
    numbers_for,
    quantity_steps,
)
from entitlements.kernel.converters import (
    as_tuple,
    enum_member,
    frozen_map,
    instance_of,
    tuple_of,
)
from entitlements.kernel.errors import (
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.frozenmaps import FrozenMap, short_repr
from entitlements.kernel.ids import (
    check_known_ids,
    check_unique_ids,
    identifier,
    identifier_set,
    identifiers,
    optional_identifier,
)
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum

MAX_LEVELS: Final = 100
"""The most severities, and the most channels, of a plan."""


class ChargeBasis(TextEnum):
    """How use beyond any allowance is charged."""

    INCLUDED = "included"
    TIME_AND_MATERIALS = "time_and_materials"


def _charge_basis(value: ChargeBasis | str) -> ChargeBasis:
    return enum_member(ChargeBasis, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class AccessRight(ReprWithoutDefaults):
    """The right to reach one expert group.

    An empty set means all: a right without severities holds for all severities of the plan.

    Attributes:
        id: Names the right within its plan.
        group: The expert group.
        severities: The severities for which it holds.
        channels: The channels through which it holds.
        products: The products for which it holds, among those that the contract line covers.
        hours: Name of the calendar in which the group is reachable; None for around the clock.
            The calendar in which an SLA target is counted is another one.
        immediate: Whether the group is reached at once, or through its queue.
        conditions: Conditions that the request must declare for the right to hold.
        allowance: Id of the plan's allowance from which a request under this right takes units.
        experts: Designated experts of the group, asked first, in this order.
        roles: The roles of contacts for whom it holds: a person needs one of them.
        kinds: The kinds of requests for which it holds, among those of the plan.
        languages: The languages in which help is given under it, such as `en` and `ja`; empty for
            any. An agent needs the language of the request as a skill of that name.
        only_when_named: Whether a request has to ask for the group by name. The general group of
            the plan does not take over for such a right.

    >>> AccessRight(id="hotline", group="dba", severities=["S1"], channels=["phone"]).immediate
    True
    """

    id: str = attrs.field(converter=identifier)
    group: str = attrs.field(converter=identifier)
    severities: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    channels: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    products: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    hours: str | None = attrs.field(default=None, converter=optional_identifier)
    immediate: bool = True
    conditions: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    allowance: str | None = attrs.field(default=None, converter=optional_identifier)
    experts: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    roles: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    kinds: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    languages: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    only_when_named: bool = False


@final
@attrs.frozen(kw_only=True)
class Grace:
    """The grace period: rights that still hold after a term has ended.

    Attributes:
        days: Length in days, counted from the last day of the term.
        rights: Ids of the rights that still hold; empty for all of them.

    >>> Grace(days=30, rights=["queue"]).days
    30
    """

    days: int = attrs.field()
    rights: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    @days.validator
    def _is_positive(self, _: attrs.Attribute[int], days: int) -> None:
        if instance_of(int, days) < 1:
            raise InvalidValueError(
                f"grace must be at least 1 day, not `{days}`", hint="leave it out for none"
            )


def _rights(values: Iterable[AccessRight]) -> tuple[AccessRight, ...]:
    return tuple_of(AccessRight, values)


def _sentences(values: Iterable[str]) -> tuple[str, ...]:
    return as_tuple(values)


def _roles_by_severity(values: Mapping[str, Iterable[str]]) -> FrozenMap[str, frozenset[str]]:
    found = {severity: identifier_set(each) for severity, each in frozen_map(values).items()}
    for severity, roles in found.items():
        if not roles:
            raise InvalidValueError(
                f"severity `{severity}` is opened by no role",
                hint="use `may_not_open` for a severity that no customer opens",
                path="opened_by",
            )
    return frozen_map(found)


def _allowances(values: Iterable[Allowance]) -> tuple[Allowance, ...]:
    return tuple_of(Allowance, values)


@final
@attrs.frozen(repr=False, kw_only=True)
class Plan(ReprWithoutDefaults):
    """One dated version of a support plan.

    Attributes:
        id: Names the plan, the same for all its versions.
        version: Names the version within the plan.
        name: Its name for people.
        service: Id of the service product to which the plan belongs, if there is one.
        requires_plan: Ids of plans without which this one, an add-on, gives nothing: the customer
            needs a line of one of them in force. Empty for a plan that stands alone.
        suspended_by: Ids of plans by which this one, a default plan, is suspended: it gives nothing
            while a line of one of them is active and covers what is asked. Empty for none.
        policy: Id of the SLA policy with its targets.
        severities: The severity scale, worst first; empty for a plan that does not tell cases
            apart, in which requests need no severity.
        may_not_open: Severities of the scale with which a customer cannot open a case.
        opened_by: For a severity, the roles of contacts who may open a case with it or raise one to
            it: a person needs one of them. A severity that is not listed is for every contact.
        priority_matrix: The severity by impact and urgency, for a helpdesk that asks for these;
            None for no matrix.
        channels: The channels through which requests are accepted.
        kinds: The kinds of requests that it tells apart and accepts, such as incident, question,
            billing; a request then has to state its kind. Empty if the kind makes no difference.
        rights: Rights to expert groups, in order of preference.
        general_group: The group that takes over where the rights to a request are closed.
        contact_limit: How many named contacts a contract may have; None for any number.
        unlimited_roles: Roles of contacts who are outside the limit: they may open cases, and take
            no place of it.
        concurrency: How many cases may be open at once; None for any number.
        quantity_steps: The limits and allowances of contract lines by the quantity sold.
        lead_time: How long after its day a person whom an amendment adds to the contacts, a line or
            units of its quantity that it adds, count; None for at once.
        allowances: Prepaid amounts that come with the plan.
        charge: How use beyond any allowance is charged.
        commercial: Price, rates, credits and uptime, for billing and reports.
        grace: The rights that still hold after a term; None for none.
        effective: First day on which this version is sold; None for always.
        existing_from: First day on which it also replaces earlier versions on lines already
            sold; None if those keep what they were sold.
        line_calendars: Calendar names that each contract line must bind to one of the catalog,
            such as `business` for "business hours of the customer's region".
        assumptions: What the source of the plan leaves open and this version decides, as sentences.
        source: Where the facts come from.

    >>> plan = Plan(id="gold", policy="gold", severities=["S1", "S2"], channels=["phone"],
    ...             rights=[AccessRight(id="hotline", group="dba")])
    >>> plan.right("hotline").group, plan.key
    ('dba', ('gold', '1'))
    """

    id: str = attrs.field(converter=identifier)
    version: str = attrs.field(default="1", converter=identifier)
    name: str = ""
    service: str | None = attrs.field(default=None, converter=optional_identifier)
    requires_plan: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    suspended_by: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    policy: str = attrs.field(converter=identifier)
    severities: tuple[str, ...] = attrs.field(repr=short_repr, default=(), converter=identifiers)
    may_not_open: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    opened_by: FrozenMap[str, frozenset[str]] = attrs.field(
        factory=FrozenMap, converter=_roles_by_severity
    )
    priority_matrix: PriorityMatrix | None = attrs.field(default=None, converter=optional_matrix)
    channels: frozenset[str] = attrs.field(converter=identifier_set)
    kinds: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    rights: tuple[AccessRight, ...] = attrs.field(repr=short_repr, converter=_rights)
    general_group: str | None = attrs.field(default=None, converter=optional_identifier)
    contact_limit: int | None = None
    unlimited_roles: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    concurrency: int | None = None
    quantity_steps: tuple[QuantityStep, ...] = attrs.field(
        repr=short_repr, default=(), converter=quantity_steps
    )
    lead_time: LeadTime | None = None
    allowances: tuple[Allowance, ...] = attrs.field(
        repr=short_repr, default=(), converter=_allowances
    )
    charge: ChargeBasis = attrs.field(default=ChargeBasis.INCLUDED, converter=_charge_basis)
    commercial: CommercialTerms | None = None
    grace: Grace | None = None
    effective: date | None = None
    existing_from: date | None = None
    line_calendars: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    assumptions: tuple[str, ...] = attrs.field(repr=short_repr, default=(), converter=_sentences)
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.channels:
            message = f"plan `{self.id}` has no channels"
            raise InvalidValueError(message, hint="name at least one", path="channels")
        for name in ("severities", "channels"):
            count = len(getattr(self, name))
            if count > MAX_LEVELS:
                hint = f"at most {MAX_LEVELS} are allowed"
                raise LimitExceededError(f"`{count}` {name} in one plan", hint=hint, path=name)
        for name, verb in (("requires_plan", "requires"), ("suspended_by", "suspends")):
            if self.id in getattr(self, name):
                message = f"plan `{self.id}` {verb} itself"
                raise InvalidValueError(message, hint="name another plan", path=name)
        check_unique_ids("severity", self.severities)
        check_unique_ids("right", (right.id for right in self.rights))
        check_unique_ids("allowance", (allowance.id for allowance in self.allowances))
        self._check_severities()
        self._check_rights()
        if self.grace is not None:
            instance_of(Grace, self.grace)
            ids = [right.id for right in self.rights]
            check_known_ids("right", self.grace.rights, ids, "grace.rights")
        for name in ("contact_limit", "concurrency"):
            limit = getattr(self, name)
            if limit is not None and instance_of(int, limit) < 1:
                raise InvalidValueError(f"a limit must be at least 1, not `{limit}`", path=name)
        if self.commercial is not None:
            instance_of(CommercialTerms, self.commercial)
        if self.lead_time is not None:
            instance_of(LeadTime, self.lead_time)
        known = [allowance.id for allowance in self.allowances]
        for index, step in enumerate(self.quantity_steps):
            check_known_ids("allowance", step.amounts, known, f"quantity_steps[{index}].amounts")

    def _check_severities(self) -> None:
        check_known_ids("severity", self.may_not_open, self.severities, "may_not_open")
        check_known_ids("severity", self.opened_by, self.severities, "opened_by")
        if self.priority_matrix is not None:
            found = self.priority_matrix.priorities
            check_known_ids("severity", found, self.severities, "priority_matrix")

    def _check_rights(self) -> None:
        for index, right in enumerate(self.rights):
            at = f"rights[{index}]"
            check_known_ids("severity", right.severities, self.severities, f"{at}.severities")
            check_known_ids("channel", right.channels, self.channels, f"{at}.channels")
            check_known_ids("kind of request", right.kinds, self.kinds, f"{at}.kinds")
            if right.allowance is not None:
                ids = [allowance.id for allowance in self.allowances]
                check_known_ids("allowance", [right.allowance], ids, f"{at}.allowance")

    @property
    def roles(self) -> frozenset[str]:
        """All roles of contacts on which a right or a severity depends."""
        named = [*self.opened_by.values(), *(right.roles for right in self.rights)]
        return frozenset[str]().union(*named)

    @property
    def key(self) -> tuple[str, str]:
        """Id and version of the plan, which name it in a catalog."""
        return self.id, self.version

    @property
    def scale(self) -> tuple[str | None, ...]:
        """The severities; None alone in a plan without severities.

        >>> Plan(id="basic", policy="basic", channels=["web"], rights=[]).scale
        (None,)
        """
        return self.severities or (None,)

    @property
    def numbers(self) -> dict[str, int]:
        """The limits and amounts that the plan states itself, by the names of quantity steps."""
        stated = {"contact_limit": self.contact_limit, "concurrency": self.concurrency}
        stated |= {f"amount of {each.id}": each.amount for each in self.allowances}
        return {name: number for name, number in stated.items() if number is not None}

    def for_quantity(self, quantity: int) -> Plan:
        """Return the plan with the limits and amounts of a line of this quantity.

        >>> gold = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[],
        ...             quantity_steps=[QuantityStep(quantity=1, per=1, contact_limit=3)])
        >>> gold.for_quantity(2).contact_limit
        6
        """
        found: Mapping[str, int] = numbers_for(self.quantity_steps, quantity)
        if not found:
            return self
        return attrs.evolve(
            self,
            contact_limit=found.get("contact_limit", self.contact_limit),
            concurrency=found.get("concurrency", self.concurrency),
            allowances=[
                attrs.evolve(each, amount=found.get(f"amount of {each.id}", each.amount))
                for each in self.allowances
            ],
        )

    def right(self, id: str) -> AccessRight:
        """Return the right called `id`; raise `UnknownIdError` if there is none."""
        for right in self.rights:
            if right.id == id:
                return right
        raise UnknownIdError("right", id, known=[right.id for right in self.rights])

    def allowance(self, id: str) -> Allowance:
        """Return the allowance called `id`; raise `UnknownIdError` if there is none."""
        for allowance in self.allowances:
            if allowance.id == id:
                return allowance
        raise UnknownIdError("allowance", id, known=[each.id for each in self.allowances])
