"""Plan tables: what a plan promises, by severity and milestone, as a price list shows it.

A table has the texts of its cells only. Markdown, HTML, SVG and the terminal show the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.options import Anchor, BusinessDays
from entitlements.contracts.allowances.allowance import Allowance, OveragePolicy
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plans import AccessRight, ChargeBasis, Plan
from entitlements.documents.hours.calendar_names import description
from entitlements.documents.plans.amounts import ALWAYS, BEST_EFFORT
from entitlements.documents.sections.catalog import share_text
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of
from entitlements.kernel.periods.durations import format_duration
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Commitment, Target

NOTHING_PROMISED: Final = "none"
ANY: Final = "any"
_ANCHORS: Final = {
    Anchor.START: "by opening",
    Anchor.SAME_TIME: "at the same time",
    Anchor.END: "by closing",
}

PlanTerm: TypeAlias = tuple[str, str]
"""The name of a term of the whole plan, and what it is."""


@final
@attrs.frozen(kw_only=True)
class SeverityRow:
    """What a plan gives for one severity.

    Attributes:
        severity: The severity; `any` in a plan without severities.
        targets: The promised time for each milestone of the table, as text; empty where the plan
            has no target.
        reached: The expert groups, with hours, channels and conditions, best first.
    """

    severity: str
    targets: tuple[str, ...]
    reached: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class CalendarRow:
    """A calendar that a plan uses.

    Attributes:
        name: The name that the plan uses.
        hours: The hours as text.
        calendar: The hours; None where each contract line binds its own.
    """

    name: str
    hours: str
    calendar: BusinessHours | None


@final
@attrs.frozen(kw_only=True)
class PlanTable:
    """One version of a plan as a table.

    Attributes:
        plan: Id of the plan.
        version: The version.
        title: Its name for people, or its id.
        milestones: The columns: milestones of its policy, in words.
        rows: A row for each severity, worst first.
        terms: Terms of the whole plan: channels, contacts, allowances, experts.
        calendars: The calendars that targets and rights use.
        source: Where the facts come from.
    """

    plan: str
    version: str
    title: str
    milestones: tuple[str, ...]
    rows: tuple[SeverityRow, ...]
    terms: tuple[PlanTerm, ...]
    calendars: tuple[CalendarRow, ...]
    source: str


def plan_tables(facts: Facts) -> tuple[PlanTable, ...]:
    """Return a table for each version of each plan, in the order of the catalog.

    >>> from entitlements.documents import parse_facts
    >>> facts = parse_facts('''
    ... groups: desk
    ... plans:
    ...   - {id: basic, severities: [high], channels: [web], rights: [{id: desk, group: desk}],
    ...      targets: [{milestone: first_response, within: 4h}]}
    ... ''')
    >>> table, = plan_tables(facts)
    >>> table.milestones, table.rows[0].targets, table.rows[0].reached
    (('first response',), ('4h always',), ('desk always',))
    """
    instance_of(Facts, facts)
    return tuple(_table(plan, facts) for plan in facts.catalog.plans)


def table_as_dict(table: PlanTable) -> dict[str, object]:
    """Return a table as data that JSON can hold, without the calendars' values."""
    return {
        "plan": table.plan,
        "version": table.version,
        "title": table.title,
        "rows": [
            {
                "severity": row.severity,
                "targets": dict(zip(table.milestones, row.targets, strict=True)),
                "reached": list(row.reached),
            }
            for row in table.rows
        ],
        "terms": dict(table.terms),
        "calendars": {each.name: each.hours for each in table.calendars},
        "source": table.source,
    }


def target_text(target: Target) -> str:
    """Return the promised time of a target.

    >>> from datetime import timedelta
    >>> target_text(Target(milestone="resolution", within=timedelta(hours=4), calendar="emea"))
    '4h emea'
    >>> days = BusinessDays(2, anchor="end")
    >>> target_text(Target(milestone="resolution", within=days, calendar="emea"))
    '2 business days of emea, by closing'
    """
    within = target.within
    if within is None:
        is_aim = target.commitment is Commitment.BEST_EFFORT
        return BEST_EFFORT if is_aim else NOTHING_PROMISED
    hours = target.calendar or ALWAYS
    if isinstance(within, BusinessDays):
        text = f"{within} of {hours}, {_ANCHORS[within.anchor]}"
    else:
        text = f"{format_duration(within)} {hours}"
    if target.cut_off is not None:
        text += f", cut-off {target.cut_off}"
    text = f"less than {text}" if target.exclusive else text
    return f"objective {text}" if target.commitment is Commitment.OBJECTIVE else text


def reach_text(right: AccessRight) -> str:
    """Return what a right reaches, such as `dba business, by phone`."""
    return ", ".join(
        [
            f"{right.group} {right.hours or ALWAYS}",
            *(() if right.immediate else ["through the queue"]),
            *_restrictions(channels=right.channels, conditions=right.conditions),
            *([f"for {_listed(right.products)}"] if right.products else []),
            *([f"for kind {_listed(right.kinds)}"] if right.kinds else []),
            *([f"in {_listed(right.languages)}"] if right.languages else []),
            *(["if asked for by name"] if right.only_when_named else []),
            *([f"for contacts who are {_listed(right.roles)}"] if right.roles else []),
            *([f"from allowance {right.allowance}"] if right.allowance else []),
        ]
    )


def hours_text(hours: BusinessHours | None) -> str:
    """Return hours as text, such as `Mo-Fr 09:00-17:00 Europe/Berlin, 9 holidays`."""
    if hours is None:
        return "bound by each contract line"
    if not isinstance(hours, Calendar):
        return description(hours)
    if hours == Calendar.always():
        return "around the clock"
    parts = [f"{hours.week.text or 'closed'} {hours.zone}"]
    holidays = sum(len(each.holidays) for each in hours.holidays)
    for count, noun in (
        (holidays, "holiday"),
        (len(hours.dated), "date with other hours"),
        (len(hours.closures), "closure"),
        (len(hours.changes), "later change"),
    ):
        if count:
            parts.append(_count(count, noun))
    return ", ".join(parts)


def _table(plan: Plan, facts: Facts) -> PlanTable:
    policy = facts.policies[plan.policy]
    return PlanTable(
        plan=plan.id,
        version=plan.version,
        title=plan.name or plan.id,
        milestones=tuple(name.replace("_", " ") for name in policy.milestones),
        rows=tuple(_row(plan, policy, severity) for severity in plan.scale),
        terms=tuple(_terms(plan)),
        calendars=tuple(_calendars(plan, policy, facts)),
        source=plan.source,
    )


def _row(plan: Plan, policy: SlaPolicy, severity: str | None) -> SeverityRow:
    rights = [each for each in plan.rights if not each.severities or severity in each.severities]
    reached = [reach_text(each) for each in rights]
    return SeverityRow(
        severity=severity or ANY,
        targets=tuple(_cell(policy, name, severity) for name in policy.milestones),
        reached=("not opened by customers",) if severity in plan.may_not_open else tuple(reached),
    )


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))


def _cell(policy: SlaPolicy, milestone: str, severity: str | None) -> str:
    """Return the targets for a severity, up to the first one that fits every case."""
    texts = []
    for target in policy.targets:
        if target.milestone == milestone and (
            not target.severities or severity in target.severities
        ):
            limits = [f"for {' or '.join(sorted(target.kinds))}"] if target.kinds else []
            limits += _restrictions(channels=target.channels, conditions=target.conditions)
            start = [] if target.starts_on is None else [f"from {target.starts_on}"]
            texts.append(" ".join([target_text(target), *start, *limits]))
            if not limits:
                break
    return "; ".join(dict.fromkeys(texts))


def _terms(plan: Plan) -> Iterator[PlanTerm]:
    yield "channels", _listed(plan.channels)
    limit = plan.contact_limit
    besides = f", besides those who are {_either(plan.unlimited_roles)}"
    allowed = "any number" if limit is None else str(limit)
    yield "named contacts", allowed + (besides if plan.unlimited_roles else "")
    yield from _asked(plan)
    if plan.concurrency is not None:
        yield "open cases at once", str(plan.concurrency)
    for step in plan.quantity_steps:
        yield f"from {step.quantity} sold", step_text(step)
    if plan.lead_time is not None:
        yield "changes count after", lead_time_text(plan.lead_time)
    if plan.commercial is not None:
        yield "commercial terms", commercial_text(plan.commercial)
    for allowance in plan.allowances:
        yield f"allowance {allowance.id}", allowance_text(allowance)
    experts = dict.fromkeys(name for right in plan.rights for name in right.experts)
    if experts:
        yield "designated experts", ", ".join(experts)
    if plan.general_group is not None:
        yield "otherwise", f"{plan.general_group} takes over"
    if plan.grace is not None:
        which = f", rights {_listed(plan.grace.rights)}" if plan.grace.rights else ""
        yield "grace", f"{_count(plan.grace.days, 'day')}{which}"
    if plan.charge is not ChargeBasis.INCLUDED:
        yield "charge", plan.charge.replace("_", " ")
    if plan.service is not None:
        yield "service", plan.service


def _asked(plan: Plan) -> Iterator[PlanTerm]:
    """Yield what a plan asks of requests, of contacts and of the customer."""
    if plan.kinds:
        yield "kinds of requests", _listed(plan.kinds)
    if plan.opened_by:
        roles = ((each, plan.opened_by.get(each)) for each in plan.severities)
        texts = [f"{severity} by {_listed(some)}" for severity, some in roles if some]
        yield "opened by contacts", "; ".join(texts)
    if plan.priority_matrix is not None:
        yield "severity by impact and urgency", str(plan.priority_matrix)
    if plan.requires_plan:
        yield "add-on to", " or ".join(sorted(plan.requires_plan))
    if plan.suspended_by:
        yield "suspended by", " or ".join(sorted(plan.suspended_by))


def step_text(step: QuantityStep) -> str:
    """Return the numbers of a quantity step as text.

    >>> step_text(QuantityStep(quantity=1, per=1, contact_limit=3, amounts={"cases": 5}))
    '3 named contacts, 5 of cases, for each 1 sold'
    """
    parts = []
    if step.contact_limit is not None:
        parts.append(_count(step.contact_limit, "named contact"))
    if step.concurrency is not None:
        parts.append(_count(step.concurrency, "open case"))
    parts += [f"{amount} of {id}" for id, amount in step.amounts.items()]
    return ", ".join([*parts, *([] if step.per is None else [f"for each {step.per} sold"])])


def commercial_text(terms: CommercialTerms) -> str:
    """Return commercial terms as text.

    >>> commercial_text(CommercialTerms(rates="standard", credits=["late-response"]))
    'rates standard, credits late-response'
    """
    parts = [] if terms.price is None else [f"price {terms.price}"]
    parts += [] if terms.rates is None else [f"rates {terms.rates}"]
    parts += [f"credits {each}" for each in terms.credits]
    if terms.uptime is not None:
        within = f" of {terms.uptime.calendar}" if terms.uptime.calendar else ""
        share = share_text(terms.uptime.share)
        parts.append(f"uptime {share} each {terms.uptime.period.value}{within}")
    return ", ".join(parts)


def lead_time_text(lead: LeadTime) -> str:
    """Return a lead time as text, such as `2 business days of office`."""
    if lead.time is not None:
        return format_duration(lead.time)
    return f"{_count(lead.business_days or 0, 'business day')} of {lead.calendar}"


def allowance_text(allowance: Allowance) -> str:
    """Return an allowance as text, such as `5 incidents every year, up to 2 more`."""
    unit = allowance.unit.value
    text = f"{allowance.amount} {unit[:-1] if allowance.amount == 1 else unit}"
    cycle = allowance.recurrence
    if cycle is None:
        text += " each term"
    else:
        period = cycle.period.value
        text += f" every {period}" if cycle.count == 1 else f" every {cycle.count} {period}s"
    match allowance.over_use:
        case OveragePolicy.ALLOW_WITH_CONSENT:
            text += ", more with consent"
        case OveragePolicy.CAP:
            text += f", up to {allowance.cap} more"
        case OveragePolicy.REFUSE:
            pass
    return text


def _calendars(plan: Plan, policy: SlaPolicy, facts: Facts) -> Iterator[CalendarRow]:
    named = [target.calendar for target in policy.targets if target.within is not None]
    named += [right.hours for right in plan.rights]
    for name in dict.fromkeys(each for each in named if each is not None):
        own = None if name in plan.line_calendars else policy.calendars.get(name)
        hours = own or (None if name in plan.line_calendars else facts.catalog.calendars.get(name))
        yield CalendarRow(name=name, hours=hours_text(hours), calendar=hours)


def _restrictions(*, channels: Iterable[str], conditions: Iterable[str]) -> list[str]:
    by = [f"by {' or '.join(sorted(channels))}"] if channels else []
    return by + ([f"if {' and '.join(sorted(conditions))}"] if conditions else [])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {_plural(noun)}"


def _plural(noun: str) -> str:
    first, _, rest = noun.partition(" with ")
    return f"{first}s with {rest}" if rest else f"{noun}s"
