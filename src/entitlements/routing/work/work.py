"""Work: one piece of work to be assigned, with requirement, rank and deadline.

Contract and severity are not part of it; they determine the rank and the deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

import attrs

from entitlements.kernel.converters import as_tuple, count, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.kernel.instants import from_micros_or_none, text_of, to_micros, utc
from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationRestart, RelaxationStart
from entitlements.routing.work.requirements import NO_REQUIREMENT, Requirement, set_class

_NOBODY: Final[frozenset[str]] = frozenset()
_NO_LISTS: Final[tuple[tuple[str, ...], ...]] = ()
# Looked up once, because an enumeration takes too long for every piece of work.
_OPENED: Final = RelaxationStart.OPENED
_NEVER: Final = RelaxationRestart.NEVER
# The work whose steps were computed last, and the result: routing asks several times in a row.
_last: tuple[Work | None, tuple[int, ...]] = (None, ())


def _preferred_lists(value: Iterable[str | Iterable[str]] | str) -> tuple[tuple[str, ...], ...]:
    if isinstance(value, str):
        value = (value,)
    lists = ((each,) if isinstance(each, str) else as_tuple(each) for each in as_tuple(value))
    return tuple(tuple(map(identifier, each)) for each in lists)


def _later(id: str, name: str, value: datetime | str, opened: datetime) -> datetime:
    instant = utc(value)
    if instant < opened:
        raise InvalidValueError(
            f"work `{id}` is {name} at `{text_of(instant)}`, before its opening at "
            f"`{text_of(opened)}`"
        )
    return instant


class _UnfrozenWork:
    """The slots of `Work`, for its construction; neither can have weak references."""

    __slots__ = (
        "declined",
        "demoted_agents",
        "due",
        "excluded_agents",
        "id",
        "opened",
        "preferred_agents",
        "rank",
        "relaxation",
        "requested",
        "requires",
        "routable",
        "steps_taken",
        "transferred",
    )


@final
@attrs.frozen(kw_only=True, init=False, weakref_slot=False)
class Work(_UnfrozenWork):
    """One piece of work.

    Attributes:
        id: Unique id, chosen by the caller.
        opened: The opening; the age of the work counts from here.
        requires: The requirement before relaxation.
        rank: Priority, 0 or more; smaller is served first.
        due: Deadline of the first response; None if none was promised.
        requested: When the customer asked for a person, if later than `opened`.
        routable: When the work could first be routed, if later than `opened`.
        declined: The last refusal that restarts relaxation; None for never.
        transferred: The last transfer; None for never.
        preferred_agents: Lists of agents to try first, in order; a bare id is a list of one.
        excluded_agents: Agents who cannot take the work, such as those who declined it.
        demoted_agents: Agents who get the work only if no other agent can take it.
        relaxation: How the requirement loosens over time; None for never.
        steps_taken: Number of steps of the plan that hold already, whatever the time is.

    >>> Work(id="R-1", opened="2026-03-02T09:00Z", preferred_agents=["ada", ["bob", "eve"]]
    ...     ).preferred_agents
    (('ada',), ('bob', 'eve'))
    """

    id: str
    opened: datetime
    requires: Requirement = NO_REQUIREMENT
    rank: int = 0
    due: datetime | None = None
    requested: datetime | None = None
    routable: datetime | None = None
    declined: datetime | None = None
    transferred: datetime | None = None
    preferred_agents: tuple[tuple[str, ...], ...] = ()
    excluded_agents: frozenset[str] = _NOBODY
    demoted_agents: frozenset[str] = _NOBODY
    relaxation: RelaxationPlan | None = None
    steps_taken: int = 0

    def __init__(
        self,
        *,
        id: str,
        opened: datetime | str,
        requires: Requirement = NO_REQUIREMENT,
        rank: int = 0,
        due: datetime | str | None = None,
        requested: datetime | str | None = None,
        routable: datetime | str | None = None,
        declined: datetime | str | None = None,
        transferred: datetime | str | None = None,
        preferred_agents: Iterable[str | Iterable[str]] | str = (),
        excluded_agents: Iterable[str] = _NOBODY,
        demoted_agents: Iterable[str] = _NOBODY,
        relaxation: RelaxationPlan | None = None,
        steps_taken: int = 0,
    ) -> None:
        # Work is built for every arrival. A frozen class is filled through a function call for each
        # field; under its base, which is not frozen, that takes a third of the time.
        set_class(self, _UnfrozenWork)
        new: Any = self
        new.id = identifier(id)
        new.opened = start = utc(opened)
        ours = type(requires) is Requirement
        new.requires = requires if ours else instance_of(Requirement, requires)
        new.rank = rank if rank == 0 and type(rank) is int else count(rank)
        new.due = None if due is None else utc(due)
        new.requested = None if requested is None else _later(id, "requested", requested, start)
        new.routable = None if routable is None else _later(id, "routable", routable, start)
        new.declined = None if declined is None else utc(declined)
        new.transferred = None if transferred is None else utc(transferred)
        lists, excluded, demoted = preferred_agents, excluded_agents, demoted_agents
        new.preferred_agents = () if lists is _NO_LISTS else _preferred_lists(lists)
        new.excluded_agents = _NOBODY if excluded is _NOBODY else identifier_set(excluded)
        new.demoted_agents = _NOBODY if demoted is _NOBODY else identifier_set(demoted)
        new.relaxation = relaxation
        new.steps_taken = count(steps_taken) if steps_taken else 0
        new.__class__ = Work

    def requirement_at(self, at: datetime) -> Requirement:
        """Return the requirement at `at`, after all relaxation so far."""
        return requirement_at(self, to_micros(at))

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant strictly after `at` at which the requirement changes, or None."""
        moment = to_micros(at)
        return from_micros_or_none(next((x for x in step_starts(self) if x > moment), None))


def step_starts(work: Work) -> tuple[int, ...]:
    """Return the microsecond from which each step of the plan of `work` applies."""
    global _last  # noqa: PLW0603 - see there
    plan = work.relaxation
    if plan is None:
        return ()
    known, found = _last
    if known is not work:
        found = plan.step_starts(relaxation_start(work, plan), work.steps_taken)
        # One tuple, so that threads cannot mix two; it holds the work, so no other is the same.
        _last = (work, found)
    return found


def relaxed_requirement(work: Work, steps: int) -> Requirement:
    """Return the requirement of `work` after the first `steps` steps of its plan."""
    plan = work.relaxation
    return work.requires if plan is None else plan.relaxed(work.requires, steps)


def requirement_at(work: Work, at: int) -> Requirement:
    """Return the requirement of `work` at the microsecond `at`."""
    steps = 0
    for start in step_starts(work):
        if start > at:
            break
        steps += 1
    return relaxed_requirement(work, steps) if steps else work.requires


def remaining_requirements(work: Work, at: int) -> list[tuple[int, Requirement]]:
    """Return the requirement at `at` and all later ones, each with the microsecond of its start."""
    found = [(at, requirement_at(work, at))]
    for steps, start in enumerate(step_starts(work), start=1):
        if start > at:
            found.append((start, relaxed_requirement(work, steps)))
    return found


def relaxation_start(work: Work, plan: RelaxationPlan) -> int:
    """Return the microsecond from which `plan` counts for `work`."""
    return to_micros(
        max(waiting_since(work, plan.since), last_restart(work, plan.restart) or work.opened)
    )


def waiting_since(work: Work, since: RelaxationStart) -> datetime:
    """Return the instant from which the work counts as waiting."""
    if since is _OPENED:
        return work.opened
    later = work.requested if since is RelaxationStart.REQUESTED else work.routable
    return later or work.opened


def last_restart(work: Work, restart: RelaxationRestart) -> datetime | None:
    """Return the instant at which the plan of the work was restarted last, or None."""
    if restart is _NEVER:
        return None
    return work.declined if restart is RelaxationRestart.DECLINE else work.transferred
