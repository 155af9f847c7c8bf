"""What in the facts is legal but probably not meant?

Findings are advice: facts with findings can be used. What is wrong for certain is found by reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, final

import attrs

from entitlements.calendars.lint import lint as lint_hours
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.contract import ContractLine, CoveredLevel
from entitlements.contracts.lines.line_status import standings
from entitlements.contracts.plans import Plan
from entitlements.documents.problems import flat
from entitlements.documents.shapes.read_context import guess
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy

_MILESTONES: Final = tuple(each.value for each in Milestone)


class Level(StrEnum):
    """How much a finding matters: what will surprise, and what may well be meant."""

    WARNING = "warning"
    NOTE = "note"


@final
@attrs.frozen
class Finding:
    """One thing that is probably not meant.

    Attributes:
        level: How much it matters.
        path: Where, as in the document that `write_facts` writes.
        message: A sentence for people.
    """

    level: Level
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.level}: {self.path}: {flat(self.message)}"


def lint(facts: Facts, at: datetime) -> tuple[Finding, ...]:
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


def _calendars(catalog: Catalog, at: datetime) -> Iterator[Finding]:
    said = set()
    for index, (name, hours) in enumerate(catalog.calendars.items()):
        for each in lint_hours(hours, at):
            if each in said:
                continue  # a part of a composition, told where it stands itself
            said.add(each)
            who = f"`{name}`" if each.calendar in {name, ""} else f"`{each.calendar}` in `{name}`"
            yield Finding(Level.WARNING, f"calendars[{index}]", f"{who}: {each.message}")


def _groups(facts: Facts) -> Iterator[Finding]:
    staffed = {group for agent in facts.roster.agents.values() for group in agent.groups}
    for index, group in enumerate(facts.catalog.groups):
        if facts.roster.agents and group.id not in staffed:
            yield Finding(
                Level.WARNING, f"groups[{index}]", f"nobody is in the expert group `{group.id}`"
            )


def _policy(policy: SlaPolicy, facts: Facts) -> Iterator[Finding]:
    path = f"policies.{policy.id}"
    if all(plan.policy != policy.id for plan in facts.catalog.plans):
        yield Finding(Level.NOTE, path, "no plan names this policy")
    for milestone in policy.milestones:
        hint = None if milestone in _MILESTONES else guess(milestone, _MILESTONES)
        if hint:
            message = f"`{milestone}` is a milestone of your own ({hint})"
            yield Finding(Level.WARNING, path, message)


def _plan(plan: Plan, index: int, facts: Facts) -> Iterator[Finding]:
    path = f"plans[{index}]"
    agents = facts.roster.agents
    for severity in plan.severities:
        held = any(not right.severities or severity in right.severities for right in plan.rights)
        if not held and severity not in plan.may_not_open:
            message = f"no right holds for severity `{severity}`; every such request is denied"
            yield Finding(Level.WARNING, f"{path}.rights", message)
    for position, right in enumerate(plan.rights):
        for expert in right.experts:
            if agents and expert not in agents:
                message = f"no agent has the name `{expert}`"
                yield Finding(Level.WARNING, f"{path}.rights[{position}].experts", message)


def _account(account: Account, path: str, catalog: Catalog) -> Iterator[Finding]:
    if not account.contracts:
        yield Finding(Level.NOTE, path, f"`{account.customer}` has no contract")
    for index, contract in enumerate(account.contracts):
        at = f"{path}.contracts[{index}]"
        if not contract.contacts and not contract.any_contact:
            message = f"nobody may open cases under `{contract.id}`"
            yield Finding(Level.WARNING, f"{at}.contacts", message)
        for position, line in enumerate(contract.lines):
            yield from _line(line, f"{at}.lines[{position}]", catalog)
    try:
        standings(account, catalog)
    except EntitlementsError as error:
        message = error.message + (f" ({error.hint})" if error.hint else "")
        yield Finding(Level.WARNING, path, message)


def _line(line: ContractLine, path: str, catalog: Catalog) -> Iterator[Finding]:
    known: list[str] = []
    match line.coverage.level:
        case CoveredLevel.PRODUCT:
            known = [product.id for product in catalog.products]
        case CoveredLevel.PRODUCT_GROUP:
            known = [name for product in catalog.products for name in product.groups]
        case _:
            return
    for id in sorted(line.coverage.ids):
        if id not in known:
            what = line.coverage.level.replace("_", " ")
            hint = guess(id, known)
            message = f"no {what} has the name `{id}`" + (f" ({hint})" if hint else "")
            yield Finding(Level.WARNING, f"{path}.coverage", message)
