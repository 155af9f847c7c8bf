"""Derived rights: the rights to a group that follow from the first responses of a plan.

A plan with a `group` and without `rights` gives one right for each kind of hours, channels and
conditions of its first responses. A severity that is answered around the clock is reached around
the clock; one for which nothing is promised may be reported in the hours of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from entitlements.contracts.plans import AccessRight
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.ids import identifier
from entitlements.sla.milestones import Milestone
from entitlements.sla.targets import Target

_Kind: TypeAlias = tuple[str | None, frozenset[str], frozenset[str]]
"""Hours, channels and conditions."""

_QUEUE: Final = "queue"


def derived_rights(
    group: str,
    *,
    hours: str | None,
    queue: frozenset[str],
    allowance: str | None = None,
    severities: Sequence[str],
    channels: frozenset[str],
    targets: Iterable[Target],
) -> tuple[AccessRight, ...]:
    """Return the rights to `group`; those of the plan's own hours come last.

    Args:
        group: The expert group.
        hours: The plan's own calendar; None for around the clock.
        queue: The channels through which the group is reached by its queue only.
        allowance: The allowance from which requests take units; None for none.
        severities: The severities of the plan.
        channels: The channels of the plan.
        targets: The targets of the plan; only first responses count.

    >>> from datetime import timedelta
    >>> target = Target(milestone="first_response", within=timedelta(hours=1), severities=["S1"])
    >>> rights = derived_rights("desk", hours="business", queue=frozenset(),
    ...     severities=["S1", "S2"], channels=frozenset({"phone"}), targets=[target])
    >>> [(each.id, each.hours, sorted(each.severities)) for each in rights]
    [('desk always', None, ['S1']), ('desk', 'business', ['S2'])]
    """
    own: _Kind = (hours, frozenset(), frozenset())
    first = [each for each in targets if each.milestone == Milestone.FIRST_RESPONSE]
    found: dict[_Kind, dict[str, None]] = {}
    for severity in severities:
        for kind in _kinds(severity, first, hours, own):
            found.setdefault(kind, {})[severity] = None
    kinds = [each for each in found if each != own]
    kinds += [own] if own in found else []
    rights: list[AccessRight] = []
    for kind in kinds:
        named = frozenset(found[kind])
        holds_for = frozenset[str]() if len(named) == len(severities) else named
        for through, immediate in _split(kind[1], queue, channels):
            id = _free_id(_id(group, kind, own, immediate=immediate), group, rights)
            rights.append(
                AccessRight(
                    id=id,
                    group=group,
                    severities=holds_for,
                    channels=through,
                    hours=kind[0],
                    immediate=immediate,
                    conditions=kind[2],
                    allowance=allowance,
                )
            )
    return tuple(rights)


def _kinds(
    severity: str, first: Sequence[Target], hours: str | None, own: _Kind
) -> Iterator[_Kind]:
    """Yield in which ways a severity is answered, up to the target that fits every request."""
    answered = False
    for target in first:
        if target.severities and severity not in target.severities:
            continue
        answered = True
        by = hours if target.within is None else target.calendar
        yield by, target.channels, target.conditions
        if not target.channels and not target.conditions:
            return
    if not answered:
        yield own


def _split(
    through: frozenset[str], queue: frozenset[str], channels: frozenset[str]
) -> Iterator[tuple[frozenset[str], bool]]:
    """Yield the channels that reach the group at once, and those of its queue."""
    asked = through or channels
    live, queued = asked - queue, asked & queue
    if live:
        yield (live if queued else through), True
    if queued:
        yield (queued if live else through), False


def _id(group: str, kind: _Kind, own: _Kind, *, immediate: bool) -> str:
    hours, channels, conditions = kind
    words = [group]
    if kind != own:
        words += ["always" if hours is None else hours] if hours != own[0] else []
        words += [*sorted(channels), *sorted(conditions)]
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
