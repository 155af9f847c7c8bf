"""The answer to "may they?": granted, deferred or denied.

A decision is small; everything that explains it (evidence, losers, warnings, remedies, provenance)
is computed from the same facts when it is asked for, and is the same however often it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, Self, TypeAlias, final

import attrs

from entitlements.access.explained import Advisory, Duty, Explained
from entitlements.access.findings import Candidate, DecisionProvenance
from entitlements.access.reasons import Reason
from entitlements.contracts.account import OpenCase
from entitlements.contracts.allowances.allowance import (
    ConsumptionMoment,
    Unit,
    consumption_moment_of,
    unit_of,
)
from entitlements.contracts.changes import Change
from entitlements.contracts.contract import Contract
from entitlements.contracts.ledger.entries import Issue, Reserve
from entitlements.kernel.converters import enum_member, instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import from_micros, from_micros_or_none
from entitlements.kernel.no_truth_value import NoTruthValue
from entitlements.kernel.requests import Request

CONSENT: Final = "overage-consent"
"""The condition by which a request declares that the customer agrees to overage."""


class ChargeKind(StrEnum):
    """How a request is paid for."""

    INCLUDED = "included"
    PREPAID = "prepaid"
    OVERAGE = "overage"
    TIME_AND_MATERIALS = "time_and_materials"


def _charge_kind(value: ChargeKind | str) -> ChargeKind:
    return enum_member(ChargeKind, value)


@final
@attrs.frozen(kw_only=True)
class Charge:
    """What a request costs in the terms of the contract.

    Attributes:
        kind: How it is paid for.
        allowance: The allowance drawn on, if any.
        pool: The pool of grants in the account's ledger.
        unit: What is counted.
        amount: Units taken, or held until the work is measured.
        consumption: The moment at which the held units are taken for good; None where nothing is.
        consent_needed: Whether the customer must agree first, and has not yet.
    """

    kind: ChargeKind = attrs.field(converter=_charge_kind)
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
    """The promise that a request is accepted under.

    Attributes:
        contract: Id of the contract.
        line: Id of the contract line.
        plan: Id of the plan.
        plan_version: The version whose terms hold for this case from now on.
        policy: Id of the SLA policy with the targets.
        right: Id of the right to the group; None where the general group takes over.
        calendars: What the plan's calendar names stand for on this line, sorted by name.
        experts: Designated people, to be asked first.
    """

    contract: str
    line: str
    plan: str
    plan_version: str
    policy: str
    right: str | None
    calendars: tuple[tuple[str, str], ...] = ()
    experts: tuple[str, ...] = ()


class ObligationKind(StrEnum):
    """What must be observed by whoever acts on a grant."""

    CONSENT = "consent"
    RESIDENCY = "residency"
    CLEARANCE = "clearance"
    CONDITION = "condition"


def _obligation_kind(value: ObligationKind | str) -> ObligationKind:
    return enum_member(ObligationKind, value)


@final
@attrs.frozen(kw_only=True)
class Obligation:
    """One thing to observe: agreed overage, a region, a clearance, a declared condition."""

    kind: ObligationKind = attrs.field(converter=_obligation_kind)
    values: tuple[str, ...]


def _entitlement(value: Entitlement) -> Entitlement:
    return instance_of(Entitlement, value)


def _charge(value: Charge) -> Charge:
    return instance_of(Charge, value)


def _obligations(values: Iterable[Obligation]) -> tuple[Obligation, ...]:
    return tuple_of(Obligation, values)


@final
@attrs.frozen(kw_only=True)
class Promise:
    """What a right gives, the same for all requests of a kind: shared among decisions.

    Attributes:
        entitlement: Under which promise.
        group: The expert group.
        immediate: Whether it is reached at once, or by its queue.
        charge: How it is paid for.
        obligations: What whoever acts on it must observe.
    """

    entitlement: Entitlement = attrs.field(converter=_entitlement)
    group: str
    immediate: bool
    charge: Charge = attrs.field(converter=_charge)
    obligations: tuple[Obligation, ...] = attrs.field(default=(), converter=_obligations)
    duty: Duty = attrs.field(init=False, eq=False, repr=False)

    @duty.default
    def _duty(self) -> Duty:
        promised = self.entitlement
        kinds = (each for each in self.obligations if each.kind is not ObligationKind.CONSENT)
        return Duty(promised.policy, promised.calendars, self.group, promised.experts, tuple(kinds))


class RemedyKind(StrEnum):
    """What would change the answer."""

    RENEW = "renew"
    LIFT_BLOCK = "lift_block"
    ADD_CONTACT = "add_contact"
    ADD_LINE = "add_line"
    UPGRADE = "upgrade"
    BUY_ALLOWANCE = "buy_allowance"
    USE_CHANNEL = "use_channel"
    LOWER_SEVERITY = "lower_severity"
    DECLARE_CONDITION = "declare_condition"
    WAIT_UNTIL = "wait_until"
    ASK_CONTACT = "ask_contact"
    ASK_GROUP = "ask_group"
    CLOSE_CASE = "close_case"


def _remedy_kind(value: RemedyKind | str) -> RemedyKind:
    return enum_member(RemedyKind, value)


ProposedFact: TypeAlias = Contract | Change | OpenCase | Issue
"""What a remedy adds to an account: a record, a case as it would stand, or a ledger command."""


@final
@attrs.frozen(kw_only=True)
class Remedy:
    """One verified way out: do this, and `leads_to` is the decision.

    Attributes:
        kind: What to do.
        target: Whom or what it is about: a contract, block, contact, channel, severity, plan.
        ask: The request to make then; the same one, unless asking otherwise is the remedy.
        at: When to make it: at once, but for `WAIT_UNTIL`.
        adds: What `Account.record` has to take into the account first.
        leads_to: The decision that follows, computed by deciding again.
    """

    kind: RemedyKind = attrs.field(converter=_remedy_kind)
    target: str
    ask: Request
    at: datetime
    adds: tuple[ProposedFact, ...] = ()
    leads_to: Granted | Deferred


class DecisionSource(Protocol):
    """What a decision was made from, to be asked for everything that explains it."""

    def candidates(self, request: Request, at: int) -> tuple[Candidate, ...]:
        """Return everything that was tried, the chosen one first."""
        ...

    def valid_until(self, request: Request, at: int) -> int | None:
        """Return the first later instant at which the decision is another."""
        ...

    def provenance(self, request: Request, at: int) -> DecisionProvenance:
        """Return digests of everything the decision follows from."""
        ...

    def warnings(self, promise: Promise, request: Request, at: int) -> tuple[Advisory, ...]:
        """Return what is about to change under a promise."""
        ...

    def remedies(self, request: Request, at: int) -> tuple[Remedy, ...]:
        """Return the verified ways to a better answer."""
        ...


DecisionQuestion: TypeAlias = tuple[DecisionSource, Request, int]
"""Whom was asked, what, and for which instant in microseconds."""


def _question(asked: DecisionQuestion) -> tuple[Request, int]:
    return asked[1:]


@attrs.frozen
class _Decision(NoTruthValue):
    """What all three outcomes can tell about themselves.

    Two decisions are equal if they say the same about the same question; what explains them is not
    compared. A copy is the decision itself; a stored one takes along what explains it, worked out.
    """

    _asked: DecisionQuestion = attrs.field(repr=False, eq=_question)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        _, request, at = self._asked
        advice = self.warnings if isinstance(self, _Entitled) else ()
        ways = self.remedies if isinstance(self, Deferred | Denied) else ()
        stored = Explained(self.candidates, self.valid_until, self.provenance, advice, ways)
        said = [getattr(self, each.name) for each in attrs.fields(type(self))[1:]]
        return type(self), ((stored, request, at), *said)

    @property
    def request(self) -> Request:
        """What was asked."""
        return self._asked[1]

    @property
    def at(self) -> datetime:
        """The instant decided for."""
        return from_micros(self._asked[2])

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Everything that was tried, the chosen one first, each with all its checks."""
        inquiry, request, at = self._asked
        return inquiry.candidates(request, at)

    @property
    def valid_until(self) -> datetime | None:
        """The first instant at which the decision is another; None if it never is.

        As long as no fact is added; after very many changes that change nothing, too early.
        """
        inquiry, request, at = self._asked
        end = inquiry.valid_until(request, at)
        return from_micros_or_none(end)

    @property
    def provenance(self) -> DecisionProvenance:
        """Digests of everything the decision follows from."""
        inquiry, request, at = self._asked
        return inquiry.provenance(request, at)


@attrs.frozen
class _Entitled(_Decision):
    """What a grant and a deferral have in common: somebody has a right to something."""

    promise: Promise

    @property
    def entitlement(self) -> Entitlement:
        """Under which promise."""
        return self.promise.entitlement

    @property
    def group(self) -> str:
        """The expert group."""
        return self.promise.group

    @property
    def charge(self) -> Charge:
        """How it is paid for."""
        return self.promise.charge

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What whoever acts on this must observe; routing may never relax it."""
        return self.promise.obligations

    @property
    def warnings(self) -> tuple[Advisory, ...]:
        """What is about to change for this customer."""
        inquiry, request, at = self._asked
        return inquiry.warnings(self.promise, request, at)

    @property
    def commands(self) -> tuple[Reserve, ...]:
        """What to post to the ledger now; the hold is committed when `charge.consumption` comes."""
        return reserve_command(self.charge, self._asked[1])


@final
@attrs.frozen
class Granted(_Entitled):
    """The case is accepted, and this group is reached.

    Attributes:
        promise: What was granted: `entitlement`, `group`, `immediate`, `charge`, `obligations`.
    """

    @property
    def immediate(self) -> bool:
        """Whether the group is reached now, or by its queue."""
        return self.promise.immediate


@final
@attrs.frozen
class Deferred(_Entitled):
    """The case is accepted and its clocks are set, but the right opens at `opens_at`.

    What was accepted in its term is honoured after it: the term may end before the right opens.

    Attributes:
        promise: What was granted: `entitlement`, `group`, `charge`, `obligations`.
        opens_at: When the right to the group opens.
    """

    opens_at: datetime

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Verified ways to a better answer."""
        inquiry, request, at = self._asked
        return inquiry.remedies(request, at)


@final
@attrs.frozen
class Denied(_Decision):
    """No right, or not known to be one.

    Attributes:
        reasons: Why not, at least one: those of the candidate that came closest.
    """

    reasons: tuple[Reason, ...] = attrs.field()

    @reasons.validator
    def _are_some(self, _: attrs.Attribute[tuple[Reason, ...]], reasons: object) -> None:
        if not isinstance(reasons, tuple) or not reasons:
            raise InvalidValueError(f"a denial for reasons `{reasons!r}`", hint="give at least one")

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Verified ways out, each with the decision it leads to."""
        inquiry, request, at = self._asked
        return inquiry.remedies(request, at)


Decision: TypeAlias = Granted | Deferred | Denied


def reserve_command(charge: Charge, request: Request) -> tuple[Reserve, ...]:
    """Return the ledger command that a charge proposes: none where nothing is counted."""
    if charge.unit is None or charge.pool is None or charge.amount == 0:
        return ()
    command = Reserve(
        key=request.id,
        unit=charge.unit,
        amount=charge.amount,
        pools=(charge.pool,),
        consent=charge.kind is ChargeKind.OVERAGE and CONSENT in request.conditions,
    )
    return (command,)
