"""Explanation for agents and auditors: who is reached, under what, by when, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final, assert_never

from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.findings import Candidate, CheckOutcome
from entitlements.access.promise import Charge, Entitlement
from entitlements.access.remedies.remedy import Remedy, RemedyKind
from entitlements.calendars.options import BusinessDays
from entitlements.engine.explanation.explanation import ExplainedAssessment, ExplanationLine
from entitlements.engine.explanation.wording import Wording, severity_lines
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.instants import from_micros
from entitlements.kernel.periods.durations import format_duration
from entitlements.routing.answers.answers import (
    Assigned,
    ConsideredAgent,
    Route,
    Unroutable,
    Waiting,
)
from entitlements.routing.eligibility.obstacles import Obstacle
from entitlements.sla.milestones import MilestoneState
from entitlements.sla.readings.reading import Reading
from entitlements.sla.targets import Commitment

MAX_TRACE: Final = 100
"""How many times of one clock an explanation for auditors lists."""


def lines_for_agents(answer: ExplainedAssessment, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for an agent who works on the request."""
    yield from decision_lines_for_agents(answer, wording)
    for reading in answer.milestones:
        yield milestone_line(reading, wording)
    if answer.route is not None:
        yield wording.line("agent.route", route=route_text(answer.route, wording))
    if answer.charge is not None:
        yield _charge_line(answer.charge, wording)
    if answer.price is not None:
        yield _price_line(answer.price, wording)
    for each in answer.obligations:
        values = ", ".join(each.values)
        yield wording.line("agent.observe", kind=each.kind, values=values)
    if isinstance(answer.decision, Granted | Deferred):
        yield from _note_lines(answer.decision, wording)
    yield from _validity_lines(answer, wording)


def lines_for_auditors(answer: ExplainedAssessment, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for an auditor: those for agents, every check, and the times that count."""
    yield from lines_for_agents(answer, wording)
    for candidate in answer.decision.candidates:
        name = _candidate(candidate, wording)
        for each in candidate.results:
            if each.outcome is not CheckOutcome.NOT_APPLICABLE:
                key = "auditor.check_cites" if each.cites else "auditor.check"
                outcome, cites = each.outcome.value, ", ".join(each.cites)
                yield wording.line(
                    key, 1, candidate=name, check=each.check, outcome=outcome, cites=cites
                )
    for reading in answer.milestones:
        yield from trace_lines(reading, wording)


def trace_lines(reading: Reading, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield how the time of one clock was used, and will be up to its deadline."""
    if reading.due is None or not reading.has_trace:
        return
    segments = list(islice(reading.trace(reading.due), MAX_TRACE + 1))
    for each in segments[:MAX_TRACE]:
        yield wording.line(
            "auditor.time_use",
            1,
            milestone=_milestone(reading),
            start=wording.instant(each.start),
            end=wording.instant(each.end),
            use=each.use,
            because=each.because,
        )
    if len(segments) > MAX_TRACE:
        yield wording.line("auditor.time_use_cut", 1, milestone=_milestone(reading))


def decision_lines_for_agents(
    answer: ExplainedAssessment, wording: Wording
) -> Iterator[ExplanationLine]:
    """Yield the lines about what was asked, and what was decided."""
    yield _asked(answer, wording)
    yield from severity_lines("agent.severity_follows", answer, wording)
    yield from _decision_lines(answer.decision, wording)


def _asked(answer: ExplainedAssessment, wording: Wording) -> ExplanationLine:
    asked = answer.request
    return wording.line(
        "agent.asked" if asked.severity is None else "agent.asked_with_severity",
        contact=asked.contact,
        customer=asked.customer,
        product=asked.product,
        severity=asked.severity,
        channel=asked.channel,
        at=wording.instant(answer.at),
    )


def _decision_lines(decision: Decision, wording: Wording) -> Iterator[ExplanationLine]:
    match decision:
        case Granted(entitlement=promise, group=group, immediate=now):
            key = "agent.granted_at_once" if now else "agent.granted_by_queue"
            yield wording.line(key, group=group, promise=_promise(promise, wording))
        case Deferred(entitlement=promise, group=group, opens_at=opens):
            opening, under = wording.instant(opens), _promise(promise, wording)
            yield wording.line("agent.deferred", group=group, opens=opening, promise=under)
        case Denied(reasons=reasons):
            said = "; ".join(wording.say(f"agent.reason.{each.value}") for each in reasons)
            yield wording.line("agent.denied", reasons=said)
    for candidate in decision.candidates:
        # Where the general group takes over, the chosen right has its reasons too.
        if not candidate.chosen or (isinstance(decision, Granted) and candidate.reasons):
            name, reasons_text = _candidate(candidate, wording), _why_not(candidate, wording)
            yield wording.line("agent.not_chosen", 1, candidate=name, reasons=reasons_text)
    if isinstance(decision, Deferred | Denied):
        for remedy in decision.remedies:
            yield _remedy_line(remedy, wording)


def _promise(promise: Entitlement, wording: Wording) -> str:
    return wording.say(
        "agent.promise" if promise.right else "agent.general_promise",
        contract=promise.contract,
        line=promise.line,
        plan=promise.plan,
        right=promise.right,
    )


def _candidate(candidate: Candidate, wording: Wording) -> str:
    return wording.say(
        "agent.candidate" if candidate.right else "agent.candidate_line",
        contract=candidate.contract,
        line=candidate.line,
        right=candidate.right,
    )


def _why_not(candidate: Candidate, wording: Wording) -> str:
    reasons = [wording.say(f"agent.reason.{each.value}") for each in candidate.reasons]
    return "; ".join(reasons) or wording.say("agent.later_in_precedence")


def _remedy_line(remedy: Remedy, wording: Wording) -> ExplanationLine:
    is_wait = remedy.kind is RemedyKind.WAIT_UNTIL
    target = wording.instant(remedy.at) if is_wait else remedy.target
    kind = remedy.kind.replace("_", " ")
    match remedy.leads_to:
        case Granted(group=group):
            return wording.line("agent.way_out", 1, kind=kind, target=target, group=group)
        case Deferred(group=group, opens_at=opens):
            at = wording.instant(opens)
            return wording.line(
                "agent.way_out_later", 1, kind=kind, target=target, group=group, opens=at
            )


def _milestone(reading: Reading) -> str:
    return reading.name.replace("_", " ").capitalize()


def milestone_line(reading: Reading, wording: Wording) -> ExplanationLine:
    """Return the line of one milestone."""
    name, state = _milestone(reading), reading.state.replace("_", " ")
    if reading.completed_at is not None:
        return _done_line(reading, name, state, wording)
    if reading.due is not None:
        return _due_line(reading, wording)
    if reading.commitment is Commitment.BEST_EFFORT:
        return wording.line("agent.best_effort", milestone=name)
    if reading.state is MilestoneState.NO_OBJECTIVE:
        return wording.line("agent.nothing_promised", milestone=name)
    return wording.line("agent.milestone_state", milestone=name, state=state)


def _done_line(reading: Reading, name: str, state: str, wording: Wording) -> ExplanationLine:
    at = "" if reading.completed_at is None else wording.instant(reading.completed_at)
    if reading.missed_at is None:
        return wording.line("agent.milestone_done", milestone=name, state=state, at=at)
    due = wording.instant(reading.missed_at)
    return wording.line("agent.milestone_late", milestone=name, state=state, at=at, due=due)


def _due_line(reading: Reading, wording: Wording) -> ExplanationLine:
    start = reading.started_at
    counted = (
        wording.say("agent.counted_from", start=wording.instant(start))
        if start is not None and start > reading.at
        else ""
    )
    return wording.line(
        "agent.due_before" if reading.exclusive else "agent.due",
        milestone=_milestone(reading),
        state=_unless_running(reading, wording),
        due=wording.instant(reading.due) if reading.due is not None else "",
        within=_within(reading, wording),
        counted=counted,
        aim=wording.say("agent.aim") if reading.commitment is Commitment.OBJECTIVE else "",
    )


def _unless_running(reading: Reading, wording: Wording) -> str:
    if reading.state is MilestoneState.RUNNING:
        return ""
    return wording.say("agent.state", state=reading.state.replace("_", " "))


def _within(reading: Reading, wording: Wording) -> str:
    """Return what the plan states for a milestone: a time, or a number of business days."""
    hours = reading.calendar
    match reading.within:
        case None:
            return ""
        case BusinessDays(count=0):
            key = "agent.within_day_hours" if hours else "agent.within_day"
            return wording.say(key, time=wording.say("words.same_business_day"), calendar=hours)
        case BusinessDays() as days:
            text = wording.days(days)
        case timedelta() as amount:
            text = format_duration(reading.target or amount)
        case never:
            assert_never(never)
    return wording.say("agent.within_hours" if hours else "agent.within", time=text, calendar=hours)


def route_text(route: Route, wording: Wording) -> str:
    """Return who takes the work, with a clause for every agent considered."""
    clauses = [
        _route(route, wording),
        *(considered_text(each, wording) for each in route.considered),
    ]
    return "; ".join(clauses)


def _route(route: Route, wording: Wording) -> str:
    match route:
        case Assigned(work=work, agent=agent):
            return wording.say("agent.assigned", work=work, agent=agent)
        case Waiting(work=work, next_eligible_at=until):
            if until is None:
                return wording.say("agent.waiting", work=work)
            return wording.say("agent.waiting_until", work=work, until=wording.instant(until))
        case Unroutable(work=work, reasons=kinds):
            reasons = ", ".join(each.replace("_", " ") for each in kinds)
            return wording.say("agent.unroutable", work=work, reasons=reasons)


def considered_text(considered: ConsideredAgent, wording: Wording) -> str:
    """Return what was found about one agent who was considered."""
    agent = considered.agent
    if considered.obstacles:
        found = ", ".join(_obstacle(each, wording) for each in considered.obstacles)
        return wording.say("agent.not_eligible", agent=agent, obstacles=found)
    if considered.rank is None:
        return wording.say("agent.not_sampled", agent=agent)
    key = "agent.chosen" if considered.rank == 1 else "agent.eligible"
    return wording.say(key, agent=agent, rank=considered.rank)


def _obstacle(obstacle: Obstacle, wording: Wording) -> str:
    has = "none" if obstacle.has is None else obstacle.has
    key = f"agent.obstacle.{obstacle.kind.value}"
    text = wording.say(key, subject=obstacle.subject, has=has, needs=obstacle.needs)
    if obstacle.until is None:
        return text
    until = wording.instant(from_micros(obstacle.until))
    return wording.say("agent.obstacle_until", obstacle=text, until=until)


def _charge_line(charge: Charge, wording: Wording) -> ExplanationLine:
    kind = charge.kind.replace("_", " ")
    if charge.unit is None:
        return wording.line("agent.charge", kind=kind)
    return wording.line(
        "agent.charge_consent" if charge.consent_needed else "agent.charge_units",
        kind=kind,
        amount=charge.amount,
        unit=charge.unit,
        allowance=charge.allowance,
    )


def _price_line(price: RequestPrice, wording: Wording) -> ExplanationLine:
    """Return the line that says what an hour costs, the least, and until when."""
    least, minimum = price.least, format_duration(price.minimum)
    parts = [
        wording.say("agent.price_after_hours") if price.after_hours else "",
        "" if price.rate is None else wording.say("agent.price_rate", rate=price.rate),
        wording.say("agent.price_least", least=least, minimum=minimum) if price.minimum else "",
        wording.say("agent.price_consent") if price.consent_needed else "",
    ]
    if price.until is not None:
        parts.append(wording.say("agent.price_until", until=wording.instant(price.until)))
    if price.hourly is None:
        return wording.line("agent.price_incident", incident=price.incident, terms="".join(parts))
    return wording.line("agent.price", hourly=price.hourly, terms="".join(parts))


def _note_lines(decision: Granted | Deferred, wording: Wording) -> Iterator[ExplanationLine]:
    for each in decision.warnings:
        text = wording.say(f"agent.advisory.{each.kind.value}")
        if each.at is not None:
            yield wording.line("agent.note_at", advisory=text, at=wording.instant(each.at))
        elif each.left is not None:
            yield wording.line("agent.note_left", advisory=text, left=each.left)
        else:
            yield wording.line("agent.note", advisory=text)


def _validity_lines(answer: ExplainedAssessment, wording: Wording) -> Iterator[ExplanationLine]:
    until = answer.valid_until
    if until is None:
        yield wording.line("agent.valid_for_ever")
    else:
        yield wording.line("agent.valid_until", until=wording.instant(until))
    data = answer.decision.provenance
    yield wording.line(
        "agent.decided_from",
        account=data.account[:12],
        catalog=data.catalog[:12],
        zones=data.zone_data,
    )
