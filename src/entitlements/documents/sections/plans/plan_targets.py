"""Severities and channels of a plan for which its SLA policy has no first response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode, find
from entitlements.documents.sections.plans.plans import ReadPlan
from entitlements.documents.shapes.read_context import ReadContext
from entitlements.engine.facts import uncovered_requests
from entitlements.sla.milestones import Milestone
from entitlements.sla.policy import SlaPolicy

_PART: Final = re.compile(r"\w+(\[\d+\])?")


def check_targets(
    plans: Sequence[ReadPlan],
    policies: Sequence[SlaPolicy],
    nodes: Sequence[Node],
    into: ReadContext,
) -> None:
    """Add a problem for every severity of a plan for which its policy has no first response.

    Plans with other problems are left out, since these may be the reason. A gap in a policy that
    several plans use is one problem.

    Args:
        plans: The plans that could be read.
        policies: The policies outside plans.
        nodes: The nodes of these policies.
        into: The read context.
    """
    with_problems = {(each.file, _part(each.path)) for each in into.problems}
    without_problems = [each for each in plans if with_problems.isdisjoint(_places(each.node))]
    shared: dict[str, dict[str | None, tuple[ReadPlan, dict[str, None]]]] = {}
    _add_own_gaps(without_problems, into)
    known = {policy.id: policy for policy in policies}
    for each in without_problems:
        policy = known.get(each.plan.policy) if each.policy is None else None
        for severity, channels in _missing(each, policy).items() if policy else ():
            _, all_channels = shared.setdefault(each.plan.policy, {}).setdefault(
                severity, (each, {})
            )
            all_channels.update(channels)
    for id, missing in shared.items():
        users = [each for each in plans if each.plan.policy == id and each.policy is None]
        node = next((each for each in nodes if _id(each) == id), None)
        unknown = (
            next(_unknown_severities(known[id], users, node), None) if node is not None else None
        )
        for severity, (first, channels) in missing.items():
            if unknown is None:
                _add_problem(find(first.node, "policy"), severity, channels, into)
        if unknown is not None:
            names = ", ".join(f"`{severity}`" for severity in missing)
            hint = f"severity {names} has no first response"
            into.problem(
                unknown, f"no plan of this policy has the severity `{_text(unknown)}`", hint
            )


def _add_own_gaps(plans: Sequence[ReadPlan], into: ReadContext) -> None:
    """Add the gaps of policies inside plans; of plans on one base, with its severities, once."""
    reported: set[tuple[str, str, str | None]] = set()
    for each in plans:
        if each.policy is None:
            continue
        scale = find(each.node, "severities")
        for severity, channels in _missing(each, each.policy).items():
            what = (scale.file, scale.path, severity)
            if what not in reported:
                reported.add(what)
                place = find(each.node, "targets")
                only_if = _first_condition(each.policy, severity)
                if only_if is not None:
                    message = f"{_case(severity)} has no first response unless `{only_if}` holds"
                    into.problem(place, message, f"write a list: `[... if {only_if}, none]`")
                else:
                    _add_problem(place, severity, channels, into)


def _missing(read: ReadPlan, policy: SlaPolicy) -> dict[str | None, dict[str, None]]:
    found: dict[str | None, dict[str, None]] = {}
    for severity, channel in (*uncovered_requests(read.plan, policy), *_unreached(read)):
        found.setdefault(severity, {})[channel] = None
    return found


def _first_condition(policy: SlaPolicy, severity: str | None) -> str | None:
    """Return a condition of the first responses for a severity if all of them have one."""
    first = [
        each
        for each in policy.targets
        if each.milestone == Milestone.FIRST_RESPONSE
        and (not each.severities or severity in each.severities)
    ]
    if not first or not all(each.conditions for each in first):
        return None
    return min(first[-1].conditions)


def _case(severity: str | None) -> str:
    return "a request" if severity is None else f"severity `{severity}`"


def _unreached(read: ReadPlan) -> Iterator[tuple[str | None, str]]:
    """Yield the severities and channels of a plan with a group for which no right follows."""
    for severity, channels in read.channels.items():
        if severity not in read.plan.may_not_open:
            rights = (
                each
                for each in read.plan.rights
                if not each.severities or severity in each.severities
            )
            reached = (each.channels or read.plan.channels for each in rights)
            yield from ((severity, each) for each in sorted(channels.difference(*reached)))


def _add_problem(
    place: Node, severity: str | None, channels: dict[str, None], into: ReadContext
) -> None:
    by = "by " + ", ".join(f"`{each}`" for each in channels)
    message = f"{_case(severity)} {by} has no first response"
    hint = f"add one, or `{severity}: none` in the table if nothing is promised"
    if severity is None:
        hint = "add one, or `none`"
    elif len(channels) == 1:
        hint += f"; or list the severities that {by[3:]} opens in `channels`"
    into.problem(place, message, hint)


def _unknown_severities(policy: SlaPolicy, users: Sequence[ReadPlan], node: Node) -> Iterator[Node]:
    """Yield the nodes of severities of the policy's targets that no plan with it has."""
    known = {severity for each in users for severity in each.plan.severities}
    for index, target in enumerate(policy.targets):
        for position, severity in enumerate(target.severities):
            if severity not in known:
                yield find(node, f"targets[{index}].severities[{position}]")


def _places(node: Node, depth: int = 3) -> Iterator[tuple[str, str]]:
    """Yield the file and the part of a plan and of what it takes from its base."""
    yield node.file, _part(node.path)
    if isinstance(node, MappingNode | ListNode) and depth:
        inside = (
            node.items
            if isinstance(node, ListNode)
            else (*node.keys.values(), *node.entries.values())
        )
        for each in inside:
            yield from _places(each, depth - 1)


def _part(path: str) -> str:
    found = _PART.match(path)
    return found.group() if found else ""


def _id(node: Node) -> str:
    return _text(node.entries.get("id", node)) if isinstance(node, MappingNode) else ""


def _text(node: Node) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
