"""How does work change hands? The life of one piece of work, from queue to done.

A pure state machine: `decide` says which events a command causes, `evolve` what an event makes of
the state, `reserve` what it means for the agents' capacity. Work is offered for a time (a lease);
every grant raises the fence, and whoever comes with an older fence, or too late, is refused. An
offer takes capacity when it is made, not when it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.kernel.converters import count, utc_or_none
from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.routing.agents.workload import Grant
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
    Accept,
    AssigneeAction,
    AssigneeActionKind,
    Cancel,
    Decline,
    Enqueue,
    Offer,
    OfferPolicy,
    Park,
    ProcessTimeouts,
    Rescind,
    TransitionKind,
    WorkCommand,
    WorkEvent,
    WorkStatus,
    as_phase,
)
from entitlements.routing.work.work import Work

EventFactory: TypeAlias = Callable[..., WorkEvent]

_TARGETS: Final = {(row.source, row.deed): row.target for row in TRANSITIONS}
_DEEDS: Final = {
    AssigneeActionKind.START: TransitionKind.STARTED,
    AssigneeActionKind.PAUSE: TransitionKind.PAUSED,
    AssigneeActionKind.RESUME: TransitionKind.RESUMED,
    AssigneeActionKind.HEAR: TransitionKind.HEARD,
    AssigneeActionKind.FINISH: TransitionKind.FINISHED,
    AssigneeActionKind.CLOSE: TransitionKind.CLOSED,
    AssigneeActionKind.RELEASE: TransitionKind.RELEASED,
    AssigneeActionKind.TRANSFER: TransitionKind.TRANSFERRED,
}
_HEARTBEAT_STATUSES: Final = frozenset({WorkStatus.ACCEPTED, WorkStatus.IN_WORK})
_REFUSED: Final = frozenset({TransitionKind.DECLINED, TransitionKind.EXPIRED})
_ENDS_LEASE: Final = _REFUSED | {TransitionKind.RESCINDED}
_GIVES_UP: Final = frozenset(
    {TransitionKind.RELEASED, TransitionKind.RETURNED, TransitionKind.TRANSFERRED}
)
GIVES_BACK: Final = _ENDS_LEASE | _GIVES_UP | {TransitionKind.CANCELLED}


@final
@attrs.frozen
class OfferLease:
    """One standing offer: to whom, until when (exclusive), and under which fence."""

    agent: str
    until: datetime
    fence: int


@final
@attrs.frozen
class OfferRefusal:
    """Who declined or let expire, when, and why."""

    agent: str
    at: datetime
    reason: str = ""


@final
@attrs.frozen(kw_only=True)
class WorkState:
    """The state of one piece of work between queue and done.

    Attributes:
        work: Its id.
        phase: Where it is.
        fence: The highest fence granted so far; it never goes back.
        leases: Offers that stand.
        assignee: Who has, or at last had, it.
        held: Fence of the assignee's grant; 0 when nobody has it.
        refusals: Who declined it or let it expire, oldest first.
        tries: Refusals that count, since it was last accepted or queued from outside.
        queued_at: From when its age in the queue counts.
        declined_at: The last refusal that restarts relaxation.
        transferred_at: The last hand-over.
        heard_at: The assignee's last sign of life.
        wrap_until: When wrap-up ends.
        done: Commands carried out, by id.
    """

    work: str = attrs.field(converter=identifier)
    phase: WorkStatus = attrs.field(default=WorkStatus.NEW, converter=as_phase)
    fence: int = attrs.field(default=0, converter=count)
    leases: tuple[OfferLease, ...] = ()
    assignee: str | None = None
    assignee_fence: int = attrs.field(default=0, converter=count)
    refusals: tuple[OfferRefusal, ...] = ()
    refusal_count: int = attrs.field(default=0, converter=count)
    queued_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    declined_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    transferred_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    heartbeat_at: datetime | None = attrs.field(default=None, converter=utc_or_none)
    wrap_until: datetime | None = attrs.field(default=None, converter=utc_or_none)
    executed_commands: FrozenMap[str, WorkCommand] = attrs.field(default=EMPTY)

    def excluded_agents(self, at: datetime, policy: OfferPolicy) -> frozenset[str]:
        """Return who must not be offered it at `at`, because of what they refused."""
        return frozenset(
            each.agent
            for each in self.refusals
            if each.reason not in policy.again_for
            and (policy.cool_down is None or at < each.at + policy.cool_down)
        )

    def as_work(self, work: Work, at: datetime, policy: OfferPolicy) -> Work:
        """Return `work` as it should be routed now: who refused it, and what restarts its plan."""
        refusing = self.excluded_agents(at, policy)
        again = (self.declined_at, self.transferred_at)
        if not refusing and again == (work.declined, work.transferred):
            return work
        return attrs.evolve(
            work,
            excluded_agents=work.excluded_agents | refusing,
            declined=self.declined_at,
            transferred=self.transferred_at,
        )

    def next_change_at(self, policy: OfferPolicy) -> datetime | None:
        """Return when `ProcessTimeouts` will next have something to do, if nothing else happens."""
        ends = [lease.until for lease in self.leases]
        if self.phase is WorkStatus.WRAPPING and self.wrap_until is not None:
            ends.append(self.wrap_until)
        if (
            policy.silence is not None
            and self.heartbeat_at is not None
            and self.phase in _HEARTBEAT_STATUSES
        ):
            ends.append(self.heartbeat_at + policy.silence)
        return min(ends, default=None)


def events_of_command(
    state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy | None = None
) -> tuple[WorkEvent, ...]:
    """Return the events that `command` causes at `at`; nothing has happened yet.

    A command that was carried out before causes nothing again.

    Raises:
        TransitionError: it cannot happen in this phase, or comes too late.
        ConflictError: its fence is stale, or its id was used for something else.
    """
    return apply_command(state, command, at, policy)[1]


def apply_command(
    state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy | None = None
) -> tuple[WorkState, tuple[WorkEvent, ...]]:
    """Return the state after `command`, and the events that lead there; raises as `decide` does."""
    moment, terms = utc(at), policy or OfferPolicy()
    if (
        not isinstance(command, ProcessTimeouts)
        and (before := state.executed_commands.get(command.id)) is not None
    ):
        if before != command:
            raise ConflictError(f"command `{command.id}` was another one before", field="id")
        return state, ()
    events = _events(state, command, moment, terms)
    for event in events:
        state = apply_event(state, event)
    return state, events


def apply_event(state: WorkState, event: WorkEvent) -> WorkState:
    """Return the state after `event`; the fold of all events gives the present state.

    Raises:
        TransitionError: it cannot happen in this phase.
    """
    target = _TARGETS.get((state.phase, event.deed))
    if target is None:
        raise TransitionError(f"work `{state.work}` is {state.phase}, and cannot be {event.deed}")
    changes = _changes(state, event)
    if event.deed in _ENDS_LEASE and changes["leases"]:
        target = WorkStatus.OFFERED
    if not isinstance(event.command, ProcessTimeouts):
        changes["executed_commands"] = FrozenMap(
            {**state.executed_commands, event.command.id: event.command}
        )
    return attrs.evolve(state, phase=target, **changes)


def rebuild_state(work: str, events: Iterable[WorkEvent]) -> WorkState:
    """Return the state that all events, from the first on, lead to."""
    state = WorkState(work=work)
    for event in events:
        state = apply_event(state, event)
    return state


def reservation_key(work: str, fence: int) -> str:
    """Return the key under which a grant takes capacity in a roster; parallel offers differ.

    It is a key, so that the id of no other work is like it.

    >>> hold("R-1", 2)
    'offer␟R-1␟2'
    """
    return Grant(work, fence).name


def _events(  # noqa: PLR0911 - one case for each command
    state: WorkState, command: WorkCommand, at: datetime, policy: OfferPolicy
) -> tuple[WorkEvent, ...]:
    def event(deed: TransitionKind, **more: Any) -> WorkEvent:
        return WorkEvent(work=state.work, deed=deed, at=at, command=command, **more)

    def ended(deed: TransitionKind, lease: OfferLease, **more: Any) -> WorkEvent:
        return event(deed, agent=lease.agent, fence=lease.fence, **more)

    match command:
        case Enqueue():
            return (event(TransitionKind.QUEUED),)
        case Park():
            return (event(TransitionKind.PARKED),)
        case Offer(agents=agents):
            return _offered(state, agents, at + policy.lease, event)
        case Accept(agent=agent, fence=fence):
            lease = _lease(state, agent, fence, at)
            others = [
                ended(TransitionKind.RESCINDED, each) for each in state.leases if each != lease
            ]
            return (*others, ended(TransitionKind.ACCEPTED, lease))
        case Decline(agent=agent, fence=fence, reason=reason):
            lease = _lease(state, agent, fence, at)
            refused = ended(TransitionKind.DECLINED, lease, reason=reason, **_terms(policy))
            return (refused, *_given_up(state, [refused], policy, event))
        case Rescind(agent=agent):
            return tuple(ended(TransitionKind.RESCINDED, each) for each in _standing(state, agent))
        case AssigneeAction(act=act, fence=fence):
            return _done(state, act, fence, policy, event)
        case Cancel():
            rescinded = [ended(TransitionKind.RESCINDED, each) for each in state.leases]
            return (
                *rescinded,
                event(TransitionKind.CANCELLED, agent=state.assignee, fence=state.assignee_fence),
            )
        case ProcessTimeouts():
            counts = _terms(policy) if policy.expiry_declines else {"age_kept": policy.keep_age}
            expired = [
                ended(TransitionKind.EXPIRED, each, **counts)
                for each in state.leases
                if each.until <= at
            ]
            given_up = _given_up(state, expired, policy, event)
            return (*expired, *given_up, *_by_time(state, at, policy, event))


def _offered(
    state: WorkState, agents: tuple[str, ...], until: datetime, event: EventFactory
) -> tuple[WorkEvent, ...]:
    for lease in state.leases:
        if lease.agent in agents:
            raise TransitionError(f"work `{state.work}` is offered to `{lease.agent}` already")
    return tuple(
        event(TransitionKind.OFFERED, agent=agent, fence=state.fence + n, until=until)
        for n, agent in enumerate(agents, start=1)
    )


def _standing(state: WorkState, agent: str | None) -> tuple[OfferLease, ...]:
    """Return the offers that stand, or the one to the agent."""
    found = tuple(each for each in state.leases if agent in {None, each.agent})
    if not found:
        whom = "" if agent is None else f" to `{agent}`"
        raise TransitionError(f"work `{state.work}` is {state.phase}, not offered{whom}")
    return found


def _terms(policy: OfferPolicy) -> dict[str, bool]:
    restarts = policy.restart_relaxation
    return {"age_kept": policy.keep_age, "counts": True, "restarts": restarts}


def _lease(state: WorkState, agent: str, fence: int, at: datetime) -> OfferLease:
    for lease in state.leases:
        if lease.fence == fence and lease.agent == agent:
            if lease.until <= at:
                raise TransitionError(
                    f"the offer of work `{state.work}` to `{agent}` ended at "
                    f"`{lease.until.isoformat()}`"
                )
            return lease
    raise ConflictError(
        f"no offer of work `{state.work}` to `{agent}` stands under fence {fence}",
        field="fence",
        hint=f"the last fence is {state.fence}",
    )


def _given_up(
    state: WorkState, refused: list[WorkEvent], policy: OfferPolicy, event: EventFactory
) -> tuple[WorkEvent, ...]:
    """Return the parking of work that has been refused too often, once no lease is left."""
    tries = state.refusal_count + sum(each.counts for each in refused)
    spent = policy.declines is not None and tries >= policy.declines
    all_ended = len(refused) == len(state.leases)
    return (event(TransitionKind.PARKED),) if refused and spent and all_ended else ()


def _done(
    state: WorkState, act: AssigneeActionKind, fence: int, policy: OfferPolicy, event: EventFactory
) -> tuple[WorkEvent, ...]:
    if fence != state.assignee_fence:
        raise ConflictError(
            f"nobody holds work `{state.work}` under fence {fence}",
            field="fence",
            hint=f"the last fence is {state.fence}",
        )
    who: dict[str, Any] = {"agent": state.assignee, "fence": fence}
    if act is AssigneeActionKind.FINISH:
        until = event(TransitionKind.FINISHED).at + policy.wrap_up
        finished = event(TransitionKind.FINISHED, until=until, **who)
        if policy.wrap_up:
            return (finished,)
        return (finished, event(TransitionKind.CLOSED, **who))
    if act in {AssigneeActionKind.RELEASE, AssigneeActionKind.TRANSFER}:
        return (event(_DEEDS[act], age_kept=policy.keep_age, **who),)
    return (event(_DEEDS[act], **who),)


def _by_time(
    state: WorkState, at: datetime, policy: OfferPolicy, event: EventFactory
) -> tuple[WorkEvent, ...]:
    who = {"agent": state.assignee, "fence": state.assignee_fence}
    if (
        state.phase is WorkStatus.WRAPPING
        and state.wrap_until is not None
        and state.wrap_until <= at
    ):
        return (event(TransitionKind.CLOSED, **who),)
    silent = (
        policy.silence is not None
        and state.phase in _HEARTBEAT_STATUSES
        and state.heartbeat_at is not None
        and state.heartbeat_at + policy.silence <= at
    )
    return (event(TransitionKind.RETURNED, age_kept=policy.keep_age, **who),) if silent else ()


def _changes(  # noqa: PLR0911 - one case for each kind of deed
    state: WorkState, event: WorkEvent
) -> dict[str, Any]:
    deed, at = event.deed, event.at
    if deed is TransitionKind.QUEUED:
        return {"queued_at": at, "refusal_count": 0}
    if deed is TransitionKind.OFFERED:
        lease = OfferLease(event.agent or "", event.until or at, event.fence)
        return {"leases": (*state.leases, lease), "fence": max(state.fence, event.fence)}
    if deed in _ENDS_LEASE:
        return _without_lease(state, event)
    if deed is TransitionKind.ACCEPTED:
        who = {"assignee": event.agent, "assignee_fence": event.fence}
        return {**who, "leases": (), "heartbeat_at": at, "refusal_count": 0}
    if deed in _GIVES_UP:
        return {
            "assignee": None,
            "assignee_fence": 0,
            "heartbeat_at": None,
            "queued_at": state.queued_at if event.age_kept else at,
            "transferred_at": at if deed is TransitionKind.TRANSFERRED else state.transferred_at,
        }
    if deed is TransitionKind.FINISHED:
        return {"heartbeat_at": at, "wrap_until": event.until}
    if deed in {TransitionKind.CLOSED, TransitionKind.CANCELLED}:
        return {"assignee_fence": 0, "wrap_until": None}
    return {} if deed is TransitionKind.PARKED else {"heartbeat_at": at}


def _without_lease(state: WorkState, event: WorkEvent) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "leases": tuple(each for each in state.leases if each.fence != event.fence)
    }
    if event.deed in _REFUSED:
        refusal = OfferRefusal(event.agent or "", event.at, event.reason)
        changes["refusals"] = (*state.refusals, refusal)
        changes["refusal_count"] = state.refusal_count + event.counts
        changes["queued_at"] = state.queued_at if event.age_kept else event.at
        if event.restarts:
            changes["declined_at"] = event.at
    return changes
