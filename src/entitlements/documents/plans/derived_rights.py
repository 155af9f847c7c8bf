"""Derived rights: the rights to a group that follow from the first responses of a plan.

A plan with a `group` gives one right for each combination of hours, channels, conditions and kinds
of requests of its first responses. A severity that is answered around the clock is reached around
the clock; one for which nothing is promised may be reported in the hours of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, final

import attrs

from entitlements.contracts.plans import AccessRight
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import identifier
from entitlements.sla.milestones import Milestone
from entitlements.sla.targets import Target

_QUEUE: Final = "queue"


@final
@attrs.frozen(kw_only=True)
class GroupAccess:
    """What a plan states about reaching its group, beside its first responses.

    Attributes:
        groups: The expert group, for each severity of the plan; for None in one without severities.
        hours: The calendar in which it is reached where the targets name no other; None for around
            the clock.
        in_hours_only: Whether it is reached in these hours, whatever counts for the targets.
        channels: The channels of the plan.
        channels_by_severity: Severities that only some of the channels open, with these channels.
        queue: The channels through which the group is reached by its queue only.
        allowance: The allowance from which requests take units; None for none.
        experts: Designated experts of the group.
    """

    groups: Mapping[str | None, str]
    hours: str | None = None
    in_hours_only: bool = False
    channels: frozenset[str]
    channels_by_severity: Mapping[str | None, frozenset[str]] = attrs.field(factory=dict)
    queue: frozenset[str] = frozenset()
    allowance: str | None = None
    experts: tuple[str, ...] = ()


@attrs.frozen
class _Kind:
    """A way to be answered, which becomes a right."""

    group: str
    hours: str | None
    channels: frozenset[str]
    conditions: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def is_common(self, access: GroupAccess) -> bool:
        """Return whether it has nothing but the hours of the plan."""
        limits = self.channels or self.conditions or self.kinds
        return self.hours == access.hours and not limits


def derived_rights(access: GroupAccess, targets: Iterable[Target]) -> tuple[AccessRight, ...]:
    """Return the rights to the groups of a plan; those of the plan's own hours come last.

    Args:
        access: What the plan states about its groups, with all its severities.
        targets: The targets of the plan; only first responses count.

    >>> from datetime import timedelta
    >>> target = Target(milestone="first_response", within=timedelta(hours=1), severities=["S1"])
    >>> access = GroupAccess(groups={"S1": "desk", "S2": "desk"}, hours="business",
    ...                      channels=frozenset({"phone"}))
    >>> rights = derived_rights(access, [target])
    >>> [(each.id, each.hours, sorted(each.severities)) for each in rights]
    [('desk always', None, ['S1']), ('desk', 'business', ['S2'])]
    """
    first = [each for each in targets if each.milestone == Milestone.FIRST_RESPONSE]
    found: dict[_Kind, dict[str | None, None]] = {}
    for severity in access.groups:
        for kind in _kinds(severity, first, access):
            found.setdefault(kind, {})[severity] = None
    rights: list[AccessRight] = []
    for kind in sorted(found, key=lambda each: each.is_common(access)):
        named = frozenset(each for each in found[kind] if each is not None)
        for through, immediate in _split(kind.channels, access):
            rights.append(
                AccessRight(
                    id=_free_id(_id(kind, access, immediate=immediate), kind.group, rights),
                    group=kind.group,
                    severities=frozenset() if len(found[kind]) == len(access.groups) else named,
                    channels=through,
                    hours=kind.hours,
                    immediate=immediate,
                    conditions=kind.conditions,
                    kinds=kind.kinds,
                    allowance=access.allowance,
                    experts=access.experts,
                )
            )
    return tuple(rights)


def _kinds(severity: str | None, first: Sequence[Target], access: GroupAccess) -> Iterator[_Kind]:
    """Yield in which ways a severity is answered, up to the target that fits every request."""
    group, channels_by_severity = access.groups[severity], access.channels_by_severity.get(severity)
    every = frozenset[str]() if channels_by_severity is None else channels_by_severity
    answered = False
    for target in first:
        if target.severities and severity not in target.severities:
            continue
        answered = True
        by = target.calendar
        if target.within is None or access.in_hours_only:
            by = access.hours
        channels = target.channels or every
        if channels_by_severity is not None:
            channels &= channels_by_severity
        if channels or channels_by_severity is None:
            yield _Kind(group, by, channels, target.conditions, target.kinds)
        if not target.channels and not target.conditions and not target.kinds:
            return
    if not answered and (every or channels_by_severity is None):
        yield _Kind(group, access.hours, every)


def _split(through: frozenset[str], access: GroupAccess) -> Iterator[tuple[frozenset[str], bool]]:
    """Yield the channels that reach the group at once, and those of its queue."""
    asked = through or access.channels
    live, queued = asked - access.queue, asked & access.queue
    if live:
        yield (live if queued else through), True
    if queued:
        yield (queued if live else through), False


def _id(kind: _Kind, access: GroupAccess, *, immediate: bool) -> str:
    words = [kind.group]
    if kind.hours != access.hours:
        words.append("always" if kind.hours is None else kind.hours)
    words += [*sorted(kind.kinds), *sorted(kind.channels), *sorted(kind.conditions)]
    return " ".join([*words, *([] if immediate else [_QUEUE])])


def _free_id(wanted: str, group: str, rights: Sequence[AccessRight]) -> str:
    """Return an id that no other right has, like `wanted` if that can be an id."""
    taken = {each.id for each in rights}
    try:
        start = identifier(wanted)
    except EntitlementsError:  # too long
        start = group
    numbered = (f"{start[:150].strip()} {number}" for number in range(2, len(taken) + 3))
    return next(each for each in (start, *numbered) if each not in taken)
