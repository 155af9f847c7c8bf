"""Invariants of the live structures, checked from outside: order, masks, bounds of what is left."""

# ruff: noqa: SLF001 - the structures are what is checked

from __future__ import annotations

from typing import Any

from entitlements.kernel.instants import END_OF_TIME
from entitlements.routing.agents.capacity import has_room
from entitlements.routing.eligibility.eligibility import fits_capacity, is_qualified
from entitlements.routing.live.backlog import Backlog
from entitlements.routing.live.masked_sequence import MAX_CHUNK, MAX_LEAF, MaskedSequence
from entitlements.routing.live.roster.roster_index import RosterIndex
from entitlements.routing.live.waiting.work_queue import WaitingWork
from entitlements.routing.live.waiting.work_queues import WorkQueues


def check_sequence(sequence: MaskedSequence) -> None:
    """Order, the union of bits in every mask, and the number of leaves and chunks."""
    entries = list(sequence)
    assert entries == sorted(entries)
    assert len({id(entry[-1]) for entry in entries}) == len(entries)
    assert (sequence._leaf is None) == bool(sequence._chunks)
    assert len(sequence._leaf or ()) <= MAX_LEAF
    assert [len(chunk.leaves) for chunk in sequence._chunks] != [1]
    assert sequence._lasts == [chunk.leaves[-1][-1] for chunk in sequence._chunks]
    assert sequence.mask == sum(entry[-1].bit for entry in entries)
    for chunk in sequence._chunks:
        assert 0 < len(chunk.leaves) <= MAX_CHUNK
        assert chunk.lasts == [leaf[-1] for leaf in chunk.leaves]
        assert all(0 < len(leaf) <= MAX_LEAF for leaf in chunk.leaves)
        assert chunk.masks == [sum(entry[-1].bit for entry in leaf) for leaf in chunk.leaves]
        assert chunk.mask == sum(chunk.masks)
    assert len(sequence._chunks) <= 8 * (len(entries) // (MAX_LEAF * MAX_CHUNK)) + 4


def check_queues(queues: WorkQueues) -> None:
    """Each piece in one queue, the head of each queue in its sequence, bounded left-overs."""
    live = [queue for queue in queues.queues if queue.pieces]
    assert sum(queue.pieces for queue in live) == len(queues.pieces)
    first = min((timer[0] for timer in queues._timers), default=END_OF_TIME)
    assert queues.next_timer == first
    assert queues.waiting == _by_rank(queues)
    assert list(queues.ranks) == sorted(queues.ranks)
    assert set(queues.ranks) >= set(queues.waiting)
    for rank, ranked in queues.ranks.items():
        sequence = ranked.heads
        check_sequence(sequence)
        heads = {piece for queue in live if (piece := queue.head(rank)) is not None}
        assert {entry[-1] for entry in sequence} == heads
        assert all(entry is entry[-1].entry for entry in sequence)
    placed: dict[tuple[int, int], list[WaitingWork]] = {}
    for piece in queues.pieces.values():
        assert piece.entry == (piece.key, piece.number, piece)
        assert piece.bit == piece.queue.bit
        placed.setdefault((piece.bit, piece.work.rank), []).append(piece)
    for queue in queues.queues:
        assert queue.entries <= 2 * queue.pieces + 17
        mine = {rank: placed.pop((queue.bit, rank)) for rank in queue.heaps}
        assert sum(map(len, mine.values())) == queue.pieces
        for rank, pieces in mine.items():
            assert queue.head(rank) is min(pieces, key=lambda piece: (piece.key, piece.number))
    assert not placed
    relaxing = sum(bool(piece.steps) for piece in queues.pieces.values())
    assert queues.timers <= 2 * relaxing + 65
    assert len(queues.queues) <= 2 * len(live) + 65
    assert len({queue.bit for queue in queues.queues}) == len(queues.queues)
    assert queues.occupied == sum(queue.bit for queue in live)
    assert queues.fresh & ~queues.occupied == 0
    assert queues.index._all == sum(queue.bit for queue in queues.queues if queue.indexed)


def _by_rank(queues: WorkQueues) -> dict[int, int]:
    counts: dict[int, int] = {}
    for piece in queues.pieces.values():
        counts[piece.work.rank] = counts.get(piece.work.rank, 0) + 1
    return counts


def check_index(index: RosterIndex) -> None:
    """Every mask equals the rule, agent by agent, and every line holds who has capacity."""
    states = index.agent_states.values()
    assert index._postings.everyone == sum(state.bit for state in states)
    assert index.attendance.present == sum(state.bit for state in states if state.present)
    assert index.attendance.retired == sum(state.bit for state in states if state.retired)
    for known in list(index._signatures.known.values()):
        requires = known.requires
        signature = index.signature(requires)
        fit = signature.fit
        assert fit == sum(s.bit for s in states if is_qualified(s.agent, requires))
        capable = index._signatures.capable(signature.line)
        assert capable == sum(s.bit for s in states if fits_capacity(s.agent, requires))
        if signature.ranked is not None:
            assert sum(signature.ranked.ordered) == fit
    if index.refused is not None:
        needs = index.refused.requires
        able = sum(
            s.bit
            for s in states
            if s.present and is_qualified(s.agent, needs) and has_room(s, needs)
        )
        assert able & ~index.gained == 0
    for line in index._signatures.lines:
        line.settle(line.dirty)
        assert line.mask() == sum(s.bit for s in states if has_room(s, line.requires))
        for sequence in line.sequences.values():
            check_sequence(sequence)
            assert all(entry == line._entry(entry[-1]) for entry in sequence)


def check_reach(backlog: Backlog, index: RosterIndex) -> None:
    """What an agent can serve is what the rules say, queue by queue."""
    queues: Any = backlog._queues
    for state in index.agent_states.values():
        reach = queues.index.reach(state)
        for queue in queues.queues:
            if queue.indexed:
                able = (
                    state.present
                    and state.id not in queue.excluded
                    and is_qualified(state.agent, queue.requires)
                    and has_room(state, queue.requires)
                )
                assert bool(reach & queue.bit) == able


def check_blocked(backlog: Backlog, index: RosterIndex) -> None:
    """After a whole drain no agent can take anything, except queues and agents not looked at."""
    queues, touched = backlog._queues, backlog._gains.touched
    for state in index.agent_states.values():
        if state not in touched:
            assert not queues.index.reach(state) & ~queues.fresh & _with_work(queues)


def _with_work(queues: WorkQueues) -> int:
    return sum(queue.bit for queue in queues.queues if queue.pieces)
