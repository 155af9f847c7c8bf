"""Differences of two documents that customers notice, each as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import attrs

from entitlements.contracts.contract import Contract
from entitlements.contracts.plans import Plan
from entitlements.documents.changes.access import access_changes
from entitlements.documents.changes.change import ChangeEffect, FactsChange
from entitlements.documents.changes.hours import HoursComparison
from entitlements.documents.changes.targets import target_changes
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of

_Value = TypeVar("_Value")
_ABSENT = "absent"
_PRESENT = "present"


def facts_diff(old: Facts, new: Facts, at: datetime) -> tuple[FactsChange, ...]:
    """Return what changes for customers from one document to another.

    Compared are calendars, products, groups, the last version of each plan with its targets, and
    contracts. Agents are not: they are no promise.

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
    hours = HoursComparison(instance_of(Facts, old), instance_of(Facts, new), at)
    return (
        *hours.changes(),
        *_presence("product", _ids(old.catalog.products), _ids(new.catalog.products)),
        *_presence("expert group", _ids(old.catalog.groups), _ids(new.catalog.groups)),
        *_plans(hours),
        *_contracts(old, new),
    )


def _plans(hours: HoursComparison) -> Iterator[FactsChange]:
    before, after = _latest(hours.old.catalog.plans), _latest(hours.new.catalog.plans)
    yield from _presence("plan", before, after)
    for id, old in before.items():
        new = after.get(id)
        if new is None:
            continue
        if old.version != new.version:
            yield FactsChange(ChangeEffect.NEUTRAL, f"plan {id}, version", old.version, new.version)
        yield from target_changes(old, new, hours)
        yield from access_changes(old, new, hours)


def _contracts(old: Facts, new: Facts) -> Iterator[FactsChange]:
    before, after = _by_customer(old), _by_customer(new)
    yield from _presence("contract", before, after)
    for name, contract in before.items():
        other = after.get(name)
        if other is None or other == contract:
            continue
        for field in attrs.fields(Contract):
            values = [getattr(each, field.name) for each in (contract, other)]
            if values[0] != values[1]:
                texts = [_short(each) for each in values]
                yield FactsChange(ChangeEffect.UNCLEAR, f"contract {name}, {field.name}", *texts)


def _presence(
    kind: str, before: Mapping[str, _Value], after: Mapping[str, _Value]
) -> Iterator[FactsChange]:
    for id in before:
        if id not in after:
            yield FactsChange(ChangeEffect.WORSE, f"{kind} {id}", _PRESENT, _ABSENT)
    for id in after:
        if id not in before:
            yield FactsChange(ChangeEffect.BETTER, f"{kind} {id}", _ABSENT, _PRESENT)


def _ids(values: Iterable[object]) -> dict[str, object]:
    return {str(getattr(each, "id")): each for each in values}  # noqa: B009 - products and groups


def _latest(plans: Iterable[Plan]) -> dict[str, Plan]:
    return {plan.id: plan for plan in plans}


def _by_customer(facts: Facts) -> dict[str, Contract]:
    return {
        f"{contract.id} of {customer}": contract
        for customer, account in facts.accounts.items()
        for contract in account.contracts
    }


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - one line of a terminal
