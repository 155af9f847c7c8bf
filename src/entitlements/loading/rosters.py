"""Rosters of a load: agents and on-call schedules; workloads stay those of the store."""

from __future__ import annotations

import attrs

from entitlements.kernel.errors import ConflictError
from entitlements.loading.changes import FoundSteps, combined, inside
from entitlements.routing.agents.workload import Workload
from entitlements.routing.roster import Roster


def loaded_roster(stored: Roster, given: Roster, found: FoundSteps, *, prune: bool) -> Roster:
    """Return the roster after a load, and note the steps.

    Agents who stay keep their work, their status and their place in the rotation. A new agent gets
    the status that the document says, otherwise joins the rotation behind the others.

    Args:
        stored: The stored roster.
        given: The roster of the document.
        found: Where steps are noted.
        prune: Whether agents and schedules that are not given are removed.

    Raises:
        ConflictError: A new agent has work, or one who is removed has.
    """
    agents = combined("agent", stored.agents, given.agents, found, prune=prune)
    calls = combined("on-call schedule", stored.on_call, given.on_call, found, prune=prune)
    for id in stored.agents:
        if id not in agents and stored.workload(id).held:
            raise ConflictError(
                f"agent `{id}` has assigned work and is not in the document",
                field="held",
                hint="complete it, or move it with `Desk.remove_agent`",
                path="agents",
            )
    if not stored.agents:
        for id, workload in given.workloads.items():
            _check_new(id, workload)
        return attrs.evolve(given, agents=agents, on_call=calls)
    loaded = attrs.evolve(stored, agents=dict(stored.agents), on_call=calls)
    for id, agent in given.agents.items():
        if id in loaded.agents:
            loaded = loaded.replace(agent)
        else:
            with inside(f"roster.workloads.{id}"):
                _check_new(id, given.workload(id))
            loaded = loaded.add(agent, given.workloads.get(id))
    for id in stored.agents:
        if id not in agents:
            loaded = loaded.remove(id)
    return loaded


def without_work(roster: Roster) -> Roster:
    """Return a roster whose agents have no work, as a document may say it."""
    workloads = {
        id: attrs.evolve(each, held={}, busy_since=None) for id, each in roster.workloads.items()
    }
    return attrs.evolve(roster, workloads=workloads)


def _check_new(agent: str, workload: Workload) -> None:
    if workload.held:
        raise ConflictError(
            f"new agent `{agent}` has work `{min(workload.held)}`, which is not in the store",
            field="held",
            hint="leave it out; a desk assigns work",
        )
