"""Changes of the promised times of a plan, by severity, milestone, channel and condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, combinations, product
from typing import TypeAlias

import attrs

from entitlements.calendars.cut_offs import cut_off_seconds
from entitlements.calendars.options import Anchor, BusinessDays
from entitlements.contracts.plans import Plan
from entitlements.documents.changes.change import ChangeEffect, FactsChange, effect_of
from entitlements.documents.changes.hours import HoursComparison
from entitlements.documents.tables.plan_table import target_text
from entitlements.kernel.errors import LimitExceededError
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Commitment, Target

MAX_CASES = 100_000

_Case: TypeAlias = tuple[str, frozenset[str], str | None]
"""A channel, the declared conditions and the kind of request."""

_NO_TARGET = "no target"
_BINDING = (None, Commitment.BEST_EFFORT, Commitment.OBJECTIVE, Commitment.GUARANTEE)


def target_changes(old: Plan, new: Plan, hours: HoursComparison) -> Iterator[FactsChange]:
    """Yield every severity and milestone for which two plans promise different times.

    Raises:
        LimitExceededError: The plans have more than 100,000 kinds of cases.
    """
    before, after = hours.old.policies[old.policy], hours.new.policies[new.policy]
    severities = tuple(dict.fromkeys((*old.severities, *new.severities))) or old.scale
    for milestone in dict.fromkeys((*before.milestones, *after.milestones)):
        cases = list(_cases(old, new, milestone, before, after))
        if len(cases) * len(severities) > MAX_CASES:
            raise LimitExceededError(f"plan `{new.id}` has more than {MAX_CASES} kinds of cases")
        for severity in severities:
            yield from _severity(old, new, hours, (milestone, severity, cases))


def _severity(
    old: Plan, new: Plan, hours: HoursComparison, where: tuple[str, str | None, list[_Case]]
) -> Iterator[FactsChange]:
    milestone, severity, cases = where
    before, after = hours.old.policies[old.policy], hours.new.policies[new.policy]
    changed: dict[tuple[Target | None, Target | None], list[_Case]] = {}
    for case in cases:
        one = _first(old, before, milestone, severity, case)
        other = _first(new, after, milestone, severity, case)
        if _promise(one) != _promise(other):
            changed.setdefault((one, other), []).append(case)
    for (one, other), which in changed.items():
        of = "" if severity is None else f" severity {severity},"
        place = f"plan {new.id},{of} {milestone.replace('_', ' ')}"
        effect = _effect(one, other, old, new, hours)
        was, now = _texts(one, other)
        yield FactsChange(effect, place + _circumstances(which, cases), was, now)


def _cases(
    old: Plan, new: Plan, milestone: str, before: SlaPolicy, after: SlaPolicy
) -> Iterator[_Case]:
    conditions: set[str] = set()
    for target in (*before.targets, *after.targets):
        if target.milestone == milestone:
            conditions |= target.conditions
    named = sorted(conditions)
    if len(named) > 12:  # noqa: PLR2004 - 4,096 sets of conditions
        raise LimitExceededError(f"plan `{new.id}` has {len(named)} conditions for {milestone}")
    sets = chain.from_iterable(combinations(named, size) for size in range(len(named) + 1))
    kinds: list[str | None] = [*sorted(old.kinds | new.kinds)] or [None]
    for declared, channel, kind in product(sets, sorted(old.channels | new.channels), kinds):
        yield channel, frozenset(declared), kind


def _first(
    plan: Plan, policy: SlaPolicy, milestone: str, severity: str | None, case: _Case
) -> Target | None:
    channel, conditions, kind = case
    if (plan.severities and severity not in plan.severities) or channel not in plan.channels:
        return None
    if plan.kinds and kind not in plan.kinds:
        return None
    for target in policy.targets:
        if target.milestone == milestone and target.fits(severity, channel, conditions, kind):
            return target
    return None


def _promise(target: Target | None) -> Target | None:
    """Return what a target promises, without the cases that it fits."""
    if target is None:
        return None
    return attrs.evolve(target, severities=(), channels=(), conditions=(), kinds=())


def _effect(
    one: Target | None, other: Target | None, old: Plan, new: Plan, hours: HoursComparison
) -> ChangeEffect:
    if one is None or other is None or one.within is None or other.within is None:
        was, now = _strength(one), _strength(other)
        return effect_of(no_worse=now >= was, no_better=was >= now)
    if _promise(attrs.evolve(other, warn=one.warn)) == _promise(one):
        return ChangeEffect.NEUTRAL  # only the warnings differ
    same_name = one.calendar == other.calendar
    before, after = hours.before(old, one.calendar), hours.after(new, other.calendar)
    return effect_of(
        no_worse=_no_later(other, one) and (same_name or hours.covers(after, before)),
        no_better=_no_later(one, other) and (same_name or hours.covers(before, after)),
    )


def _strength(target: Target | None) -> int:
    """Return how much a target binds: nothing, best effort, an objective, a guarantee."""
    if target is None or (target.within is None and target.commitment is Commitment.GUARANTEE):
        return 0
    return _BINDING.index(target.commitment)


def _no_later(one: Target, other: Target) -> bool:
    """Return whether `one` is never late after `other`, if their hours are the same."""
    if (one.starts_on, one.recurrence) != (other.starts_on, other.recurrence):
        return False
    if _strength(one) < _strength(other) or one.exclusive < other.exclusive:
        return False
    if not _no_earlier_cut_off(one, other):
        return False
    if one.paused_by != other.paused_by:
        return (
            one.paused_by is not None
            and other.paused_by is not None
            and (one.paused_by < other.paused_by and _amount_no_more(one, other))
        )
    return _amount_no_more(one, other)


def _no_earlier_cut_off(one: Target, other: Target) -> bool:
    if one.cut_off is None or other.cut_off is None:
        return one.cut_off is None
    return cut_off_seconds(one.cut_off) >= cut_off_seconds(other.cut_off)


def _amount_no_more(one: Target, other: Target) -> bool:
    match one.within, other.within:
        case timedelta() as first, timedelta() as second:
            return first <= second
        case BusinessDays() as first, BusinessDays() as second:
            anchors = (first.anchor, second.anchor)
            in_order = first.anchor == second.anchor or anchors == (Anchor.START, Anchor.END)
            return in_order and first.count <= second.count
        case _:
            return False


def _texts(one: Target | None, other: Target | None) -> tuple[str, str]:
    was, now = (_NO_TARGET if each is None else target_text(each) for each in (one, other))
    if was == now and one is not None and other is not None:
        names = [
            each.name
            for each in attrs.fields(Target)
            if each.name not in {"severities", "channels", "conditions", "kinds"}
            and getattr(one, each.name) != getattr(other, each.name)
        ]
        was, now = (
            f"{text} ({', '.join(f'{name} {_value(getattr(each, name))}' for name in names)})"
            for text, each in ((was, one), (now, other))
        )
    return was, now


def _value(value: object) -> str:
    if isinstance(value, tuple | frozenset):
        return "+".join(sorted(map(str, value))) or "none"
    return "default" if value is None else str(value)


def _by_kind_and_conditions(
    pair: tuple[tuple[str, frozenset[str]], set[str]],
) -> tuple[str, list[str]]:
    kind, conditions = pair[0]
    return kind, sorted(conditions)


def _circumstances(which: Iterable[_Case], every: Iterable[_Case]) -> str:
    """Return the channels and conditions of some cases as text; empty for all cases."""
    some, total = set(which), set(every)
    if some == total:
        return ""
    alike: dict[tuple[str, frozenset[str]], set[str]] = {}
    for channel, conditions, kind in some:
        alike.setdefault((kind or "", conditions), set()).add(channel)
    channels = {channel for channel, _, _ in total}
    texts = []
    for (kind, conditions), reached in sorted(alike.items(), key=_by_kind_and_conditions):
        parts = [f"of kind {kind}"] if kind else []
        parts += [f"by {', '.join(sorted(reached))}"] if reached != channels else []
        if any(declared for _, declared, _ in total):
            declared_text = " and ".join(sorted(conditions)) or "no condition"
            parts.append(f"with {declared_text} declared")
        texts.append(" ".join(parts))
    return f" ({'; '.join(dict.fromkeys(filter(None, texts)))})"
