"""Promise: what a right gives to a request: entitlement, group, charge and obligations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple, final

import attrs

from entitlements import contracts
from entitlements.contracts.allowances.allowance import (
    ConsumptionMoment,
    Unit,
    consumption_moment_of,
    unit_of,
)
from entitlements.kernel.converters import enum_member, instance_of, tuple_of
from entitlements.kernel.data.copies import copy_with
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.requests import Request

OVERAGE_CONSENT: Final = "overage-consent"
"""The condition by which a request declares that the customer agrees to overage."""


class ChargeKind(TextEnum):
    """How a request is paid for: the fee, units bought before, more units, or by the hour."""

    INCLUDED = "included"
    PREPAID = "prepaid"
    OVERAGE = "overage"
    TIME_AND_MATERIALS = "time_and_materials"


def charge_kind(value: ChargeKind | str) -> ChargeKind:
    """Return the kind that `value` is or names; raise `InvalidValueError` if there is none."""
    return enum_member(ChargeKind, value)


@final
@attrs.frozen(repr=False, kw_only=True)
class Charge(ReprWithoutDefaults):
    """What a request costs under the contract.

    Attributes:
        kind: How it is paid for.
        allowance: The allowance drawn on, if any.
        pool: The pool of grants in the account's ledger.
        unit: What is counted.
        amount: Units taken, or held until the work is measured.
        consumption: The moment at which the held units are used; None where nothing is counted.
        consent_needed: Whether the customer must agree first, and has not yet.
    """

    kind: ChargeKind = attrs.field(converter=charge_kind)
    allowance: str | None = None
    pool: str | None = None
    unit: Unit | None = attrs.field(default=None, converter=attrs.converters.optional(unit_of))
    amount: int = 0
    consumption: ConsumptionMoment | None = attrs.field(
        default=None, converter=attrs.converters.optional(consumption_moment_of)
    )
    consent_needed: bool = False


@final
@attrs.frozen(kw_only=True)
class Entitlement:
    """The contract, line, plan and right under which a request is accepted.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        plan: Id of the plan.
        plan_version: The version whose terms hold for this case, also when later ones appear.
        policy: Id of the SLA policy with the targets.
        right: Id of the right to the group; None where the general group takes over.
        calendars: Calendar names of the plan and the calendars this line binds them to, sorted.
        experts: Ids of designated agents, who are preferred: those of the line, or of the right.
    """

    contract: str
    line: str
    plan: str
    plan_version: str
    policy: str
    right: str | None
    calendars: tuple[tuple[str, str], ...] = ()
    experts: tuple[str, ...] = ()


class ObligationKind(TextEnum):
    """What must be observed while a granted case is worked on."""

    CONSENT = "consent"
    RESIDENCY = "residency"
    CLEARANCE = "clearance"
    CONDITION = "condition"


def _obligation_kind(value: ObligationKind | str) -> ObligationKind:
    return enum_member(ObligationKind, value)


@final
@attrs.frozen(kw_only=True)
class Obligation:
    """One thing to observe: consent to overage, a region, a clearance, a declared condition."""

    kind: ObligationKind = attrs.field(converter=_obligation_kind)
    values: tuple[str, ...]


def _entitlement(value: Entitlement) -> Entitlement:
    return instance_of(Entitlement, value)


def _charge(value: Charge) -> Charge:
    return instance_of(Charge, value)


def _obligations(values: Iterable[Obligation]) -> tuple[Obligation, ...]:
    return tuple_of(Obligation, values)


class ServiceTerms(NamedTuple):
    """The part of a promise that clocks and routing depend on.

    It leaves out the customer's contract and the charge, so that customers with equal terms share
    what an engine prepares for them. It is made of tuples and text, which compare fast.
    """

    policy: str
    calendars: tuple[tuple[str, str], ...]
    group: str
    experts: tuple[str, ...]
    obligations: tuple[tuple[str, tuple[str, ...]], ...]
    language: str | None


@final
@attrs.frozen(kw_only=True)
class Promise:
    """What a right gives, the same for all requests of a class and shared among decisions.

    Attributes:
        entitlement: The contract, line, plan and right.
        group: The expert group.
        immediate: Whether the group is reached at once, or by its queue.
        charge: How it is paid for.
        obligations: What must be observed while the case is worked on.
        language: The language of the request, where the right is for languages: a skill that agents
            need.
        service_terms: What clocks and routing depend on; computed, not compared.
    """

    entitlement: Entitlement = attrs.field(converter=_entitlement)
    group: str
    immediate: bool
    charge: Charge = attrs.field(converter=_charge)
    obligations: tuple[Obligation, ...] = attrs.field(default=(), converter=_obligations)
    language: str | None = None
    service_terms: ServiceTerms = attrs.field(init=False, eq=False, repr=False)

    @service_terms.default
    def _service_terms(self) -> ServiceTerms:
        promised = self.entitlement
        obligations = tuple(
            (each.kind.value, each.values)
            for each in self.obligations
            if each.kind is not ObligationKind.CONSENT
        )
        return ServiceTerms(
            promised.policy,
            promised.calendars,
            self.group,
            promised.experts,
            obligations,
            self.language,
        )


def reserve_command(charge: Charge, request: Request) -> tuple[contracts.Reserve, ...]:
    """Return the command that holds the units of a charge: none where nothing is counted."""
    command = _reserve(charge, consent=OVERAGE_CONSENT in request.conditions)
    return () if command is None else (copy_with(command, key=request.id),)


@lru_cache(maxsize=8_192)
def _reserve(charge: Charge, *, consent: bool) -> contracts.Reserve | None:
    """Return the command for a charge, with a key that stands for that of the request."""
    if charge.unit is None or charge.pool is None or charge.amount == 0:
        return None
    return contracts.Reserve(
        key=charge.pool,
        unit=charge.unit,
        amount=charge.amount,
        pools=(charge.pool,),
        consent=charge.kind is ChargeKind.OVERAGE and consent,
    )
