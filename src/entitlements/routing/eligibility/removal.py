"""Removal of agents: what happens to the work assigned to an agent who leaves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import Schedules, check


class Removal(TextEnum):
    """What happens to assigned work: no removal, back to the queue, or over to another agent."""

    REFUSE = "refuse"
    REQUEUE = "requeue"
    HAND_TO = "hand_to"


def removal_policy(policy: Removal | str, agent: str, to: str | None) -> Removal:
    """Return `policy` as a member, checked against the successor `to`.

    Raises:
        InvalidValueError: there is no such policy; or `to` is missing with `hand_to`, is given with
            another policy, or is the leaving agent.
    """
    chosen = enum_member(Removal, policy)
    if (to is not None) is not (chosen is Removal.HAND_TO) or to == agent:
        raise InvalidValueError(
            f"agent `{agent}` cannot be removed with policy `{chosen}` and successor `{to}`",
            hint="name another agent with `hand_to`, and no agent otherwise",
        )
    return chosen


def removal_micros(policy: Removal, at: datetime | None) -> int:
    """Return the microsecond of a removal; `at` may be missing where no work is handed over.

    Raises:
        InvalidValueError: `at` is naive, or missing with `hand_to`.
    """
    if at is None:
        if policy is Removal.HAND_TO:
            raise InvalidValueError("`hand_to` needs the instant of the removal", hint="pass `at`")
        return START_OF_TIME
    return to_micros(at)


def check_removal(agent: str, held: Collection[str], policy: Removal) -> None:
    """Raise `ConflictError` if the agent has assigned work and the policy is `refuse`."""
    if held and policy is Removal.REFUSE:
        raise ConflictError(
            f"agent `{agent}` has assigned work",
            field="held",
            hint="complete it first, or use the policy `requeue` or `hand_to`",
        )


def hand_over(
    giver: AgentState, state: AgentState, at: int, assignment_count: int, schedules: Schedules
) -> None:
    """Assign the work of `giver`, in order of its ids, to the agent of `state`, which changes.

    `assignment_count` is the number of assignments of the roster before the first of these.

    Raises:
        ConflictError: the agent is not eligible for a piece after the pieces before it.
        TooEarlyError: `at` is before the assignment of a piece.
    """
    for number, work in enumerate(sorted(giver.held), start=assignment_count + 1):
        requires, excluded = giver.held[work][0], giver.excluded.get(work)
        giver.check_later(work, at)
        check(work, state, requires, at, excluded or (), schedules, None)
        state.assign(work, requires, at, number)
        if excluded:
            state.exclude(work, excluded)
