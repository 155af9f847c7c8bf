"""What in the facts is legal but probably not meant?

Findings are advice: facts with findings can be used. What is wrong for certain is found by reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.calendars.lint import lint_calendar as lint_hours
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.contract import ContractLine, CoverageLevel
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import Plan
from entitlements.documents.problems import one_line
from entitlements.documents.shapes.read_context import suggestion
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy

_MILESTONES: Final = tuple(each.value for each in Milestone)


class FindingLevel(StrEnum):
    """How much a finding matters: what will surprise, and what may well be meant."""

    WARNING = "warning"
    NOTE = "note"


@final
@attrs.frozen
class FactsFinding:
    """One thing that is probably not meant.

    Attributes:
        level: How much it matters.
        path: Where, as in the document that `write_facts` writes.
        message: A sentence for people.
    """

    level: FindingLevel
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.level}: {self.path}: {one_line(self.message)}"


def lint_facts(facts: Facts, at: datetime) -> tuple[FactsFinding, ...]:
    """Return what is probably not meant, in the order of the document.

    Args:
        facts: The facts.
        at: Since when they are used; calendars are looked at for two years from then on.
    """
    found = [
        *_calendars(facts.catalog, at),
        *_groups(facts),
        *(each for policy in facts.policies.values() for each in _policy(policy, facts)),
        *(
            each
            for index, plan in enumerate(facts.catalog.plans)
            for each in _plan(plan, index, facts)
        ),
    ]
    for index, account in enumerate(facts.accounts.values()):
        found += _account(account, f"accounts[{index}]", facts.catalog)
    return tuple(found)


def _calendars(catalog: Catalog, at: datetime) -> Iterator[FactsFinding]:
    said = set()
    for index, (name, hours) in enumerate(catalog.calendars.items()):
        for each in lint_hours(hours, at):
            if each in said:
                continue  # a part of a composition, told where it stands itself
            said.add(each)
            who = f"`{name}`" if each.calendar in {name, ""} else f"`{each.calendar}` in `{name}`"
            yield FactsFinding(
                FindingLevel.WARNING, f"calendars[{index}]", f"{who}: {each.message}"
            )


def _groups(facts: Facts) -> Iterator[FactsFinding]:
    staffed = {group for agent in facts.roster.agents.values() for group in agent.groups}
    for index, group in enumerate(facts.catalog.groups):
        if facts.roster.agents and group.id not in staffed:
            yield FactsFinding(
                FindingLevel.WARNING,
                f"groups[{index}]",
                f"nobody is in the expert group `{group.id}`",
            )


def _policy(policy: SlaPolicy, facts: Facts) -> Iterator[FactsFinding]:
    path = f"policies.{policy.id}"
    if all(plan.policy != policy.id for plan in facts.catalog.plans):
        yield FactsFinding(FindingLevel.NOTE, path, "no plan names this policy")
    for milestone in policy.milestones:
        hint = None if milestone in _MILESTONES else suggestion(milestone, _MILESTONES)
        if hint:
            message = f"`{milestone}` is a milestone of your own ({hint})"
            yield FactsFinding(FindingLevel.WARNING, path, message)


def _plan(plan: Plan, index: int, facts: Facts) -> Iterator[FactsFinding]:
    path = f"plans[{index}]"
    agents = facts.roster.agents
    for severity in plan.severities:
        held = any(not right.severities or severity in right.severities for right in plan.rights)
        if not held and severity not in plan.may_not_open:
            message = f"no right holds for severity `{severity}`; every such request is denied"
            yield FactsFinding(FindingLevel.WARNING, f"{path}.rights", message)
    for position, right in enumerate(plan.rights):
        for expert in right.experts:
            if agents and expert not in agents:
                message = f"no agent has the name `{expert}`"
                yield FactsFinding(
                    FindingLevel.WARNING, f"{path}.rights[{position}].experts", message
                )


def _account(account: Account, path: str, catalog: Catalog) -> Iterator[FactsFinding]:
    if not account.contracts:
        yield FactsFinding(FindingLevel.NOTE, path, f"`{account.customer}` has no contract")
    for index, contract in enumerate(account.contracts):
        at = f"{path}.contracts[{index}]"
        if not contract.contacts and not contract.any_contact:
            message = f"nobody may open cases under `{contract.id}`"
            yield FactsFinding(FindingLevel.WARNING, f"{at}.contacts", message)
        for position, line in enumerate(contract.lines):
            yield from _line(line, f"{at}.lines[{position}]", catalog)
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
            what = line.coverage.level.replace("_", " ")
            hint = suggestion(id, known)
            message = f"no {what} has the name `{id}`" + (f" ({hint})" if hint else "")
            yield FactsFinding(FindingLevel.WARNING, f"{path}.coverage", message)
