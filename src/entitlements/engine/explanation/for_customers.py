"""Explanation for customers: in their words, without ids of contracts, rights, groups and agents.

What customers read of the request is what they stated: product, severity, impact, urgency, channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from entitlements.access.decision import Decision, Deferred, Denied, Granted
from entitlements.access.promise import Charge
from entitlements.access.remedies.remedy import Remedy, RemedyKind
from entitlements.calendars.options import BusinessDays
from entitlements.contracts.allowances.allowance import Unit
from entitlements.engine.explanation.explanation import ExplainedAssessment, ExplanationLine
from entitlements.engine.explanation.wording import Wording, severity_lines
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.requests import Request
from entitlements.sla.milestones import Milestone, MilestoneState
from entitlements.sla.readings.reading import Reading
from entitlements.sla.targets import Commitment


def lines_for_customers(answer: ExplainedAssessment, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines for the customer who asked."""
    decision = answer.decision
    yield from decision_lines(answer, wording)
    for reading in answer.milestones:
        yield from milestone_lines(reading, wording)
    if answer.charge is not None:
        yield from _charge_lines(answer.charge, wording)
    if answer.price is not None:
        yield from _price_lines(answer.price, wording)
    if isinstance(decision, Granted | Deferred):
        yield from _advisory_lines(decision, answer.request, wording)
    if answer.valid_until is not None:
        until = wording.instant(answer.valid_until)
        yield wording.line("customer.valid_until", until=until)


def decision_lines(answer: ExplainedAssessment, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines about what was asked, and whether it is accepted."""
    request = answer.request
    yield wording.line(
        "customer.asked" if request.severity is None else "customer.asked_with_severity",
        product=request.product,
        severity=request.severity,
        channel=request.channel,
        at=wording.instant(answer.at),
    )
    yield from severity_lines("customer.severity_follows", answer, wording)
    match answer.decision:
        case Granted(immediate=now):
            key = "customer.granted_at_once" if now else "customer.granted_by_queue"
            yield wording.line(key)
        case Deferred(opens_at=opens):
            yield wording.line("customer.deferred", opens=wording.instant(opens))
        case Denied(reasons=reasons):
            yield wording.line("customer.denied")
            for reason in dict.fromkeys(reasons):
                yield wording.line(f"customer.reason.{reason.value}", 1)
    yield from _ways_out(answer.decision, wording)


def _ways_out(decision: Decision, wording: Wording) -> Iterator[ExplanationLine]:
    if isinstance(decision, Granted):
        return
    # Several remedies may be one to the customer: the people who may ask, for example.
    found = dict.fromkeys(_way_out(each, wording) for each in decision.remedies)
    if found:
        yield wording.line("customer.ways_out")
        yield from found


def _way_out(remedy: Remedy, wording: Wording) -> ExplanationLine:
    is_wait = remedy.kind is RemedyKind.WAIT_UNTIL
    target = wording.instant(remedy.at) if is_wait else remedy.target
    return wording.line(f"customer.way_out.{remedy.kind.value}", 1, target=target)


def milestone_lines(reading: Reading, wording: Wording) -> Iterator[ExplanationLine]:
    """Yield the lines about one milestone: its state, or by when, and what the plan says."""
    name = _milestone(reading.name, wording)
    if reading.completed_at is not None:
        yield _completed_line(reading, name, wording)
        return
    if reading.state is MilestoneState.MISSED and reading.due is not None:
        yield wording.line(
            "customer.milestone_missed", milestone=name, due=wording.instant(reading.due)
        )
        return
    if reading.state is MilestoneState.RUNNING and reading.due is not None:
        key = "customer.due_before" if reading.exclusive else "customer.due"
        yield wording.line(key, milestone=name, due=wording.instant(reading.due))
        yield from _promised(reading, wording)
        return
    yield wording.line(_state_key(reading), milestone=name)


def _state_key(reading: Reading) -> str:
    match reading.state:
        case MilestoneState.CANCELLED:
            return "customer.milestone_cancelled"
        case MilestoneState.PAUSED:
            return "customer.milestone_paused"
        case _ if reading.commitment is Commitment.BEST_EFFORT:
            return "customer.best_effort"
        case MilestoneState.NO_OBJECTIVE:
            return "customer.nothing_promised"
        case _:
            return "customer.milestone_pending"


def _completed_line(reading: Reading, name: str, wording: Wording) -> ExplanationLine:
    at = "" if reading.completed_at is None else wording.instant(reading.completed_at)
    if reading.missed_at is None:
        return wording.line("customer.milestone_met", milestone=name, at=at)
    due = wording.instant(reading.missed_at)
    return wording.line("customer.milestone_late", milestone=name, at=at, due=due)


def _promised(reading: Reading, wording: Wording) -> Iterator[ExplanationLine]:
    match reading.within:
        case BusinessDays(count=0):
            time = wording.say("words.same_business_day")
            yield wording.line("customer.within_day", 1, time=time)
        case BusinessDays() as days:
            yield wording.line("customer.within", 1, time=wording.days(days))
        case timedelta() as amount:
            key = "customer.within_hours" if reading.calendar else "customer.within"
            yield wording.line(key, 1, time=wording.duration(reading.target or amount))
        case None:
            pass
    start = reading.started_at
    if start is not None and start > reading.at:
        yield wording.line("customer.counted_from", 1, start=wording.instant(start))
    if reading.commitment is Commitment.OBJECTIVE:
        yield wording.line("customer.aim", 1)


def _milestone(name: str, wording: Wording) -> str:
    if name in set(Milestone):
        return wording.say(f"words.milestone.{name}")
    return name.replace("_", " ").capitalize()


def _charge_lines(charge: Charge, wording: Wording) -> Iterator[ExplanationLine]:
    amount = "" if charge.unit is None else _amount(charge.unit, charge.amount, wording)
    yield wording.line(f"customer.charge.{charge.kind.value}", amount=amount)
    if charge.consent_needed:
        yield wording.line("customer.consent", 1)


def _price_lines(price: RequestPrice, wording: Wording) -> Iterator[ExplanationLine]:
    key = "customer.price_after_hours" if price.after_hours else "customer.price"
    if price.hourly is None:
        yield wording.line("customer.price_incident", 1, incident=price.incident)
        return
    yield wording.line(key, 1, hourly=price.hourly)
    if price.minimum:
        yield wording.line("customer.price_least", 1, least=price.least)
    if price.until is not None:
        yield wording.line("customer.price_until", 1, until=wording.instant(price.until))


def _amount(unit: Unit, amount: int, wording: Wording) -> str:
    return wording.catalogue.counted(f"words.{unit.value}", amount)


def _advisory_lines(
    decision: Granted | Deferred, request: Request, wording: Wording
) -> Iterable[ExplanationLine]:
    for each in decision.warnings:
        unit = decision.charge.unit
        yield wording.line(
            f"customer.advisory.{each.kind.value}",
            at="" if each.at is None else wording.instant(each.at),
            left="" if each.left is None or unit is None else _amount(unit, each.left, wording),
            product=request.product,
        )
