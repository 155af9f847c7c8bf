"""What is to be done? One piece of work that waits for somebody.

Work says what it takes, how it ranks and by when somebody should have it. It knows no contract and
no severity: those have become a rank and a deadline before it got here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import as_tuple, count, utc_or_none
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import from_micros, to_micros, utc
from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationRestart, RelaxationStart
from entitlements.routing.work.requirements import NO_REQUIREMENT, Requirement


def _affinity(value: Iterable[str | Iterable[str]] | str) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, str):
        value = (value,)
    lists = ((each,) if isinstance(each, str) else as_tuple(each) for each in as_tuple(value))
    return tuple(tuple(map(identifier, each)) for each in lists)


@final
@attrs.frozen(kw_only=True)
class Work:
    """One piece of work.

    Attributes:
        id: Names the work; chosen by the caller.
        opened: When it came into being; its age counts from here.
        requires: What it takes.
        rank: Rank of the promise behind it; smaller is served first.
        due: When somebody should have answered; None if nothing was promised.
        requested: When the customer asked for a person, if later than `opened`.
        routable: When it could first be routed, if later than `opened`.
        declined: When it was last declined, if ever.
        transferred: When it was last handed over, if ever.
        preferred_agents: Lists of agents to try first, in order; a lone name is a list of one.
        excluded_agents: Agents who must not get it, such as those who declined it.
        relaxation: What to settle for while it waits.

    >>> Work(id="R-1", opened="2026-03-02T09:00Z", preferred_agents=["ada", ["bob", "eve"]]
    ...     ).preferred_agents
    (('ada',), ('bob', 'eve'))
    """

    id: str = attrs.field(converter=identifier)
    opened: datetime = attrs.field(converter=utc)
    requires: Requirement = NO_REQUIREMENT
    rank: int = attrs.field(default=0, converter=count)
    due: datetime | None = attrs.field(default=None, converter=utc_or_none)
    requested: datetime | None = attrs.field(default=None, converter=utc_or_none)
    routable: datetime | None = attrs.field(default=None, converter=utc_or_none)
    declined: datetime | None = attrs.field(default=None, converter=utc_or_none)
    transferred: datetime | None = attrs.field(default=None, converter=utc_or_none)
    preferred_agents: tuple[tuple[str, ...], ...] = attrs.field(default=(), converter=_affinity)
    excluded_agents: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    relaxation: RelaxationPlan | None = None

    def requirement_at(self, at: datetime) -> Requirement:
        """Return what the work takes at `at`, after all relaxation so far."""
        return requirement_at(self, to_micros(at))

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return when the requirement loosens next, strictly after `at`; None if never again."""
        moment = to_micros(at)
        later = [start for start, _ in requirements_over_time(self) if start > moment]
        return from_micros(later[0]) if later else None


def requirements_over_time(work: Work) -> tuple[tuple[int, Requirement], ...]:
    """Return the later requirements of `work` with the microsecond each takes effect."""
    plan = work.relaxation
    return (
        ()
        if plan is None
        else plan.requirements_over_time(work.requires, relaxation_start(work, plan))
    )


def requirement_at(work: Work, at: int) -> Requirement:
    """Return what `work` takes at the microsecond `at`."""
    current = work.requires
    if work.relaxation is not None:
        for start, requirement in requirements_over_time(work):
            if start > at:
                break
            current = requirement
    return current


def relaxation_start(work: Work, plan: RelaxationPlan) -> int:
    """Return the microsecond from which `plan` counts for `work`."""
    return to_micros(max(_base(work, plan.since), _again(work, plan.restart) or work.opened))


def _base(work: Work, since: RelaxationStart) -> datetime:
    match since:
        case RelaxationStart.OPENED:
            return work.opened
        case RelaxationStart.REQUESTED:
            return work.requested or work.opened
        case RelaxationStart.ROUTABLE:
            return work.routable or work.opened


def _again(work: Work, restart: RelaxationRestart) -> datetime | None:
    match restart:
        case RelaxationRestart.NEVER:
            return None
        case RelaxationRestart.DECLINE:
            return work.declined
        case RelaxationRestart.TRANSFER:
            return work.transferred
