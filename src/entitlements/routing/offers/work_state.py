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

from entitlements.kernel.converters import count, instant_or_none
from entitlements.kernel.errors import ConflictError, TransitionError
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import utc
from entitlements.routing.agents.workload import Grant
from entitlements.routing.offers.lifecycle import (
    TRANSITIONS,
    Accept,
    Act,
    Cancel,
    Command,
    Decline,
    Deed,
    Do,
    Enqueue,
    Event,
    Offer,
    OfferPolicy,
    Park,
    Phase,
    Rescind,
    Sweep,
    as_phase,
)
from entitlements.routing.work.work import Work

Happen: TypeAlias = Callable[..., Event]

_TARGETS: Final = {(row.source, row.deed): row.target for row in TRANSITIONS}
_DEEDS: Final = {
    Act.START: Deed.STARTED,
    Act.PAUSE: Deed.PAUSED,
    Act.RESUME: Deed.RESUMED,
    Act.HEAR: Deed.HEARD,
    Act.FINISH: Deed.FINISHED,
    Act.CLOSE: Deed.CLOSED,
    Act.RELEASE: Deed.RELEASED,
    Act.TRANSFER: Deed.TRANSFERRED,
}
_WATCHED: Final = frozenset({Phase.ACCEPTED, Phase.IN_WORK})
_REFUSED: Final = frozenset({Deed.DECLINED, Deed.EXPIRED})
_ENDS_LEASE: Final = _REFUSED | {Deed.RESCINDED}
_GIVES_UP: Final = frozenset({Deed.RELEASED, Deed.RETURNED, Deed.TRANSFERRED})
GIVES_BACK: Final = _ENDS_LEASE | _GIVES_UP | {Deed.CANCELLED}


@final
@attrs.frozen
class Lease:
    """One standing offer: to whom, until when (exclusive), and under which fence."""

    agent: str
    until: datetime
    fence: int


@final
@attrs.frozen
class Refusal:
    """Who declined or let expire, when, and why."""

    agent: str
    at: datetime
    reason: str = ""


@final
@attrs.frozen(kw_only=True)
class Offering:
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
    phase: Phase = attrs.field(default=Phase.NEW, converter=as_phase)
    fence: int = attrs.field(default=0, converter=count)
    leases: tuple[Lease, ...] = ()
    assignee: str | None = None
    held: int = attrs.field(default=0, converter=count)
    refusals: tuple[Refusal, ...] = ()
    tries: int = attrs.field(default=0, converter=count)
    queued_at: datetime | None = attrs.field(default=None, converter=instant_or_none)
    declined_at: datetime | None = attrs.field(default=None, converter=instant_or_none)
    transferred_at: datetime | None = attrs.field(default=None, converter=instant_or_none)
    heard_at: datetime | None = attrs.field(default=None, converter=instant_or_none)
    wrap_until: datetime | None = attrs.field(default=None, converter=instant_or_none)
    done: FrozenMap[str, Command] = attrs.field(default=EMPTY)

    def refusing(self, at: datetime, policy: OfferPolicy) -> frozenset[str]:
        """Return who must not be offered it at `at`, because of what they refused."""
        return frozenset(
            each.agent
            for each in self.refusals
            if each.reason not in policy.again_for
            and (policy.cool_down is None or at < each.at + policy.cool_down)
        )

    def as_work(self, work: Work, at: datetime, policy: OfferPolicy) -> Work:
        """Return `work` as it should be routed now: who refused it, and what restarts its plan."""
        refusing = self.refusing(at, policy)
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
        """Return when `Sweep` will next have something to do, if nothing else happens."""
        ends = [lease.until for lease in self.leases]
        if self.phase is Phase.WRAPPING and self.wrap_until is not None:
            ends.append(self.wrap_until)
        if policy.silence is not None and self.heard_at is not None and self.phase in _WATCHED:
            ends.append(self.heard_at + policy.silence)
        return min(ends, default=None)


def decide(
    state: Offering, command: Command, at: datetime, policy: OfferPolicy | None = None
) -> tuple[Event, ...]:
    """Return the events that `command` causes at `at`; nothing has happened yet.

    A command that was carried out before causes nothing again.

    Raises:
        TransitionError: it cannot happen in this phase, or comes too late.
        ConflictError: its fence is stale, or its id was used for something else.
    """
    return carried_out(state, command, at, policy)[1]


def carried_out(
    state: Offering, command: Command, at: datetime, policy: OfferPolicy | None = None
) -> tuple[Offering, tuple[Event, ...]]:
    """Return the state after `command`, and the events that lead there; raises as `decide` does."""
    moment, terms = utc(at), policy or OfferPolicy()
    if not isinstance(command, Sweep) and (before := state.done.get(command.id)) is not None:
        if before != command:
            raise ConflictError(f"command `{command.id}` was another one before", field="id")
        return state, ()
    events = _causes(state, command, moment, terms)
    for event in events:
        state = evolve(state, event)
    return state, events


def evolve(state: Offering, event: Event) -> Offering:
    """Return the state after `event`; the fold of all events gives the present state.

    Raises:
        TransitionError: it cannot happen in this phase.
    """
    target = _TARGETS.get((state.phase, event.deed))
    if target is None:
        raise TransitionError(f"work `{state.work}` is {state.phase}, and cannot be {event.deed}")
    changes = _changes(state, event)
    if event.deed in _ENDS_LEASE and changes["leases"]:
        target = Phase.OFFERED
    if not isinstance(event.command, Sweep):
        changes["done"] = FrozenMap({**state.done, event.command.id: event.command})
    return attrs.evolve(state, phase=target, **changes)


def replay(work: str, events: Iterable[Event]) -> Offering:
    """Return the state that all events, from the first on, lead to."""
    state = Offering(work=work)
    for event in events:
        state = evolve(state, event)
    return state


def hold(work: str, fence: int) -> str:
    """Return the key under which a grant takes capacity in a roster; parallel offers differ.

    It is a key, so that the id of no other work is like it.

    >>> hold("R-1", 2)
    'offer␟R-1␟2'
    """
    return Grant(work, fence).name


def _causes(  # noqa: PLR0911 - one case for each command
    state: Offering, command: Command, at: datetime, policy: OfferPolicy
) -> tuple[Event, ...]:
    def event(deed: Deed, **more: Any) -> Event:
        return Event(work=state.work, deed=deed, at=at, command=command, **more)

    def ended(deed: Deed, lease: Lease, **more: Any) -> Event:
        return event(deed, agent=lease.agent, fence=lease.fence, **more)

    match command:
        case Enqueue():
            return (event(Deed.QUEUED),)
        case Park():
            return (event(Deed.PARKED),)
        case Offer(agents=agents):
            return _offered(state, agents, at + policy.lease, event)
        case Accept(agent=agent, fence=fence):
            lease = _lease(state, agent, fence, at)
            others = [ended(Deed.RESCINDED, each) for each in state.leases if each != lease]
            return (*others, ended(Deed.ACCEPTED, lease))
        case Decline(agent=agent, fence=fence, reason=reason):
            lease = _lease(state, agent, fence, at)
            refused = ended(Deed.DECLINED, lease, reason=reason, **_terms(policy))
            return (refused, *_given_up(state, [refused], policy, event))
        case Rescind(agent=agent):
            return tuple(ended(Deed.RESCINDED, each) for each in _standing(state, agent))
        case Do(act=act, fence=fence):
            return _done(state, act, fence, policy, event)
        case Cancel():
            rescinded = [ended(Deed.RESCINDED, each) for each in state.leases]
            return (*rescinded, event(Deed.CANCELLED, agent=state.assignee, fence=state.held))
        case Sweep():
            counts = _terms(policy) if policy.expiry_declines else {"age_kept": policy.keep_age}
            expired = [
                ended(Deed.EXPIRED, each, **counts) for each in state.leases if each.until <= at
            ]
            given_up = _given_up(state, expired, policy, event)
            return (*expired, *given_up, *_by_time(state, at, policy, event))


def _offered(
    state: Offering, agents: tuple[str, ...], until: datetime, event: Happen
) -> tuple[Event, ...]:
    for lease in state.leases:
        if lease.agent in agents:
            raise TransitionError(f"work `{state.work}` is offered to `{lease.agent}` already")
    return tuple(
        event(Deed.OFFERED, agent=agent, fence=state.fence + n, until=until)
        for n, agent in enumerate(agents, start=1)
    )


def _standing(state: Offering, agent: str | None) -> tuple[Lease, ...]:
    """Return the offers that stand, or the one to the agent."""
    found = tuple(each for each in state.leases if agent in {None, each.agent})
    if not found:
        whom = "" if agent is None else f" to `{agent}`"
        raise TransitionError(f"work `{state.work}` is {state.phase}, not offered{whom}")
    return found


def _terms(policy: OfferPolicy) -> dict[str, bool]:
    restarts = policy.restart_relaxation
    return {"age_kept": policy.keep_age, "counts": True, "restarts": restarts}


def _lease(state: Offering, agent: str, fence: int, at: datetime) -> Lease:
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
    state: Offering, refused: list[Event], policy: OfferPolicy, event: Happen
) -> tuple[Event, ...]:
    """Return the parking of work that has been refused too often, once no lease is left."""
    tries = state.tries + sum(each.counts for each in refused)
    spent = policy.declines is not None and tries >= policy.declines
    all_ended = len(refused) == len(state.leases)
    return (event(Deed.PARKED),) if refused and spent and all_ended else ()


def _done(
    state: Offering, act: Act, fence: int, policy: OfferPolicy, event: Happen
) -> tuple[Event, ...]:
    if fence != state.held:
        raise ConflictError(
            f"nobody holds work `{state.work}` under fence {fence}",
            field="fence",
            hint=f"the last fence is {state.fence}",
        )
    who: dict[str, Any] = {"agent": state.assignee, "fence": fence}
    if act is Act.FINISH:
        until = event(Deed.FINISHED).at + policy.wrap_up
        finished = event(Deed.FINISHED, until=until, **who)
        if policy.wrap_up:
            return (finished,)
        return (finished, event(Deed.CLOSED, **who))
    if act in {Act.RELEASE, Act.TRANSFER}:
        return (event(_DEEDS[act], age_kept=policy.keep_age, **who),)
    return (event(_DEEDS[act], **who),)


def _by_time(
    state: Offering, at: datetime, policy: OfferPolicy, event: Happen
) -> tuple[Event, ...]:
    who = {"agent": state.assignee, "fence": state.held}
    if state.phase is Phase.WRAPPING and state.wrap_until is not None and state.wrap_until <= at:
        return (event(Deed.CLOSED, **who),)
    silent = (
        policy.silence is not None
        and state.phase in _WATCHED
        and state.heard_at is not None
        and state.heard_at + policy.silence <= at
    )
    return (event(Deed.RETURNED, age_kept=policy.keep_age, **who),) if silent else ()


def _changes(  # noqa: PLR0911 - one case for each kind of deed
    state: Offering, event: Event
) -> dict[str, Any]:
    deed, at = event.deed, event.at
    if deed is Deed.QUEUED:
        return {"queued_at": at, "tries": 0}
    if deed is Deed.OFFERED:
        lease = Lease(event.agent or "", event.until or at, event.fence)
        return {"leases": (*state.leases, lease), "fence": max(state.fence, event.fence)}
    if deed in _ENDS_LEASE:
        return _without_lease(state, event)
    if deed is Deed.ACCEPTED:
        who = {"assignee": event.agent, "held": event.fence}
        return {**who, "leases": (), "heard_at": at, "tries": 0}
    if deed in _GIVES_UP:
        return {
            "assignee": None,
            "held": 0,
            "heard_at": None,
            "queued_at": state.queued_at if event.age_kept else at,
            "transferred_at": at if deed is Deed.TRANSFERRED else state.transferred_at,
        }
    if deed is Deed.FINISHED:
        return {"heard_at": at, "wrap_until": event.until}
    if deed in {Deed.CLOSED, Deed.CANCELLED}:
        return {"held": 0, "wrap_until": None}
    return {} if deed is Deed.PARKED else {"heard_at": at}


def _without_lease(state: Offering, event: Event) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "leases": tuple(each for each in state.leases if each.fence != event.fence)
    }
    if event.deed in _REFUSED:
        refusal = Refusal(event.agent or "", event.at, event.reason)
        changes["refusals"] = (*state.refusals, refusal)
        changes["tries"] = state.tries + event.counts
        changes["queued_at"] = state.queued_at if event.age_kept else event.at
        if event.restarts:
            changes["declined_at"] = event.at
    return changes
