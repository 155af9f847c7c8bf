"""Changes of the expert groups that a plan reaches, by severity, channel and question."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Final, TypeAlias

import attrs

from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.analysis import (
    AccessChange,
    AccessOption,
    AccessOptions,
    PlanQuestion,
    PlanTermChange,
    plan_diff,
)
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plans import ChargeBasis, Plan
from entitlements.documents.changes.change import ChangeEffect, FactsChange, effect_of
from entitlements.documents.changes.hours import HoursComparison
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.tables.plan_table import (
    allowance_text,
    commercial_text,
    lead_time_text,
    step_text,
)

_Pair: TypeAlias = tuple[AccessOptions, AccessOptions]

NOBODY = "nobody"
_NO_LIMIT = "no limit"
_TITLES: Final = {
    "contact_limit": "named contacts",
    "unlimited_roles": "roles outside the limit of contacts",
    "concurrency": "open cases at once",
    "grace": "days of grace",
    "general_group": "general group",
    "quantity_steps": "numbers by quantity",
    "lead_time": "lead time of changes",
    "commercial": "commercial terms",
    "requires_plan": "required plan",
    "suspended_by": "suspending plan",
    "priority_matrix": "severity by impact and urgency",
}


def access_changes(old: Plan, new: Plan, hours: HoursComparison) -> Iterator[FactsChange]:
    """Yield every term of the plan, then every kind of request, that gets something else.

    A change for a request that names a product, a group, a condition, a language or its kind, or
    comes from a person with a role, is left out where the same request without it changes alike.
    """
    diff = plan_diff(old, new)
    for term in diff.terms:
        if term.name != "policy":  # targets are compared one by one
            yield _term(old, new, term)
    found = {change.question: change for change in diff.access}
    grouped: dict[tuple[str | None, str, _Pair], list[str]] = {}
    for question, change in found.items():
        if not _is_implied(question, change, found):
            key = (question.severity, _asked(question), (change.before, change.after))
            grouped.setdefault(key, []).append(question.channel)
    channels = old.channels | new.channels
    for (severity, asked, (before, after)), reached in grouped.items():
        case = "requests" if severity is None else f"severity {severity}"
        by = "" if channels == set(reached) else f" by {', '.join(sorted(reached))}"
        yield FactsChange(
            _effect(before, after, old, new, hours),
            f"plan {new.id}, {case}{by}{asked}",
            _options(before),
            _options(after),
        )


def _term(old: Plan, plan: Plan, term: PlanTermChange) -> FactsChange:
    name, before, after = term.name, term.before, term.after
    title = _TITLES.get(name, name)
    match name:
        case "contact_limit" | "concurrency":
            effect = _limits(before, after)
            none = _NO_LIMIT
        case "grace":
            effect = _more(before or 0, after or 0)
            none = "none"
        case "charge":
            better = after == ChargeBasis.INCLUDED
            effect, none = (ChangeEffect.BETTER if better else ChangeEffect.WORSE), "none"
        case "general_group":
            effect = effect_of(no_worse=before is None, no_better=after is None)
            none = "none"
        case "requires_plan":
            effect, none = _requirement(old.requires_plan, plan.requires_plan), "none"
        case "suspended_by":
            effect, none = _restriction(old.suspended_by, plan.suspended_by), "none"
        case "unlimited_roles":
            effect, none = _restriction(plan.unlimited_roles, old.unlimited_roles), "none"
        case "quantity_steps":
            effect, none = _by_quantity(old, plan), "none"
        case "commercial":
            effect, none = _uptime(old.commercial, plan.commercial), "none"
        case "priority_matrix":
            effect, none = _by_priority(old, plan), "none"
        case "lead_time":
            effect, none = _sooner(old.lead_time, plan.lead_time), "none"
        case _:
            effect, none = ChangeEffect.NEUTRAL, "none"
    texts = [_term_text(each) or none for each in (before, after)]
    return FactsChange(effect, f"plan {plan.id}, {title}", *texts)


def _by_priority(old: Plan, new: Plan) -> ChangeEffect:
    """Return the effect of another matrix: worse severities are served faster."""
    before, after = (
        {} if each.priority_matrix is None else each.priority_matrix.cells for each in (old, new)
    )
    places = [
        (old.severities.index(before[cell]), new.severities.index(after[cell]))
        for cell in before.keys() & after.keys()
    ]
    return effect_of(
        no_worse=before.keys() <= after.keys() and all(now <= then for then, now in places),
        no_better=after.keys() <= before.keys() and all(then <= now for then, now in places),
    )


def _requirement(before: frozenset[str], after: frozenset[str]) -> ChangeEffect:
    """Return the effect of other required plans, of which a customer needs one: none is best."""
    return effect_of(
        no_worse=not after or (bool(before) and before <= after),
        no_better=not before or (bool(after) and after <= before),
    )


def _restriction(before: frozenset[str], after: frozenset[str]) -> ChangeEffect:
    """Return the effect of restrictions each of which counts: none is best."""
    return effect_of(no_worse=after <= before, no_better=before <= after)


def _term_text(value: object) -> str:
    match value:
        case None:
            return ""
        case CommercialTerms():
            return commercial_text(value)
        case LeadTime():
            return lead_time_text(value)
        case frozenset():
            return " or ".join(sorted(value))
        case tuple():
            return "; ".join(f"from {each.quantity}: {step_text(each)}" for each in value)
        case _:
            return str(value)


def _by_quantity(old: Plan, new: Plan) -> ChangeEffect:
    """Compare the numbers of two plans at all quantities at which one of them changes."""
    steps = (*old.quantity_steps, *new.quantity_steps)
    found = []
    for quantity in sorted({1, *(each.quantity for each in steps)}):
        before, after = (plan.for_quantity(quantity).numbers for plan in (old, new))
        found += [
            (before.get(name, inf), after.get(name, inf)) for name in before.keys() | after.keys()
        ]
    return effect_of(
        no_worse=all(now >= then for then, now in found),
        no_better=all(now <= then for then, now in found),
    )


def _uptime(before: CommercialTerms | None, after: CommercialTerms | None) -> ChangeEffect:
    """Compare two promises of uptime; which of two prices is better is not known here."""
    if before is None or after is None or before.uptime is None or after.uptime is None:
        return ChangeEffect.UNCLEAR
    alike = attrs.evolve(after, uptime=before.uptime) == before
    one, other = before.uptime, after.uptime
    if not alike or attrs.evolve(other, share=one.share) != one:
        return ChangeEffect.UNCLEAR
    return ChangeEffect.BETTER if other.share > one.share else ChangeEffect.WORSE


def _sooner(before: LeadTime | None, after: LeadTime | None) -> ChangeEffect:
    if before is None or after is None:
        return ChangeEffect.WORSE if before is None else ChangeEffect.BETTER
    for one, other in (
        (before.time, after.time),
        (before.business_days, after.business_days),
    ):
        if one is not None and other is not None and before.calendar == after.calendar:
            return ChangeEffect.BETTER if other < one else ChangeEffect.WORSE  # type: ignore[operator]
    return ChangeEffect.UNCLEAR


def _limits(before: object, after: object) -> ChangeEffect:
    if before is None or after is None:
        return ChangeEffect.WORSE if before is None else ChangeEffect.BETTER
    return _more(before, after)


def _more(before: object, after: object) -> ChangeEffect:
    return ChangeEffect.BETTER if after > before else ChangeEffect.WORSE  # type: ignore[operator]


def _is_implied(
    question: PlanQuestion, change: AccessChange, found: dict[PlanQuestion, AccessChange]
) -> bool:
    """Return whether a less specific question already shows the change."""
    if question.group is not None and attrs.evolve(question, group=None) in found:
        return True
    pair = (change.before, change.after)
    wider = []
    if question.product is not None:
        wider.append(attrs.evolve(question, product=None))
    wider += [
        attrs.evolve(question, conditions=question.conditions - {each})
        for each in question.conditions
    ]
    if question.kind is not None:
        wider.append(attrs.evolve(question, kind=None))
    if question.language is not None:
        wider.append(attrs.evolve(question, language=None))
    wider += [attrs.evolve(question, roles=question.roles - {each}) for each in question.roles]
    return any(each in found and (found[each].before, found[each].after) == pair for each in wider)


def _asked(question: PlanQuestion) -> str:
    parts = [] if question.kind is None else [f"of kind {question.kind}"]
    if question.language is not None:
        parts.append(f"in {question.language}")
    if question.product is not None:
        parts.append(f"about {question.product}")
    if question.group is not None:
        parts.append(f"asking for {question.group}")
    if question.conditions:
        parts.append(f"with {' and '.join(sorted(question.conditions))} declared")
    if question.roles:
        parts.append(f"from a contact who is {' and '.join(sorted(question.roles))}")
    return f" ({', '.join(parts)})" if parts else ""


def _options(options: AccessOptions) -> str:
    return ", then ".join(dict.fromkeys(map(_option, options))) or NOBODY


def _option(option: AccessOption) -> str:
    parts = [f"{option.group} {option.hours or ALWAYS}"]
    if not option.immediate:
        parts.append("through the queue")
    if option.allowance is not None:
        parts.append(f"from {allowance_text(option.allowance)}")
    if option.experts:
        parts.append(f"experts {', '.join(option.experts)}")
    if option.in_grace:
        parts.append("also in grace")
    return " ".join([parts[0], *(f"({each})" for each in parts[1:])])


def _effect(
    before: AccessOptions, after: AccessOptions, old: Plan, new: Plan, hours: HoursComparison
) -> ChangeEffect:
    def at_least(option: AccessOption, other: AccessOption, *, forward: bool) -> bool:
        """Return whether `option` gives at least what `other` gives."""
        if option.hours == other.hours:
            open_as_long = True
        elif forward:
            open_as_long = hours.covers(
                hours.after(new, option.hours), hours.before(old, other.hours)
            )
        else:
            open_as_long = hours.covers(
                hours.before(old, option.hours), hours.after(new, other.hours)
            )
        return (
            open_as_long
            and option.group == other.group
            and option.immediate >= other.immediate
            and option.in_grace >= other.in_grace
            and set(option.experts) >= set(other.experts)
            and _gives_as_much(option.allowance, other.allowance)
        )

    return effect_of(
        no_worse=all(any(at_least(a, b, forward=True) for a in after) for b in before),
        no_better=all(any(at_least(b, a, forward=False) for b in before) for a in after),
    )


def _gives_as_much(one: Allowance | None, other: Allowance | None) -> bool:
    if one is None or one == other:
        return True
    if other is None:
        return False
    return attrs.evolve(one, amount=other.amount) == other and one.amount >= other.amount
