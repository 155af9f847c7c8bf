"""Data of decisions, as other programs store and send it, with everything that explains them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeAlias, final

import attrs

from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.explanation import Advisory, StoredExplanation, UnstatedExplanation
from entitlements.access.findings import Candidate, DecisionProvenance
from entitlements.access.promise import Charge, Entitlement, Obligation, Promise
from entitlements.access.reasons import Reason
from entitlements.access.remedies.remedy import ProposedFact, Remedy, RemedyKind
from entitlements.kernel.instants import to_micros
from entitlements.kernel.requests import Request


@attrs.frozen(kw_only=True)
class _AccessData:
    """What every promise states.

    Attributes:
        group: The expert group.
        immediate: Whether the group is reached now, or by its queue.
        entitlement: The contract, line, plan and right that give access.
        charge: How it is paid for.
        obligations: What must be observed while the case is worked on.
        language: The language that agents need, where the right is for languages.
    """

    group: str
    immediate: bool
    entitlement: Entitlement
    charge: Charge
    obligations: tuple[Obligation, ...]
    language: str | None

    @property
    def promise(self) -> Promise:
        """The promise that states this."""
        return Promise(**{name: getattr(self, name) for name in _PROMISE})


_PROMISE = tuple(each.name for each in attrs.fields(_AccessData))


@final
@attrs.frozen(kw_only=True)
class GrantedAccessData(_AccessData):
    """Access that a remedy leads to."""

    DATA_TAG: ClassVar = ("outcome", "granted")

    def decision(self, ask: Request, at: datetime) -> Granted:
        """Return the decision about a request, without what explains it."""
        return Granted((UnstatedExplanation(), ask, to_micros(at)), self.promise)


@final
@attrs.frozen(kw_only=True)
class DeferredAccessData(_AccessData):
    """Access that a remedy leads to, and which opens later.

    Attributes:
        opens_at: When the right to the group opens.
    """

    DATA_TAG: ClassVar = ("outcome", "deferred")
    opens_at: datetime

    def decision(self, ask: Request, at: datetime) -> Deferred:
        """Return the decision about a request, without what explains it."""
        question = (UnstatedExplanation(), ask, to_micros(at))
        return Deferred(question, self.promise, self.opens_at)


AccessData: TypeAlias = GrantedAccessData | DeferredAccessData


@final
@attrs.frozen(kw_only=True)
class RemedyData:
    """One verified remedy.

    Attributes:
        kind: What to do.
        target: What it is about: a contract, block, contact, channel, severity, and so on.
        ask: The request to make then.
        at: When to make it.
        adds: What has to be recorded in the account first.
        leads_to: The access that follows.
    """

    kind: RemedyKind
    target: str
    ask: Request
    at: datetime
    adds: tuple[ProposedFact, ...]
    leads_to: AccessData

    @property
    def remedy(self) -> Remedy:
        """The remedy that states this."""
        return Remedy(
            kind=self.kind,
            target=self.target,
            ask=self.ask,
            at=self.at,
            adds=self.adds,
            leads_to=self.leads_to.decision(self.ask, self.at),
        )


@attrs.frozen(kw_only=True)
class _ExplainedAccessData(_AccessData):
    """What every promise states, with what explains it.

    Attributes:
        candidates: Every right that was tried, the chosen one first, each with all its checks.
        valid_until: The first instant at which the decision is another; null if it never is.
        provenance: Digests of everything the decision follows from.
        warnings: What is about to change.
    """

    candidates: tuple[Candidate, ...]
    valid_until: datetime | None
    provenance: DecisionProvenance
    warnings: tuple[Advisory, ...]


@final
@attrs.frozen(kw_only=True)
class GrantedData(_ExplainedAccessData):
    """The case is accepted, and the expert group is reached."""

    DATA_TAG: ClassVar = ("outcome", "granted")

    def decision(self, request: Request, at: datetime) -> Decision:
        """Return the decision that states this about a request."""
        return Granted(_question(self, request, at), self.promise)


@final
@attrs.frozen(kw_only=True)
class DeferredData(_ExplainedAccessData):
    """The case is accepted and its clocks are set, but the right to the group opens later.

    Attributes:
        opens_at: When the right to the group opens.
        remedies: Verified remedies.
    """

    DATA_TAG: ClassVar = ("outcome", "deferred")
    opens_at: datetime
    remedies: tuple[RemedyData, ...]

    def decision(self, request: Request, at: datetime) -> Decision:
        """Return the decision that states this about a request."""
        return Deferred(_question(self, request, at), self.promise, self.opens_at)


@final
@attrs.frozen(kw_only=True)
class DeniedData:
    """No access: there is no right, or none is known.

    Attributes:
        reasons: Why, at least one reason.
        candidates: Every right that was tried, each with all its checks.
        valid_until: The first instant at which the decision is another; null if it never is.
        provenance: Digests of everything the decision follows from.
        remedies: Verified remedies.
    """

    DATA_TAG: ClassVar = ("outcome", "denied")
    reasons: tuple[Reason, ...]
    candidates: tuple[Candidate, ...]
    valid_until: datetime | None
    provenance: DecisionProvenance
    remedies: tuple[RemedyData, ...]

    def decision(self, request: Request, at: datetime) -> Decision:
        """Return the decision that states this about a request."""
        return Denied(_question(self, request, at), self.reasons)


DecisionData: TypeAlias = GrantedData | DeferredData | DeniedData


def _question(
    data: DecisionData, request: Request, at: datetime
) -> tuple[StoredExplanation[Remedy], Request, int]:
    advice = () if isinstance(data, DeniedData) else data.warnings
    ways = () if isinstance(data, GrantedData) else tuple(each.remedy for each in data.remedies)
    digests = data.provenance
    stored = StoredExplanation(data.candidates, data.valid_until, digests, advice, ways)
    return stored, request, to_micros(at)


def decision_data(decision: Decision) -> DecisionData:
    """Return everything that a decision states; its `decision` is an equal one."""
    common: dict[str, Any] = {
        "candidates": decision.candidates,
        "valid_until": decision.valid_until,
        "provenance": decision.provenance,
    }
    match decision:
        case Granted():
            return GrantedData(**_promised(decision), warnings=decision.warnings, **common)
        case Deferred(opens_at=opens):
            return DeferredData(
                **_promised(decision),
                opens_at=opens,
                warnings=decision.warnings,
                remedies=_remedies(decision),
                **common,
            )
        case Denied(reasons=reasons):
            return DeniedData(reasons=reasons, remedies=_remedies(decision), **common)


def _promised(decision: Granted | Deferred) -> dict[str, Any]:
    return {name: getattr(decision.promise, name) for name in _PROMISE}


def _remedies(decision: Deferred | Denied) -> tuple[RemedyData, ...]:
    return tuple(
        RemedyData(
            kind=each.kind,
            target=each.target,
            ask=each.ask,
            at=each.at,
            adds=each.adds,
            leads_to=_access(each.leads_to),
        )
        for each in decision.remedies
    )


def _access(decision: Granted | Deferred) -> AccessData:
    match decision:
        case Granted():
            return GrantedAccessData(**_promised(decision))
        case Deferred(opens_at=opens):
            return DeferredAccessData(**_promised(decision), opens_at=opens)
