"""What does a plan really say? Gaps, rights that never count, and what changes between versions.

A plan's promises are finite: severity, channel, product, group asked for, conditions declared. Each
such cell has an ordered list of offers, cut where the next could never be reached; whoever is open
first gets the request. Two plans promise the same exactly if all their cells have equal offers, so
they are compared by counting the cells out, and no solver is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain, combinations, product
from typing import Final, TypeAlias, final

import attrs

from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import LimitExceededError
from entitlements.kernel.instants import EARLIEST, to_micros

MAX_QUESTIONS: Final = 100_000


@final
@attrs.frozen(kw_only=True)
class PlanQuestion:
    """One kind of request that a plan may be asked.

    Attributes:
        severity: How bad it is.
        channel: How it arrives.
        product: A product that some right names; None for all others.
        group: The group asked for; None for the best one.
        conditions: What the customer has declared, of what rights ask for.
    """

    severity: str
    channel: str
    product: str | None
    group: str | None
    conditions: frozenset[str]


@final
@attrs.frozen(kw_only=True)
class AccessOption:
    """What one right gives in a cell, whatever the right is called.

    Attributes:
        group: The expert group.
        hours: The calendar in which it is reachable; None for always.
        immediate: Whether it is reached at once.
        allowance: What a request draws on; None for nothing.
        experts: Designated people.
        in_grace: Whether it goes on after the term.
    """

    group: str
    hours: str | None
    immediate: bool
    allowance: Allowance | None
    experts: tuple[str, ...]
    in_grace: bool


AccessOptions: TypeAlias = tuple[AccessOption, ...]


@final
@attrs.frozen(kw_only=True)
class AccessChange:
    """A cell and what two plans offer in it, in order of preference."""

    cell: PlanQuestion
    before: AccessOptions
    after: AccessOptions


@final
@attrs.frozen(kw_only=True)
class PlanTermChange:
    """A term of the whole plan that differs, by the name of the plan's field."""

    name: str
    before: object
    after: object


@final
@attrs.frozen(kw_only=True)
class PlanDiff:
    """What changes from one plan to another; both are empty if they promise the same.

    Attributes:
        cells: Every cell whose offers differ.
        terms: Every term that holds for all cells and differs.
    """

    cells: tuple[AccessChange, ...]
    terms: tuple[PlanTermChange, ...]


class PlanFindingKind(StrEnum):
    """What may be wrong with a plan; none of it makes a plan invalid."""

    GAP = "gap"
    OVERLAP = "overlap"
    UNREACHABLE_RIGHT = "unreachable_right"
    MASKED_RIGHT = "masked_right"
    UNUSED_ALLOWANCE = "unused_allowance"


def _plan_finding_kind(value: PlanFindingKind | str) -> PlanFindingKind:
    return enum_member(PlanFindingKind, value)


@final
@attrs.frozen(kw_only=True)
class PlanFinding:
    """Something to look at in a plan.

    Attributes:
        kind: What it is.
        plan: Id and version of the plan.
        about: What it is about: severity and channel of a gap, the rights or the allowance.
        message: The finding as a sentence without a full stop.
    """

    kind: PlanFindingKind = attrs.field(converter=_plan_finding_kind)
    plan: tuple[str, str]
    about: tuple[str, ...]
    message: str


_TERMS: Final = (
    "service", "policy", "general_group", "contact_limit", "concurrency", "charge",
)  # fmt: skip


def plan_diff(old: Plan, new: Plan) -> PlanDiff:
    """Return every cell, and every term of the whole plan, in which two plans differ.

    Calendars are compared by name and rights by what they give, not by what they are called.

    Raises:
        LimitExceededError: The plans have more than 100,000 cells.
    """
    changes = []
    for cell in _cells(old, new):
        before, after = access_options(old, cell), access_options(new, cell)
        if before != after:
            changes.append(AccessChange(cell=cell, before=before, after=after))
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in _TERMS]
    pairs.append(("grace", old.grace and old.grace.days, new.grace and new.grace.days))
    terms = [PlanTermChange(name=name, before=a, after=b) for name, a, b in pairs if a != b]
    return PlanDiff(cells=tuple(changes), terms=tuple(terms))


def access_options(plan: Plan, cell: PlanQuestion) -> AccessOptions:
    """Return what a plan offers in a cell, best first, up to the first that is always there."""
    return tuple(_offer(plan, right, cell) for right in _reachable(plan, cell))


def analyse_plan(plan: Plan, catalog: Catalog | None = None) -> tuple[PlanFinding, ...]:
    """Return what may be wrong with a plan.

    A gap is a severity by a channel that the plan takes and gives no right for. An unreachable
    right counts in no cell; a masked one counts only where its group is asked for by name. Two
    rights to one group overlap where a request may meet both.

    Args:
        plan: The plan.
        catalog: Where its calendars are; without it, rights that are never open are not found.
    """
    cells = list(_cells(plan, plan))
    found = [
        *_gaps(plan, cells),
        *_overlaps(plan, cells),
        *_hidden(plan, cells, catalog),
    ]
    used = {right.allowance for right in plan.rights}
    for allowance in plan.allowances:
        if allowance.id not in used:
            text = f"no right draws on allowance `{allowance.id}`"
            found.append(_finding(PlanFindingKind.UNUSED_ALLOWANCE, plan, [allowance.id], text))
    return tuple(found)


def _cells(old: Plan, new: Plan) -> Iterator[PlanQuestion]:
    rights = [*old.rights, *new.rights]
    conditions = sorted(set().union(*(right.conditions for right in rights)))
    subsets = chain.from_iterable(
        combinations(conditions, size) for size in range(len(conditions) + 1)
    )
    severities = dict.fromkeys((*old.severities, *new.severities))
    channels = sorted(old.channels | new.channels)
    products = [None, *sorted(set().union(*(right.products for right in rights)))]
    groups = [None, *sorted({right.group for right in rights})]
    count = len(severities) * len(channels) * len(products) * len(groups) << len(conditions)
    if count > MAX_QUESTIONS:
        raise LimitExceededError(f"plan `{new.id}` has {count} cells, more than {MAX_QUESTIONS}")
    for severity, channel, thing, group, declared in product(
        severities, channels, products, groups, subsets
    ):
        yield PlanQuestion(
            severity=severity,
            channel=channel,
            product=thing,
            group=group,
            conditions=frozenset(declared),
        )


def _applying(plan: Plan, cell: PlanQuestion) -> Iterator[AccessRight]:
    """Yield the rights that hold in a cell, in the plan's order."""
    taken = cell.severity in plan.severities and cell.severity not in plan.may_not_open
    if not taken or cell.channel not in plan.channels:
        return
    for right in plan.rights:
        if (
            (cell.group is None or cell.group == right.group)
            and (not right.severities or cell.severity in right.severities)
            and (not right.channels or cell.channel in right.channels)
            and (not right.products or cell.product in right.products)
            and right.conditions <= cell.conditions
        ):
            yield right


def _reachable(plan: Plan, cell: PlanQuestion) -> Iterator[AccessRight]:
    """Yield the applying rights, without those behind one that is there whenever they are."""
    before: list[tuple[str | None, bool]] = []
    for right in _applying(plan, cell):
        if any(lasting and hours in {None, right.hours} for hours, lasting in before):
            continue
        yield right
        kept = plan.grace is None or not plan.grace.rights or right.id in plan.grace.rights
        before.append((right.hours, kept and _allowance(plan, right, cell) is None))


def _allowance(plan: Plan, right: AccessRight, cell: PlanQuestion) -> Allowance | None:
    if right.allowance is None:
        return None
    allowance = plan.allowance(right.allowance)
    return allowance if allowance.applies_to(cell.severity, right.group) else None


def _offer(plan: Plan, right: AccessRight, cell: PlanQuestion) -> AccessOption:
    grace = plan.grace
    return AccessOption(
        group=right.group,
        hours=right.hours,
        immediate=right.immediate,
        allowance=_allowance(plan, right, cell),
        experts=right.experts,
        in_grace=grace is not None and (not grace.rights or right.id in grace.rights),
    )


def _gaps(plan: Plan, cells: Iterable[PlanQuestion]) -> Iterator[PlanFinding]:
    given = {(cell.severity, cell.channel) for cell in cells if any(_applying(plan, cell))}
    for severity in plan.severities:
        for channel in sorted(plan.channels):
            if severity not in plan.may_not_open and (severity, channel) not in given:
                text = f"no right is for severity `{severity}` by `{channel}`"
                yield _finding(PlanFindingKind.GAP, plan, [severity, channel], text)


def _overlaps(plan: Plan, cells: Iterable[PlanQuestion]) -> Iterator[PlanFinding]:
    pairs: dict[tuple[str, str], str] = {}
    for cell in cells:
        for one, other in combinations(_applying(plan, cell), 2):
            if one.group == other.group:
                pairs[one.id, other.id] = one.group
    for (one_id, other_id), group in sorted(pairs.items()):
        text = f"rights `{one_id}` and `{other_id}` are both to `{group}`, the first open counts"
        yield _finding(PlanFindingKind.OVERLAP, plan, [one_id, other_id], text)


def _hidden(
    plan: Plan, cells: Iterable[PlanQuestion], catalog: Catalog | None
) -> Iterator[PlanFinding]:
    chosen: dict[str, set[bool]] = {right.id: set() for right in plan.rights}
    for cell in cells:
        for right in _reachable(plan, cell):
            chosen[right.id].add(cell.group is None)
    for right in plan.rights:
        if not chosen[right.id] or _is_never_open(right, catalog):
            text = f"no request can ever use right `{right.id}`"
            yield _finding(PlanFindingKind.UNREACHABLE_RIGHT, plan, [right.id], text)
        elif True not in chosen[right.id]:
            text = f"right `{right.id}` counts only where `{right.group}` is asked for by name"
            yield _finding(PlanFindingKind.MASKED_RIGHT, plan, [right.id], text)


def _is_never_open(right: AccessRight, catalog: Catalog | None) -> bool:
    hours = None if catalog is None or right.hours is None else catalog.calendars.get(right.hours)
    if hours is None:
        return False
    first = to_micros(EARLIEST)
    return not hours.timeline.is_open(first) and hours.timeline.next_open(first) is None


def _finding(kind: PlanFindingKind, plan: Plan, about: Iterable[str], message: str) -> PlanFinding:
    return PlanFinding(kind=kind, plan=plan.key, about=tuple(about), message=message)
