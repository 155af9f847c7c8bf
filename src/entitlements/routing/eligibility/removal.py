"""Removal of agents: what becomes of the work that a leaving agent has in hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import ConflictError, InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, to_micros
from entitlements.routing.agents.agent_state import AgentState
from entitlements.routing.eligibility.eligibility import Schedules, check
from entitlements.routing.work.requirements import Requirement


class Removal(StrEnum):
    """What becomes of the work that a leaving agent has in hand."""

    REFUSE = "refuse"
    REQUEUE = "requeue"
    HAND_TO = "hand_to"


def removal(policy: Removal | str, agent: str, to: str | None) -> Removal:
    """Return `policy` if it goes with `to`.

    Raises:
        InvalidValueError: it is no policy; or it names a successor without handing work over, or
            hands work over without naming another agent as the successor.
    """
    chosen = enum_member(Removal, policy)
    if (to is not None) is not (chosen is Removal.HAND_TO) or to == agent:
        raise InvalidValueError(
            f"agent `{agent}` is removed with the policy `{chosen}` and the successor `{to}`",
            hint="name another agent with `hand_to`, and nobody otherwise",
        )
    return chosen


def removed_at(policy: Removal, at: datetime | None) -> int:
    """Return the microsecond of a removal; raise `InvalidValueError` if it is missing or naive."""
    if at is None:
        if policy is Removal.HAND_TO:
            raise InvalidValueError("work is handed over at no instant", hint="say `at`")
        return START_OF_TIME
    return to_micros(at)


def check_removal(agent: str, held: Collection[str], policy: Removal) -> None:
    """Raise `ConflictError` if an agent with work in hand must not be removed."""
    if held and policy is Removal.REFUSE:
        raise ConflictError(
            f"agent `{agent}` has work in hand",
            field="held",
            hint="give it back first, or say `requeue` or `hand_to`",
        )


def hand_over(
    held: Iterable[tuple[str, Requirement]],
    seat: AgentState,
    at: int,
    turns: int,
    schedules: Schedules,
) -> None:
    """Let the agent of `seat` take all that was held by another, as assignments after `turns`.

    Raises:
        ConflictError: they are not eligible for some of it, after taking what comes before.
    """
    for turn, (work, requires) in enumerate(held, start=turns + 1):
        check(work, seat, requires, at, (), schedules, None)
        seat.assign(work, requires, at, turn)
