"""Rosters in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

import attrs

from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import (
    StaleReadError,
)
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Workload
from entitlements.routing.roster import Roster


@final
class MemoryRosters:
    """`Rosters` as one value."""

    def __init__(self, kept: DictOverlay[None, Roster]) -> None:
        self._kept = kept

    def roster(self, groups: Iterable[str] = (), agents: Iterable[str] = ()) -> Roster:
        every = self._kept.get(None) or Roster()
        wanted, only = identifier_set(groups), identifier_set(agents)
        if not wanted and not only:
            return every
        found = {
            id: each
            for id, each in every.agents.items()
            if (not wanted or wanted & each.groups) and (not only or id in only)
        }
        workloads = {id: each for id, each in every.workloads.items() if id in found}
        return attrs.evolve(every, agents=found, workloads=workloads)

    def state(self, group: str) -> Mapping[str, object]:
        found = self.roster([identifier(group)])
        return {id: _of(found, id) for id in found.agents} | {"": (found.on_call, found.since)}

    def change(
        self,
        before: Roster,
        after: Roster,
        state: Mapping[str, object] | None = None,  # noqa: ARG002 - what is known is compared
    ) -> Mapping[str, object]:
        instance_of(Roster, before)
        instance_of(Roster, after)
        stored, written = self.roster(), dict[str, object]()
        agents, workloads = dict(stored.agents), dict(stored.workloads)
        for id in sorted({*before.agents, *after.agents}):
            if _of(before, id) == _of(after, id):
                continue
            if _of(stored, id) != _of(before, id):
                raise StaleReadError(
                    f"agent `{id}` has changed since it was read", field=f"agents.{id}"
                )
            agents.pop(id, None)
            workloads.pop(id, None)
            if id in after.agents:
                agents[id], workloads[id] = after.agents[id], after.workload(id)
                written[id] = _of(after, id)
        self._kept.put(
            None,
            Roster(
                agents=dict(sorted(agents.items())),
                workloads=dict(sorted(workloads.items())),
                on_call=_changed_schedules(stored, before, after),
                assignment_count=max(stored.assignment_count, after.assignment_count),
                since=after.since if after.since != before.since else stored.since,
            ),
        )
        return written


def _of(roster: Roster, agent: str) -> tuple[object, Workload] | None:
    if agent not in roster.agents:
        return None
    return roster.agents[agent], roster.workload(agent)


def _changed_schedules(stored: Roster, before: Roster, after: Roster) -> dict[str, OnCall]:
    calls = dict(stored.on_call)
    for id in sorted({*before.on_call, *after.on_call}):
        if before.on_call.get(id) == after.on_call.get(id):
            continue
        if stored.on_call.get(id) != before.on_call.get(id):
            raise StaleReadError(
                f"schedule `{id}` has changed since it was read", field=f"on_call.{id}"
            )
        calls.pop(id, None)
        if id in after.on_call:
            calls[id] = after.on_call[id]
    return dict(sorted(calls.items()))
