"""Differences of two documents that customers notice, each as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from entitlements.contracts.plans import Plan
from entitlements.documents.changes.access import access_changes
from entitlements.documents.changes.change import ChangeEffect, FactsChange
from entitlements.documents.changes.contracts import (
    contract_changes,
    key_changes,
    presence_changes,
    value_text,
)
from entitlements.documents.changes.hours import HoursComparison
from entitlements.documents.changes.prices import clause_changes, price_changes
from entitlements.documents.changes.targets import target_changes
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of
from entitlements.kernel.instants import instant_of


def facts_diff(old: Facts, new: Facts, at: datetime) -> tuple[FactsChange, ...]:
    """Return what changes for customers from one document to another.

    Compared are calendars, products, groups, the last version of each plan with its targets and
    clock options, contracts, prices and notice clauses. Agents are not: they are no promise.

    Args:
        old: The facts before.
        new: The facts after.
        at: Calendars are compared for two years from this instant.

    >>> from datetime import UTC
    >>> from entitlements.documents import parse_facts
    >>> text = '''
    ... groups: desk
    ... plans:
    ...   - {id: basic, severities: [high], channels: [web], rights: [{id: desk, group: desk}],
    ...      targets: [{milestone: first_response, within: 4h}]}
    ... '''
    >>> old, new = parse_facts(text), parse_facts(text.replace("4h", "8h"))
    >>> for change in facts_diff(old, new, datetime(2026, 1, 1, tzinfo=UTC)):
    ...     print(change)
    worse: plan basic, severity high, first response: was 4h always, is now 8h always

    Raises:
        LimitExceededError: A plan has more than 100,000 kinds of requests.
    """
    first = instant_of(at)
    hours = HoursComparison(instance_of(Facts, old), instance_of(Facts, new), first)
    return (
        *hours.changes(),
        *presence_changes("product", _ids(old.catalog.products), _ids(new.catalog.products)),
        *presence_changes("expert group", _ids(old.catalog.groups), _ids(new.catalog.groups)),
        *_plans(hours),
        *contract_changes(old, new),
        *price_changes(old, new),
        *clause_changes(old, new),
    )


def _plans(hours: HoursComparison) -> Iterator[FactsChange]:
    before, after = _latest(hours.old.catalog.plans), _latest(hours.new.catalog.plans)
    yield from presence_changes("plan", before, after)
    for id, old in before.items():
        new = after.get(id)
        if new is None:
            continue
        if old.version != new.version:
            yield FactsChange(ChangeEffect.NEUTRAL, f"plan {id}, version", old.version, new.version)
        yield from _sale(old, new)
        yield from target_changes(old, new, hours)
        options = [
            facts.policies[plan.policy].options
            for facts, plan in ((hours.old, old), (hours.new, new))
        ]
        yield from key_changes(f"plan {id}, clock", *options)
        yield from access_changes(old, new, hours)


def _sale(old: Plan, new: Plan) -> Iterator[FactsChange]:
    """Yield a change of the days from which a plan is sold, and given to those who have it."""
    for title, was, now in (
        ("effective", old.effective, new.effective),
        ("existing from", old.existing_from, new.existing_from),
    ):
        if was != now:
            texts = [value_text(each) for each in (was, now)]
            yield FactsChange(ChangeEffect.UNCLEAR, f"plan {new.id}, {title}", *texts)


def _ids(values: Iterable[object]) -> dict[str, object]:
    return {str(getattr(each, "id")): each for each in values}  # noqa: B009 - products and groups


def _latest(plans: Iterable[Plan]) -> dict[str, Plan]:
    return {plan.id: plan for plan in plans}
