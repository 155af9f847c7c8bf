"""Writing the rights of a plan in their shortest form: its group, and rights beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final

import attrs

from entitlements.contracts.plans import AccessRight, Plan
from entitlements.documents.plans.amounts import ALWAYS
from entitlements.documents.plans.derived_rights import GroupAccess, derived_rights
from entitlements.documents.sections.plans.rights import ALL, EXPERTS, QUEUE, RIGHT
from entitlements.documents.sections.policies import is_always_a_name
from entitlements.documents.shapes.scalars import FlowMapping, Plain, WriteContext
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Target


def written_rights(
    plan: Plan, policy: SlaPolicy | None, hours: str | None, out: WriteContext
) -> dict[str, Plain]:
    """Return the group from which rights of a plan follow, and the other rights.

    Raises:
        InvalidValueError: A right cannot be written beside these hours.
    """
    targets = () if policy is None else policy.targets
    count, access = _access_of(plan, targets, hours)
    if access is None:
        return {"rights": [_written_right(each, None, hours, plan, out) for each in plan.rights]}
    groups = dict.fromkeys(access.groups.values())
    found: dict[str, Plain] = {"group": next(iter(groups))}
    if len(groups) > 1:
        found["group"] = FlowMapping({str(each): name for each, name in access.groups.items()})
    if access.in_hours_only:
        found["reached"] = _hours_name(access.hours, hours, plan, out)
    if access.channels_by_severity:
        found["channels"] = FlowMapping(_written_channels(access))
    if access.queue:
        found["queue"] = QUEUE.write(access.queue, out)
    if access.allowance is not None:
        found["allowance"] = access.allowance
    if access.experts:
        found["experts"] = EXPERTS.write(access.experts, out)
    if count < len(plan.rights):
        found["rights"] = [
            _written_right(each, access, hours, plan, out) for each in plan.rights[count:]
        ]
    return found


_MAX_TRIED: Final = 4


def _access_of(
    plan: Plan, targets: Sequence[Target], hours: str | None
) -> tuple[int, GroupAccess | None]:
    """Return from which statement about its groups the first rights of a plan follow."""
    named = takewhile(lambda each: each.id.startswith(each.group), plan.rights)
    longest = sum(1 for _ in named)
    for count in range(longest, max(0, longest - _MAX_TRIED), -1):
        for access in _accesses(plan, plan.rights[:count], hours):
            if derived_rights(access, targets) == plan.rights[:count]:
                return count, access
    return 0, None


def _accesses(
    plan: Plan, rights: Sequence[AccessRight], hours: str | None
) -> Iterator[GroupAccess]:
    """Yield what a plan may state about its groups if these rights follow from it."""
    groups: dict[str | None, str] = {}
    channels: dict[str | None, frozenset[str]] = dict.fromkeys(plan.scale, frozenset())
    for right in rights:
        for severity in right.severities or plan.scale:
            groups.setdefault(severity, right.group)
            channels[severity] |= right.channels or plan.channels
    queued = [right.channels or plan.channels for right in rights if not right.immediate]
    access = GroupAccess(
        groups={each: groups.get(each, rights[0].group) for each in plan.scale},
        hours=hours,
        channels=plan.channels,
        queue=frozenset[str]().union(*queued),
        allowance=rights[0].allowance,
        experts=rights[0].experts,
    )
    limited = {each: by for each, by in channels.items() if by != plan.channels}
    if limited and not (plan.severities and all(channels.values())):
        return
    access = attrs.evolve(access, channels_by_severity=limited)
    yield access
    if all(each.hours == rights[0].hours for each in rights):
        yield attrs.evolve(access, hours=rights[0].hours, in_hours_only=True)


def _written_channels(access: GroupAccess) -> dict[str, Plain]:
    """Return the severities that each channel of a plan opens."""
    severities = [each for each in access.groups if each is not None]
    opens = {
        channel: [
            each
            for each in severities
            if channel in access.channels_by_severity.get(each, access.channels)
        ]
        for channel in sorted(access.channels)
    }
    return {
        channel: ALL if len(opened) == len(severities) and ALL not in severities else [*opened]
        for channel, opened in opens.items()
    }


def _written_right(
    right: AccessRight,
    access: GroupAccess | None,
    hours: str | None,
    plan: Plan,
    out: WriteContext,
) -> Plain:
    written = RIGHT.write_keys(right, out)
    written.pop("hours", None)
    default = hours if access is None else access.hours
    if right.hours != default or (right.hours is None and hours == ALWAYS):
        written["hours"] = _hours_name(right.hours, hours, plan, out)
    if access is not None:
        if set(access.groups.values()) == {right.group}:
            del written["group"]
        if access.allowance == right.allowance:
            written.pop("allowance", None)
        elif right.allowance is None:
            written["allowance"] = None
    return written


def _hours_name(name: str | None, hours: str | None, plan: Plan, out: WriteContext) -> str:
    """Return the name of a calendar, or the word for around the clock."""
    is_name = is_always_a_name(out, plan.line_calendars)
    if (name == ALWAYS and not is_name) or (hours is not None and hours == ALWAYS):
        raise InvalidValueError(f"`{ALWAYS}` is no calendar here")
    if name is None and is_name:
        raise InvalidValueError(f"`{ALWAYS}` is the name of a calendar here")
    return ALWAYS if name is None else name
