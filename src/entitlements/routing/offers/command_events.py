"""Commands on offered work: the events that each command causes.

`events_of_command` decides, and `apply_event` of `work_state` changes the state. A fence that is no
longer valid, an offer that has expired, and a command that is dated before the offers or the
action which it follows are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, final

from entitlements.kernel.errors import ConflictError, TooEarlyError, TransitionError
from entitlements.kernel.instants import instant_of, text_of
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    AssigneeActionKind,
    Cancel,
    Decline,
    Enqueue,
    Offer,
    Park,
    ProcessTimeouts,
    Rescind,
    TransitionKind,
    WorkCommand,
    WorkEvent,
    WorkStatus,
)
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import (
    HEARTBEAT_STATUSES,
    OfferLease,
    WorkState,
    apply_event,
)

_KIND_OF_ACTION: Final = {
    AssigneeActionKind.START: TransitionKind.STARTED,
    AssigneeActionKind.PAUSE: TransitionKind.PAUSED,
    AssigneeActionKind.RESUME: TransitionKind.RESUMED,
    AssigneeActionKind.HEARTBEAT: TransitionKind.HEARTBEAT,
    AssigneeActionKind.FINISH: TransitionKind.FINISHED,
    AssigneeActionKind.CLOSE: TransitionKind.CLOSED,
    AssigneeActionKind.RELEASE: TransitionKind.RELEASED,
    AssigneeActionKind.TRANSFER: TransitionKind.TRANSFERRED,
}


def events_of_command(
    state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy | None = None
) -> tuple[WorkEvent, ...]:
    """Return the events that `command` causes at `at`, without applying them.

    A command that was executed before causes no events.

    >>> from entitlements.kernel.instants import utc
    >>> events = events_of_command(WorkState(work="R-1"), Enqueue("c-1"), utc("2026-03-02T09:00Z"))
    >>> [str(each.kind) for each in events]
    ['queued']

    Raises:
        TransitionError: the command is not possible in this status, or the offer has expired.
        TooEarlyError: the command is dated before an offer that it ends, or before the last action
            of the assignee.
        ConflictError: the fence is no longer valid, or the id belongs to another command.
    """
    return apply_command(state, command, at, policy)[1]


def apply_command(
    state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy | None = None
) -> tuple[WorkState, tuple[WorkEvent, ...]]:
    """Return the state after `command` and its events; raises as `events_of_command` does."""
    moment, terms = instant_of(at), policy or OfferPolicy()
    if (
        not isinstance(command, ProcessTimeouts)
        and (before := state.executed_commands.get(command.id)) is not None
    ):
        if before != command:
            raise ConflictError(f"id `{command.id}` belongs to another command", field="id")
        return state, ()
    events = _CommandEvents(state, command, moment, terms).events()
    for event in events:
        state = apply_event(state, event)
    return state, events


@final
class _CommandEvents:
    """The events of one command on one state at one instant."""

    __slots__ = ("at", "command", "policy", "state")

    def __init__(
        self, state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy
    ) -> None:
        self.state = state
        self.command = command
        self.at = at
        self.policy = policy

    def events(self) -> tuple[WorkEvent, ...]:  # noqa: PLR0911 - one case for each command
        """Return the events in the order in which they apply."""
        match self.command:
            case Enqueue():
                return (self._event(TransitionKind.QUEUED),)
            case Park():
                return (self._event(TransitionKind.PARKED),)
            case Offer(agents=agents):
                return self._offered(agents)
            case Accept(agent=agent, fence=fence):
                return self._accepted(agent, fence)
            case Decline(agent=agent, fence=fence, reason=reason):
                return self._declined(agent, fence, reason)
            case Rescind(agent=agent):
                leases = self._open_leases(agent)
                self._check_later(leases)
                return tuple(self._ended(TransitionKind.RESCINDED, each) for each in leases)
            case AssigneeAction(action=action, fence=fence):
                return self._acted(action, fence)
            case Cancel():
                return self._cancelled()
            case ProcessTimeouts():
                return self._timed_out()

    def _event(self, kind: TransitionKind, **more: Any) -> WorkEvent:
        return WorkEvent(work=self.state.work, kind=kind, at=self.at, command=self.command, **more)

    def _ended(self, kind: TransitionKind, lease: OfferLease, **more: Any) -> WorkEvent:
        return self._event(kind, agent=lease.agent, fence=lease.fence, **more)

    def _offered(self, agents: tuple[str, ...]) -> tuple[WorkEvent, ...]:
        state, until = self.state, self.at + self.policy.lease
        for lease in state.leases:
            if lease.agent in agents:
                raise TransitionError(f"work `{state.work}` is already offered to `{lease.agent}`")
        return tuple(
            self._event(TransitionKind.OFFERED, agent=agent, fence=state.fence + n, until=until)
            for n, agent in enumerate(agents, start=1)
        )

    def _accepted(self, agent: str, fence: int) -> tuple[WorkEvent, ...]:
        lease = self._lease(agent, fence)
        others = [
            self._ended(TransitionKind.RESCINDED, each)
            for each in self.state.leases
            if each != lease
        ]
        self._check_later(self.state.leases)
        return (*others, self._ended(TransitionKind.ACCEPTED, lease))

    def _declined(self, agent: str, fence: int, reason: str) -> tuple[WorkEvent, ...]:
        lease = self._lease(agent, fence)
        self._check_later([lease])
        declined = self._ended(
            TransitionKind.DECLINED, lease, reason=reason, **self._refusal_terms()
        )
        return (declined, *self._parked_after([declined]))

    def _acted(self, action: AssigneeActionKind, fence: int) -> tuple[WorkEvent, ...]:
        state, policy = self.state, self.policy
        if fence != state.assignee_fence:
            raise ConflictError(
                f"fence {fence} of work `{state.work}` is not the fence of the assignee",
                field="fence",
                hint=f"the last fence is {state.fence}",
            )
        self._check_later()
        assignee: dict[str, Any] = {"agent": state.assignee, "fence": fence}
        if action is AssigneeActionKind.FINISH:
            until = self.at + policy.wrap_up
            finished = self._event(TransitionKind.FINISHED, until=until, **assignee)
            if policy.wrap_up:
                return (finished,)
            return (finished, self._event(TransitionKind.CLOSED, **assignee))
        if action in {AssigneeActionKind.RELEASE, AssigneeActionKind.TRANSFER}:
            assignee["age_kept"] = policy.keep_age
        return (self._event(_KIND_OF_ACTION[action], **assignee),)

    def _cancelled(self) -> tuple[WorkEvent, ...]:
        state = self.state
        self._check_later(state.leases)
        rescinded = [self._ended(TransitionKind.RESCINDED, each) for each in state.leases]
        cancelled = self._event(
            TransitionKind.CANCELLED, agent=state.assignee, fence=state.assignee_fence
        )
        return (*rescinded, cancelled)

    def _timed_out(self) -> tuple[WorkEvent, ...]:
        policy = self.policy
        terms = self._refusal_terms() if policy.expiry_declines else {"age_kept": policy.keep_age}
        expired = [
            self._ended(TransitionKind.EXPIRED, each, **terms)
            for each in self.state.leases
            if each.until <= self.at
        ]
        parked = self._parked_after(expired) or self._waited_too_long(expired)
        return (*expired, *parked, *self._assignee_timed_out())

    def _waited_too_long(self, expired: list[WorkEvent]) -> tuple[WorkEvent, ...]:
        """Return the event that parks work without an open offer after the longest wait."""
        state = self.state
        end = state.wait_ends_at(self.policy)
        waits = state.status is WorkStatus.QUEUED or (
            state.status is WorkStatus.OFFERED and len(expired) == len(state.leases)
        )
        return (self._event(TransitionKind.PARKED),) if waits and end and end <= self.at else ()

    def _assignee_timed_out(self) -> tuple[WorkEvent, ...]:
        """Return the end of wrap-up, or the return of work whose assignee is silent."""
        state, policy = self.state, self.policy
        assignee = {"agent": state.assignee, "fence": state.assignee_fence}
        if (
            state.status is WorkStatus.WRAPPING
            and state.wrap_until is not None
            and state.wrap_until <= self.at
        ):
            return (self._event(TransitionKind.CLOSED, **assignee),)
        silent = (
            policy.silence is not None
            and state.status in HEARTBEAT_STATUSES
            and state.heartbeat_at is not None
            and state.heartbeat_at + policy.silence <= self.at
        )
        if not silent:
            return ()
        return (self._event(TransitionKind.RETURNED, age_kept=policy.keep_age, **assignee),)

    def _open_leases(self, agent: str | None) -> tuple[OfferLease, ...]:
        """Return the open offers, or the one to `agent`."""
        state = self.state
        found = tuple(each for each in state.leases if agent in {None, each.agent})
        if not found:
            to = "" if agent is None else f" to `{agent}`"
            raise TransitionError(f"work `{state.work}` is {state.status}, not offered{to}")
        return found

    def _lease(self, agent: str, fence: int) -> OfferLease:
        state = self.state
        for lease in state.leases:
            if lease.fence == fence and lease.agent == agent:
                if lease.until <= self.at:
                    raise TransitionError(
                        f"the offer of work `{state.work}` to `{agent}` expired at "
                        f"`{text_of(lease.until)}`"
                    )
                return lease
        raise ConflictError(
            f"work `{state.work}` has no open offer to `{agent}` with fence {fence}",
            field="fence",
            hint=f"the last fence is {state.fence}",
        )

    def _check_later(self, leases: Iterable[OfferLease] = ()) -> None:
        """Refuse a command before one of these offers, or before the last action of the assignee.

        Raises:
            TooEarlyError: the command is dated before it.
        """
        state, at = self.state, self.at
        for lease in leases:
            if at < lease.offered_at:
                raise TooEarlyError(
                    f"at `{text_of(at)}` work `{state.work}` was not yet offered to "
                    f"`{lease.agent}`",
                    hint=f"date it from `{text_of(lease.offered_at)}` on, when the offer was made",
                )
        if state.assignee_fence and state.heartbeat_at is not None and at < state.heartbeat_at:
            raise TooEarlyError(
                f"`{text_of(at)}` is before the last action of `{state.assignee}` on work "
                f"`{state.work}`",
                hint=f"date it from `{text_of(state.heartbeat_at)}` on, when that was",
            )

    def _refusal_terms(self) -> dict[str, bool]:
        policy = self.policy
        return {
            "age_kept": policy.keep_age,
            "counts": True,
            "restarts": policy.restart_relaxation,
        }

    def _parked_after(self, refused: list[WorkEvent]) -> tuple[WorkEvent, ...]:
        """Return the event that parks work after the last allowed refusal, with no open offer."""
        state, policy = self.state, self.policy
        refusals = state.refusal_count + sum(each.counts for each in refused)
        at_limit = policy.declines is not None and refusals >= policy.declines
        all_ended = len(refused) == len(state.leases)
        return (self._event(TransitionKind.PARKED),) if refused and at_limit and all_ended else ()
