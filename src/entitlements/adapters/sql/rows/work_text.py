"""How are offered work and agents' standings written without a detour? What a worker writes most.

It is the text that the converter of all values would write, character by character; the tests hold
them against each other. What changes rarely goes through the converter, once for equal values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final

from entitlements.kernel.instants import MICROSECOND, to_micros
from entitlements.ports.records import WorkItem
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.offers.lifecycle import Enqueue, Offer, WorkCommand, WorkStatus
from entitlements.routing.offers.work_state import OfferLease, OfferRefusal, WorkState
from entitlements.routing.work.relaxation import RelaxationPlan
from entitlements.routing.work.requirements import NO_REQUIREMENT, Requirement
from entitlements.routing.work.work import Work

Other = Callable[[Any, Any], str]
"""Writes any value, given its type."""

_LATER: Final = ("queued_at", "declined_at", "transferred_at", "heartbeat_at", "wrap_until")


def work_item_text(item: WorkItem, other: Other) -> str:
    """Return the text of work on its way to somebody; `other` writes what is not written here."""
    next_due_at = "null" if item.next_due_at is None else to_micros(item.next_due_at)
    return (
        f'{{"work":{_work(item.work, other)},"group":{quoted(item.group)},'
        f'"state":{_offering(item.state, other)},"next_due_at":{next_due_at}}}'
    )


def workload_text(workload: Workload, other: Other) -> str:
    """Return the text of how an agent stands; `other` writes what is not written here."""
    said = []
    if workload.held:
        said.append(f'"held":{_map(workload.held, lambda each: _held(each, other))}')
    if workload.away:
        said.append('"away":true')
    _instants(said, workload, ("back", "last_assigned", "released", "available_since"))
    _counts(said, workload, ("handled", "assigned"))
    if workload.busy:
        said.append(f'"busy":{workload.busy // MICROSECOND}')
    _instants(said, workload, ("busy_since",))
    _counts(said, workload, ("turn",))
    if workload.recent:
        said.append(f'"recent":{_list(map(str, map(to_micros, workload.recent)))}')
    return f"{{{','.join(said)}}}"


def _work(work: Work, other: Other) -> str:
    said = [f'"id":{quoted(work.id)}', f'"opened":{to_micros(work.opened)}']
    if work.requires is not NO_REQUIREMENT and work.requires != NO_REQUIREMENT:
        said.append(f'"requires":{other(work.requires, Requirement)}')
    _counts(said, work, ("rank",))
    _instants(said, work, ("due", "requested", "routable", "declined", "transferred"))
    if work.preferred_agents:
        said.append(f'"preferred_agents":{_list(map(_names, work.preferred_agents))}')
    if work.excluded_agents:
        said.append(f'"excluded_agents":{_names(sorted(work.excluded_agents))}')
    if work.relaxation is not None:
        said.append(f'"relaxation":{other(work.relaxation, RelaxationPlan)}')
    return f"{{{','.join(said)}}}"


def _offering(state: WorkState, other: Other) -> str:
    said = [f'"work":{quoted(state.work)}']
    if state.phase is not WorkStatus.NEW:
        said.append(f'"phase":{quoted(state.phase)}')
    _counts(said, state, ("fence",))
    if state.leases:
        said.append(f'"leases":{_list(map(_lease, state.leases))}')
    if state.assignee is not None:
        said.append(f'"assignee":{quoted(state.assignee)}')
    _counts(said, state, ("assignee_fence",))
    if state.refusals:
        said.append(f'"refusals":{_list(map(_refusal, state.refusals))}')
    _counts(said, state, ("refusal_count",))
    _instants(said, state, _LATER)
    if state.executed_commands:
        said.append(
            f'"executed_commands":'
            f"{_map(state.executed_commands, lambda each: _command(each, other))}"
        )
    return f"{{{','.join(said)}}}"


def _counts(said: list[str], of: object, names: Iterable[str]) -> None:
    for name in names:
        value: int = getattr(of, name)
        if value:
            said.append(f'"{name}":{value}')


def _instants(said: list[str], of: object, names: Iterable[str]) -> None:
    for name in names:
        at: datetime | None = getattr(of, name)
        if at is not None:
            said.append(f'"{name}":{to_micros(at)}')


def _list(texts: Iterable[str]) -> str:
    return f"[{','.join(texts)}]"


def _names(names: Iterable[str]) -> str:
    return _list(map(quoted, names))


def _map(items: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    said = [f"{quoted(name)}:{write(items[name])}" for name in sorted(items)]
    return f"{{{','.join(said)}}}"


def _lease(lease: OfferLease) -> str:
    until = to_micros(lease.until)
    return f'{{"agent":{quoted(lease.agent)},"until":{until},"fence":{lease.fence}}}'


def _refusal(refusal: OfferRefusal) -> str:
    at, reason = to_micros(refusal.at), quoted(refusal.reason)
    return f'{{"agent":{quoted(refusal.agent)},"at":{at},"reason":{reason}}}'


def _held(held: AssignedWork, other: Other) -> str:
    override = held.override
    more = "" if override is None else f',"override":{other(override, AssignmentOverride)}'
    requires = other(held.requires, Requirement)
    return f'{{"requires":{requires},"since":{to_micros(held.since)}{more}}}'


def _command(command: WorkCommand, other: Other) -> str:
    match command:
        case Enqueue(id=id):
            return f'{{"kind_of":"enqueue","id":{quoted(id)}}}'
        case Offer(id=id, agents=agents, override=None):
            return f'{{"kind_of":"offer","id":{quoted(id)},"agents":{_names(agents)}}}'
        case _:
            return other(command, WorkCommand)
