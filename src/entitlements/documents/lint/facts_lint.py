"""Lint of facts: values that are valid but probably unintended.

Facts with findings can be used. Invalid values are found when a document is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import final

import attrs

from entitlements.calendars.lint import lint_calendar as lint_hours
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import ContractLine, CoverageLevel
from entitlements.documents.formats.problems import one_line
from entitlements.documents.lint.account_lint import (
    add_on_findings,
    expert_findings,
    notice_findings,
    role_findings,
)
from entitlements.documents.lint.plan_lint import (
    impossible_promises,
    ineffective_cut_offs,
    joined_channels,
    mutual_suspensions,
    suspensions_with_grace,
    unused_parts,
    unused_severities,
    unused_targets,
)
from entitlements.documents.plans.price_findings import price_findings
from entitlements.documents.shapes.read_context import suggestion
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import instant_of
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.sla.policy import SlaPolicy


class FindingLevel(TextEnum):
    """The severity of a finding."""

    WARNING = "warning"
    """Probably a mistake."""

    NOTE = "note"
    """Possibly intended."""


def _level(value: FindingLevel | str) -> FindingLevel:
    return enum_member(FindingLevel, value)


@final
@attrs.frozen
class FactsFinding:
    """One value that is probably unintended.

    Attributes:
        level: Its severity.
        path: Its path in the document that `write_facts` writes.
        message: A sentence for people.
    """

    level: FindingLevel = attrs.field(converter=_level)
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.level}: {self.path}: {one_line(self.message)}"


def lint_facts(facts: Facts, at: datetime) -> tuple[FactsFinding, ...]:
    """Return the values that are probably unintended, in the order of the document.

    Args:
        facts: The facts.
        at: The start of their use; calendars are checked for two years from then on.

    Raises:
        InvalidValueError: `at` is naive, or an argument is of another type.

    >>> from datetime import UTC
    >>> from entitlements.documents import parse_facts
    >>> facts = parse_facts("{groups: dba, agents: {id: ada}}")
    >>> for finding in lint_facts(facts, datetime(2026, 1, 1, tzinfo=UTC)):
    ...     print(finding)
    warning: groups[0]: no agent is in the expert group `dba`
    """
    at, facts = instant_of(at), instance_of(Facts, facts)
    found = [
        *_calendars(facts.catalog, at),
        *_groups(facts),
        *(each for policy in facts.policies.values() for each in _policy(policy, facts)),
        *(
            each
            for index, plan in enumerate(facts.catalog.plans)
            for each in (*_plan(plan, index, facts), *_plan_use(plan, index, facts, at))
        ),
    ]
    for index, account in enumerate(facts.accounts.values()):
        found += _account(account, f"accounts[{index}]", facts)
    for each in price_findings(facts):
        level = FindingLevel.NOTE if each.is_note else FindingLevel.WARNING
        found.append(FactsFinding(level, each.path, each.message))
    return tuple(found)


def _calendars(catalog: Catalog, at: datetime) -> Iterator[FactsFinding]:
    reported = set()
    for index, (name, hours) in enumerate(catalog.calendars.items()):
        for each in lint_hours(hours, at):
            if each in reported:
                continue  # a part of a composition, reported for its own calendar
            reported.add(each)
            calendar = (
                f"`{name}`" if each.calendar in {name, ""} else f"`{each.calendar}` in `{name}`"
            )
            yield FactsFinding(
                FindingLevel.WARNING, f"calendars[{index}]", f"{calendar}: {each.message}"
            )


def _groups(facts: Facts) -> Iterator[FactsFinding]:
    staffed = {group for agent in facts.roster.agents.values() for group in agent.groups}
    for index, group in enumerate(facts.catalog.groups):
        if facts.roster.agents and group.id not in staffed:
            yield FactsFinding(
                FindingLevel.WARNING,
                f"groups[{index}]",
                f"no agent is in the expert group `{group.id}`",
            )


def _policy(policy: SlaPolicy, facts: Facts) -> Iterator[FactsFinding]:
    path = f"policies.{policy.id}"
    if all(plan.policy != policy.id for plan in facts.catalog.plans):
        yield FactsFinding(FindingLevel.NOTE, path, "no plan names this policy")


def _plan(plan: Plan, index: int, facts: Facts) -> Iterator[FactsFinding]:
    path = f"plans[{index}]"
    agents = facts.roster.agents
    for severity in plan.scale:
        covered = any(not right.severities or severity in right.severities for right in plan.rights)
        if not covered and severity not in plan.may_not_open:
            case = "any request" if severity is None else f"severity `{severity}`"
            message = f"no right covers {case}; every such request is denied"
            yield _of_plan(plan, f"{path}.rights", message)
    for position, right in enumerate(plan.rights):
        group = [each for each in agents.values() if right.group in each.groups]
        for language in sorted(right.languages):
            if agents and all(language not in each.skills for each in group):
                message = f"no agent of `{right.group}` speaks `{language}`"
                yield _of_plan(plan, f"{path}.rights[{position}].languages", message)
        for expert in right.experts:
            if agents and expert not in agents:
                message = f"no agent has the name `{expert}`"
                yield _of_plan(plan, f"{path}.rights[{position}].experts", message)


def _of_plan(plan: Plan, path: str, message: str) -> FactsFinding:
    return FactsFinding(FindingLevel.WARNING, path, f"`{plan.id}`: {message}")


def _plan_use(plan: Plan, index: int, facts: Facts, at: datetime) -> Iterator[FactsFinding]:
    path = f"plans[{index}]"
    for message in mutual_suspensions(plan, facts.catalog):
        yield _of_plan(plan, f"{path}.suspended_by", message)
    for message in unused_severities(plan):
        yield _of_plan(plan, f"{path}.priority_matrix", message)
    for message in suspensions_with_grace(plan, facts.catalog):
        yield FactsFinding(FindingLevel.NOTE, f"{path}.suspended_by", f"`{plan.id}`: {message}")
    for message in unused_parts(plan, facts.catalog):
        yield _of_plan(plan, path, message)
    policy = facts.policies[plan.policy]
    for message in impossible_promises(plan, policy, facts.catalog, at):
        yield _of_plan(plan, path, message)
    for message in (*unused_targets(policy), *ineffective_cut_offs(policy)):
        yield _of_plan(plan, path, message)
    for message in joined_channels(plan):
        yield _of_plan(plan, f"{path}.channels", message)


def _account(account: Account, path: str, facts: Facts) -> Iterator[FactsFinding]:
    catalog = facts.catalog
    if not account.contracts:
        yield FactsFinding(FindingLevel.NOTE, path, f"`{account.customer}` has no contract")
    for index, contract in enumerate(account.contracts):
        at = f"{path}.contracts[{index}]"
        if not contract.contacts and not contract.any_contact:
            message = f"no contact may open cases under `{contract.id}`"
            yield FactsFinding(FindingLevel.WARNING, f"{at}.contacts", message)
        for found in role_findings(contract, account, catalog):
            yield FactsFinding(FindingLevel.WARNING, f"{at}.{found.path}", found.message)
        for position, line in enumerate(contract.lines):
            experts = expert_findings(line, catalog, facts.roster.agents)
            for found in (*experts, *add_on_findings(line, account, catalog)):
                place = f"{at}.lines[{position}].{found.path}"
                yield FactsFinding(FindingLevel.WARNING, place, found.message)
            yield from _line(line, f"{at}.lines[{position}]", catalog)
        for found in notice_findings(contract, account):
            yield FactsFinding(FindingLevel.WARNING, f"{at}.{found.path}", found.message)
    try:
        line_histories(account, catalog)
    except EntitlementsError as error:
        message = error.message + (f" ({error.hint})" if error.hint else "")
        yield FactsFinding(FindingLevel.WARNING, path, message)


def _line(line: ContractLine, path: str, catalog: Catalog) -> Iterator[FactsFinding]:
    known: list[str] = []
    match line.coverage.level:
        case CoverageLevel.PRODUCT:
            known = [product.id for product in catalog.products]
        case CoverageLevel.PRODUCT_GROUP:
            known = [name for product in catalog.products for name in product.groups]
        case _:
            return
    for id in sorted(line.coverage.ids):
        if id not in known:
            level = line.coverage.level.replace("_", " ")
            hint = suggestion(id, known)
            message = f"no {level} has the name `{id}`" + (f" ({hint})" if hint else "")
            yield FactsFinding(FindingLevel.WARNING, f"{path}.coverage", message)
