"""An assessment as sentences: decision, reasons, deadlines, agent, charge.

Sentences are made from codes and instants; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from entitlements.access.decision import Decision, Deferred, Denied, Granted, Remedy
from entitlements.access.findings import Candidate
from entitlements.access.promise import Charge, ChargeKind, Entitlement, Obligation
from entitlements.access.reasons import reason_sentence
from entitlements.calendars.options import BusinessDays
from entitlements.contracts.ledger.entries import Reserve
from entitlements.kernel.durations import format_duration
from entitlements.kernel.instants import text_of
from entitlements.kernel.requests import Request
from entitlements.routing.answers import Route
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.readings import Reading
from entitlements.sla.targets import Commitment


class ExplainedAssessment(Protocol):
    """An assessment, as far as its explanation needs it."""

    @property
    def request(self) -> Request:
        """The request that was assessed."""
        ...

    @property
    def decision(self) -> Decision:
        """Whether the contract gives access, and how."""
        ...

    @property
    def at(self) -> datetime:
        """The instant of the assessment."""
        ...

    @property
    def milestones(self) -> tuple[Reading, ...]:
        """The reading of each milestone at the opening."""
        ...

    @property
    def route(self) -> Route | None:
        """Who takes the work; None for a denial."""
        ...

    @property
    def charge(self) -> Charge | None:
        """How it is paid for; None for a denial."""
        ...

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What must be observed while the case is worked on."""
        ...

    @property
    def entries(self) -> tuple[Reserve, ...]:
        """Proposed commands to the account's ledger."""
        ...


def sentences(assessment: ExplainedAssessment) -> Iterator[str]:
    """Yield the assessment as lines of text."""
    request, decision = assessment.request, assessment.decision
    severity = "" if request.severity is None else f" severity {request.severity},"
    yield (
        f"{request.contact} of {request.customer} asks about {request.product},{severity} "
        f"by {request.channel}, at {text_of(assessment.at)}."
    )
    yield from _decision_sentences(decision)
    yield from _milestone_sentences(assessment.milestones, assessment.at)
    if assessment.route is not None:
        yield f"Route: {assessment.route.explain()}."
    if assessment.charge is not None:
        yield f"Charge: {_charge_text(assessment.charge)}."
    for each in assessment.obligations:
        yield f"Observe: {each.kind} {', '.join(each.values)}."
    if isinstance(decision, Granted | Deferred):
        for advisory in decision.warnings:
            when = f" at {text_of(advisory.at)}" if advisory.at else ""
            left = f", {advisory.left} left" if advisory.left is not None else ""
            yield f"Note: {advisory.kind.replace('_', ' ')}{when}{left}."
    until = decision.valid_until
    yield f"This holds until {text_of(until)}." if until else "This holds until a fact is added."
    data = decision.provenance
    digests = f"account {data.account[:12]}, catalog {data.catalog[:12]}"
    yield f"Decided from {digests}, time zones {data.zone_data}."


def _decision_sentences(decision: Decision) -> Iterator[str]:
    match decision:
        case Granted(entitlement=promise, group=group, immediate=now):
            how = "reached at once" if now else "reached through its queue"
            yield f"Granted: {group} is {how}, under {_promise_text(promise)}."
        case Deferred(entitlement=promise, group=group, opens_at=opens):
            yield f"Deferred: {group} opens at {text_of(opens)}, under {_promise_text(promise)}."
        case Denied(reasons=reasons):
            yield f"Denied: {'; '.join(reason_sentence(reason) for reason in reasons)}."
    for candidate in decision.candidates:
        # Where the general group takes over, the chosen right has its reasons too.
        if not candidate.chosen or (isinstance(decision, Granted) and candidate.reasons):
            yield f"  Not {_candidate_name(candidate)}: {_why_not(candidate)}."
    if isinstance(decision, Deferred | Denied):
        for remedy in decision.remedies:
            yield f"  Way out: {_remedy_text(remedy)}."


def _promise_text(promise: Entitlement) -> str:
    right = f", right {promise.right}" if promise.right else ", by the general group"
    return f"contract {promise.contract}, line {promise.line}, plan {promise.plan}{right}"


def _candidate_name(candidate: Candidate) -> str:
    right = f" right {candidate.right}" if candidate.right else ""
    return f"contract {candidate.contract} line {candidate.line}{right}"


def _why_not(candidate: Candidate) -> str:
    reasons = candidate.reasons
    if not reasons:
        return "another entitlement comes first"
    return "; ".join(reason_sentence(reason) for reason in reasons)


def _remedy_text(remedy: Remedy) -> str:
    do = f"{remedy.kind.replace('_', ' ')} {remedy.target}"
    match remedy.leads_to:
        case Granted(group=group):
            return f"{do}, then {group} is reached"
        case Deferred(group=group, opens_at=opens):
            return f"{do}, then {group} opens at {text_of(opens)}"


def _later_start(started: datetime | None, at: datetime) -> str:
    """Return from when a case counts as received, if that is later."""
    if started is None or started <= at:
        return ""
    return f", counted from {text_of(started)}"


def _milestone_sentences(milestones: tuple[Reading, ...], at: datetime) -> Iterator[str]:
    for reading in milestones:
        name = reading.name.replace("_", " ").capitalize()
        if reading.due is not None:
            before = "before " if reading.exclusive else ""
            aim = ", an objective" if reading.commitment is Commitment.OBJECTIVE else ""
            after, since = _promised_text(reading), _later_start(reading.started_at, at)
            yield f"{name}: due {before}{text_of(reading.due)}{after}{since}{aim}."
        elif reading.commitment is Commitment.BEST_EFFORT:
            yield f"{name}: best effort."
        elif reading.state is MilestoneState.NO_OBJECTIVE:
            yield f"{name}: nothing is promised."
        else:
            yield f"{name}: {reading.state.replace('_', ' ')}."


def _promised_text(reading: Reading) -> str:
    """Return what the plan states for a milestone: a time, or a number of business days."""
    by = f" of {reading.calendar}" if reading.calendar else ""
    match reading.within:
        case None:
            return ""
        case BusinessDays(count=0):
            return f", on the {reading.within}{by}"
        case BusinessDays():
            return f", after {reading.within}{by}"
        case timedelta():
            return f", after {format_duration(reading.target or reading.within)}{by}"


def _charge_text(charge: Charge) -> str:
    if charge.unit is None:
        return charge.kind.replace("_", " ")
    asked = ", once the customer agrees" if charge.consent_needed else ""
    kind = "overage" if charge.kind is ChargeKind.OVERAGE else "prepaid"
    return f"{kind}, {charge.amount} {charge.unit} of {charge.allowance}{asked}"
