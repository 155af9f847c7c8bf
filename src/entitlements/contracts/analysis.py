"""Plan analysis: gaps, rights that are never used, and differences between two plans.

The kinds of requests are finite: severity, channel, product, requested group, declared conditions,
roles of the person, kind,
language.
For each such question a plan has an ordered list of access options, cut where the next one can
never be reached. Two plans promise the same exactly if they have equal options for all questions,
so plans are compared by asking all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, product
from typing import Final, TypeAlias, final

import attrs

from entitlements.calendars.timeline.known_range import KnownRangeTimeline
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plan_terms.quantity_steps import falling_steps
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import LimitExceededError, NotCoveredError
from entitlements.kernel.instants import EARLIEST, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum

MAX_QUESTIONS: Final = 100_000


@final
@attrs.frozen(kw_only=True)
class PlanQuestion:
    """One kind of request, for which a plan has access options.

    Attributes:
        severity: The severity; None in plans without severities.
        channel: The channel.
        product: A product that a right names; None for all other products.
        group: The requested group; None for any.
        conditions: The declared conditions, among those that rights require.
        roles: The roles of the person, among those on which the plan depends.
        kind: The kind of the request; None for one that states none.
        language: The language of the request, among those of rights; None for all others.
    """

    severity: str | None
    channel: str
    product: str | None
    group: str | None
    conditions: frozenset[str]
    roles: frozenset[str] = frozenset()
    kind: str | None = None
    language: str | None = None


@final
@attrs.frozen(kw_only=True)
class AccessOption:
    """What one right gives for a question, without the id of the right.

    Attributes:
        group: The expert group.
        hours: The calendar in which it is reachable; None for always.
        immediate: Whether it is reached at once.
        allowance: The allowance from which a request takes units; None for none.
        experts: Designated experts.
        in_grace: Whether it still holds in the grace period.
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
    """A question for which two plans have different options.

    Attributes:
        question: The question.
        before: The options of the old plan, in order of preference.
        after: The options of the new plan.
    """

    question: PlanQuestion
    before: AccessOptions
    after: AccessOptions


@final
@attrs.frozen(kw_only=True)
class PlanTermChange:
    """A term of the whole plan that differs.

    Attributes:
        name: The field of the plan.
        before: Its value in the old plan.
        after: Its value in the new plan.
    """

    name: str
    before: object
    after: object


@final
@attrs.frozen(kw_only=True)
class PlanDiff:
    """What changes from one plan to another; both tuples are empty if they promise the same.

    Attributes:
        access: Every question for which the options differ.
        terms: Every term of the whole plan that differs.
    """

    access: tuple[AccessChange, ...]
    terms: tuple[PlanTermChange, ...]


class PlanFindingKind(TextEnum):
    """The kind of a finding about a plan; the plan is valid nevertheless."""

    GAP = "gap"
    OVERLAP = "overlap"
    UNREACHABLE_RIGHT = "unreachable_right"
    MASKED_RIGHT = "masked_right"
    UNUSED_ALLOWANCE = "unused_allowance"
    FALLING_STEP = "falling_step"


def _plan_finding_kind(value: PlanFindingKind | str) -> PlanFindingKind:
    return enum_member(PlanFindingKind, value)


@final
@attrs.frozen(kw_only=True)
class PlanFinding:
    """Something in a plan that may be a mistake.

    Attributes:
        kind: The kind of the finding.
        plan: Id and version of the plan.
        about: The severity, if the plan has any, and channel of a gap, or the ids of the rights or
            of the allowance; empty for steps that fall.
        message: The finding as a sentence without a full stop.
    """

    kind: PlanFindingKind = attrs.field(converter=_plan_finding_kind)
    plan: tuple[str, str]
    about: tuple[str, ...]
    message: str


_TERMS: Final = (
    "service", "requires_plan", "suspended_by", "policy", "general_group", "contact_limit",
    "unlimited_roles", "concurrency", "charge", "quantity_steps", "lead_time", "commercial",
    "priority_matrix",
)  # fmt: skip


def plan_diff(old: Plan, new: Plan) -> PlanDiff:
    """Return every question, and every term of the whole plan, in which two plans differ.

    Calendars are compared by name, and rights by what they give, not by their ids.

    >>> old = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[])
    >>> new = Plan(id="gold", version="2", policy="gold", severities=["S1"], channels=["web"],
    ...            rights=[AccessRight(id="queue", group="desk")], concurrency=3)
    >>> diff = plan_diff(old, new)
    >>> [each.group for each in diff.access[0].after], diff.terms[0].name
    (['desk'], 'concurrency')

    Raises:
        LimitExceededError: The plans have more than 100,000 questions.
    """
    instance_of(Plan, old)
    instance_of(Plan, new)
    changes = []
    for question in _questions(old, new):
        before, after = access_options(old, question), access_options(new, question)
        if before != after:
            changes.append(AccessChange(question=question, before=before, after=after))
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in _TERMS]
    pairs.append(("grace", old.grace and old.grace.days, new.grace and new.grace.days))
    terms = [PlanTermChange(name=name, before=a, after=b) for name, a, b in pairs if a != b]
    return PlanDiff(access=tuple(changes), terms=tuple(terms))


def access_options(plan: Plan, question: PlanQuestion) -> AccessOptions:
    """Return the options of a plan for a question, best first, up to one that is always open."""
    return tuple(_option(plan, right, question) for right in _reachable(plan, question))


def analyse_plan(plan: Plan, catalog: Catalog | None = None) -> tuple[PlanFinding, ...]:
    """Return what may be a mistake in a plan.

    A gap is an accepted severity and channel without any right. An unreachable right is never used;
    a masked one is used only if its group is requested by name. Two rights to one group overlap if
    one request may use both.

    Args:
        plan: The plan.
        catalog: The catalog with its calendars; without it, rights that are never open are not
            found.

    >>> plan = Plan(id="gold", policy="gold", severities=["S1"], channels=["web"], rights=[])
    >>> [finding.message for finding in analyse_plan(plan)]
    ['no right is for severity `S1` by `web`']

    Raises:
        LimitExceededError: The plan has more than 100,000 questions.
    """
    instance_of(Plan, plan)
    if catalog is not None:
        instance_of(Catalog, catalog)
    questions = list(_questions(plan, plan))
    found = [
        *_gaps(plan, questions),
        *_overlaps(plan, questions),
        *_hidden(plan, questions, catalog),
    ]
    used = {right.allowance for right in plan.rights}
    for allowance in plan.allowances:
        if allowance.id not in used:
            text = f"no right uses allowance `{allowance.id}`"
            found.append(_finding(PlanFindingKind.UNUSED_ALLOWANCE, plan, [allowance.id], text))
    falling = falling_steps(plan.quantity_steps, plan.numbers)
    found += [_finding(PlanFindingKind.FALLING_STEP, plan, (), text) for text in falling]
    return tuple(found)


def _questions(old: Plan, new: Plan) -> Iterator[PlanQuestion]:
    rights = [*old.rights, *new.rights]
    conditions = sorted(set().union(*(right.conditions for right in rights)))
    roles = sorted(old.roles | new.roles)
    kinds = [None, *sorted(old.kinds | new.kinds)]
    languages = [None, *sorted(set().union(*(right.languages for right in rights)))]
    severities = dict.fromkeys((*old.severities, *new.severities)) or old.scale
    channels = sorted(old.channels | new.channels)
    products = [None, *sorted(set().union(*(right.products for right in rights)))]
    groups = [None, *sorted({right.group for right in rights})]
    count = len(severities) * len(channels) * len(products) * len(groups)
    count *= len(kinds) * len(languages)
    count <<= len(conditions) + len(roles)
    if count > MAX_QUESTIONS:
        raise LimitExceededError(
            f"plan `{new.id}` has {count} questions, more than {MAX_QUESTIONS}"
        )
    parts = (severities, channels, products, groups, kinds, languages)
    for declared, own, (severity, channel, thing, group, kind, language) in product(
        [*_subsets(conditions)], [*_subsets(roles)], [*product(*parts)]
    ):
        yield PlanQuestion(
            severity=severity,
            channel=channel,
            product=thing,
            group=group,
            conditions=declared,
            roles=own,
            kind=kind,
            language=language,
        )


def _subsets(names: Sequence[str]) -> Iterator[frozenset[str]]:
    sizes = range(len(names) + 1)
    yield from map(frozenset, chain.from_iterable(combinations(names, size) for size in sizes))


def _applying(plan: Plan, question: PlanQuestion) -> Iterator[AccessRight]:
    """Yield the rights that hold for a question, in the order of the plan."""
    known = not plan.severities or question.severity in plan.severities
    taken = known and question.severity not in plan.may_not_open
    opened_by = plan.opened_by.get(question.severity) if question.severity else None
    if opened_by is not None and opened_by.isdisjoint(question.roles):
        return
    if not taken or question.channel not in plan.channels:
        return
    if plan.kinds and question.kind not in plan.kinds:
        return
    for right in plan.rights:
        if (
            question.group in ({right.group} if right.only_when_named else {None, right.group})
            and (not right.severities or question.severity in right.severities)
            and (not right.channels or question.channel in right.channels)
            and (not right.products or question.product in right.products)
            and right.conditions <= question.conditions
            and (not right.kinds or question.kind in right.kinds)
            and (not right.languages or question.language in right.languages)
            and (not right.roles or not right.roles.isdisjoint(question.roles))
        ):
            yield right


def _reachable(plan: Plan, question: PlanQuestion) -> Iterator[AccessRight]:
    """Yield the rights that hold, without those after one that is available whenever they are."""
    before: list[tuple[str | None, bool]] = []
    for right in _applying(plan, question):
        if any(always and hours in {None, right.hours} for hours, always in before):
            continue
        yield right
        kept = plan.grace is None or not plan.grace.rights or right.id in plan.grace.rights
        before.append((right.hours, kept and _allowance(plan, right, question) is None))


def _allowance(plan: Plan, right: AccessRight, question: PlanQuestion) -> Allowance | None:
    if right.allowance is None:
        return None
    allowance = plan.allowance(right.allowance)
    return allowance if allowance.applies_to(question.severity, right.group) else None


def _option(plan: Plan, right: AccessRight, question: PlanQuestion) -> AccessOption:
    grace = plan.grace
    return AccessOption(
        group=right.group,
        hours=right.hours,
        immediate=right.immediate,
        allowance=_allowance(plan, right, question),
        experts=right.experts,
        in_grace=grace is not None and (not grace.rights or right.id in grace.rights),
    )


def _gaps(plan: Plan, questions: Iterable[PlanQuestion]) -> Iterator[PlanFinding]:
    given = {
        (question.severity, question.channel)
        for question in questions
        if any(_applying(plan, question))
    }
    for severity in plan.scale:
        for channel in sorted(plan.channels):
            if severity not in plan.may_not_open and (severity, channel) not in given:
                case = "requests" if severity is None else f"severity `{severity}`"
                about = [channel] if severity is None else [severity, channel]
                text = f"no right is for {case} by `{channel}`"
                yield _finding(PlanFindingKind.GAP, plan, about, text)


def _overlaps(plan: Plan, questions: Iterable[PlanQuestion]) -> Iterator[PlanFinding]:
    pairs: dict[tuple[str, str], str] = {}
    for question in questions:
        for one, other in combinations(_applying(plan, question), 2):
            if one.group == other.group:
                pairs[one.id, other.id] = one.group
    for (one_id, other_id), group in sorted(pairs.items()):
        text = (
            f"rights `{one_id}` and `{other_id}` are both to `{group}`, the first open one is used"
        )
        yield _finding(PlanFindingKind.OVERLAP, plan, [one_id, other_id], text)


def _hidden(
    plan: Plan, questions: Iterable[PlanQuestion], catalog: Catalog | None
) -> Iterator[PlanFinding]:
    chosen: dict[str, set[bool]] = {right.id: set() for right in plan.rights}
    for question in questions:
        for right in _reachable(plan, question):
            chosen[right.id].add(question.group is None)
    for right in plan.rights:
        if not chosen[right.id] or _is_never_open(right, catalog):
            text = f"no request can use right `{right.id}`"
            yield _finding(PlanFindingKind.UNREACHABLE_RIGHT, plan, [right.id], text)
        elif True not in chosen[right.id] and not right.only_when_named:
            text = f"right `{right.id}` is used only if `{right.group}` is requested by name"
            yield _finding(PlanFindingKind.MASKED_RIGHT, plan, [right.id], text)


def _is_never_open(right: AccessRight, catalog: Catalog | None) -> bool:
    hours = None if catalog is None or right.hours is None else catalog.calendars.get(right.hours)
    if hours is None:
        return False
    timeline, first = hours.timeline, to_micros(EARLIEST)
    if isinstance(timeline, KnownRangeTimeline):
        first = timeline.known_from
    try:
        return not timeline.is_open(first) and timeline.next_open(first) is None
    except NotCoveredError:  # as far as the holidays are known, it never opens
        return True


def _finding(kind: PlanFindingKind, plan: Plan, about: Iterable[str], message: str) -> PlanFinding:
    return PlanFinding(kind=kind, plan=plan.key, about=tuple(about), message=message)
