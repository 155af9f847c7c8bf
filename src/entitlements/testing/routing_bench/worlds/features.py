"""Features of a world: what a router must be able to do to take part in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.testing.routing_bench.worlds.events import (
    Event,
    Piece,
    Reprioritisation,
    SkillChange,
    StatusChange,
    Withdrawal,
    WorkTransfer,
)
from entitlements.testing.routing_bench.worlds.traffic import GeneratedEvents, Traffic
from entitlements.testing.routing_bench.worlds.world import World, WorldAgent


class Feature(TextEnum):
    """Something that not every world has, and not every router can do."""

    RANKS = "ranks"
    DEADLINES = "deadlines"
    GROUPS = "groups"
    CHANNELS = "channels"
    OBLIGATIONS = "obligations"
    RELAXATION = "relaxation"
    SHIFTS = "shifts"
    SKILL_CHANGES = "skill changes"
    STATUS_CHANGES = "status changes"
    TRANSFERS = "transfers"
    REPRIORITISATION = "reprioritisation"
    WITHDRAWALS = "withdrawals"


_CHANGES = {
    SkillChange: Feature.SKILL_CHANGES,
    StatusChange: Feature.STATUS_CHANGES,
    WorkTransfer: Feature.TRANSFERS,
    Reprioritisation: Feature.REPRIORITISATION,
    Withdrawal: Feature.WITHDRAWALS,
}


def features(world: World) -> frozenset[Feature]:
    """Return the features that a world has; all events are read, unless they are generated.

    >>> from entitlements.testing.routing_bench.worlds.named import make_world
    >>> sorted(features(make_world("chat")))
    [Feature.CHANNELS]
    """
    source = world.events
    found = (
        _of_traffic(source.traffic) if isinstance(source, GeneratedEvents) else _of_events(source)
    )
    return frozenset([*_of_agents(world.agents), *found])


def unfit(world: World, able: Iterable[Feature]) -> str | None:
    """Return which features of a world a router lacks, in words, or None.

    >>> from entitlements.testing.routing_bench import make_world
    >>> world = make_world("real_day", agents=2, pieces=3)
    >>> unfit(world, set(Feature) - {Feature.SHIFTS, Feature.TRANSFERS})
    'cannot do shifts, transfers'
    """
    missing = sorted(each.value for each in features(world) - frozenset(able))
    return f"cannot do {', '.join(missing)}" if missing else None


def _of_agents(agents: tuple[WorldAgent, ...]) -> Iterator[Feature]:
    for each in agents:
        if each.shift is not None or each.breaks:
            yield Feature.SHIFTS
        if each.channels is not None:
            yield Feature.CHANNELS


def _of_traffic(traffic: Traffic) -> Iterator[Feature]:
    outage = traffic.surge is not None and traffic.surge.outage
    has = {
        Feature.RANKS: len(traffic.ranks) > 1,
        Feature.DEADLINES: bool(traffic.promised),
        Feature.GROUPS: traffic.grouped,
        Feature.CHANNELS: bool(traffic.channels),
        Feature.OBLIGATIONS: traffic.cleared or traffic.regional,
        Feature.RELAXATION: traffic.relaxing,
        Feature.SKILL_CHANGES: traffic.skill_changes,
        Feature.STATUS_CHANGES: traffic.breaks or outage,
        Feature.TRANSFERS: traffic.transfers,
        Feature.REPRIORITISATION: traffic.reprioritised,
        Feature.WITHDRAWALS: traffic.withdrawing,
    }
    return (each for each, present in has.items() if present)


def _of_events(events: Iterable[Event]) -> Iterator[Feature]:
    for event in events:
        if isinstance(event, Piece):
            yield from _of_piece(event)
        else:
            yield _CHANGES[type(event)]


def _of_piece(piece: Piece) -> Iterator[Feature]:
    needs = piece.needs
    has = {
        Feature.RANKS: piece.rank,
        Feature.DEADLINES: piece.due is not None,
        Feature.GROUPS: needs.groups,
        Feature.CHANNELS: needs.channel is not None,
        Feature.OBLIGATIONS: needs.clearances or needs.regions,
        Feature.RELAXATION: piece.relaxation,
    }
    return (each for each, present in has.items() if present)
