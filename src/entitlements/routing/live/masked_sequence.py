"""Masked sequence: a sorted sequence that finds the first entry among a set, given as a bit mask.

An entry is a tuple that ends in an item with a `bit`, a power of 2 of its own. All entries of a
sequence have the same length. They are kept in leaves of at most 48, and leaves in chunks of at
most 24. Every leaf and every chunk has the union of the bits below it, so a search skips whatever
holds none of the wanted items. Up to 48 entries are a single leaf without a chunk. Keys must be
total: two entries never compare equal, and an item has at most one entry.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias, final

Entry: TypeAlias = tuple[Any, ...]
"""Keys in the order of comparison, and the item."""

MAX_LEAF: Final = 48
MAX_CHUNK: Final = 24
# What shrinks to a third is joined with a neighbour if both fill three quarters at most.
_SMALL_LEAF: Final = MAX_LEAF // 3
_SMALL_CHUNK: Final = MAX_CHUNK // 3
_JOIN_LEAVES: Final = MAX_LEAF * 3 // 4
_JOIN_CHUNKS: Final = MAX_CHUNK * 3 // 4
_FEW_BITS: Final = 8


@final
class _Chunk:
    """Some neighbouring leaves, with the last entry and the mask of each."""

    __slots__ = ("lasts", "leaves", "mask", "masks")

    def __init__(self, leaves: list[list[Entry]]) -> None:
        self.leaves = leaves
        self.lasts = [leaf[-1] for leaf in leaves]
        self.masks = [_union(leaf) for leaf in leaves]
        self.mask = 0
        for each in self.masks:
            self.mask |= each


@final
class MaskedSequence:
    """Entries in order, each with a bit.

    `add`, `discard` and `swap` cost O(log n) comparisons, and no operation passes over all entries.
    `first` costs O(n / 1,152 + 72) mask operations and no comparison.

    Attributes:
        mask: The union of the bits of all entries.
    """

    __slots__ = ("_chunks", "_item", "_lasts", "_leaf", "mask")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        ordered = sorted(entries)
        self.mask = _union(ordered)
        # The place of the item in an entry, because Python reads places from the end slowly.
        self._item = len(ordered[0]) - 1 if ordered else 0
        # The only leaf; None if there are chunks.
        self._leaf: list[Entry] | None = ordered
        self._chunks: list[_Chunk] = []
        self._lasts: list[Entry] = []
        if len(ordered) > MAX_LEAF:
            half = MAX_LEAF // 2
            self._divide([ordered[n : n + half] for n in range(0, len(ordered), half)])

    def _divide(self, leaves: list[list[Entry]]) -> None:
        """Keep the entries of these leaves in chunks."""
        half, self._leaf = MAX_CHUNK // 2, None
        self._chunks = [_Chunk(leaves[n : n + half]) for n in range(0, len(leaves), half)]
        self._lasts = [chunk.lasts[-1] for chunk in self._chunks]

    def __len__(self) -> int:
        return sum(map(len, self._leaves()))

    def __iter__(self) -> Iterator[Entry]:
        for leaf in self._leaves():
            yield from leaf

    def _leaves(self) -> list[list[Entry]]:
        if self._leaf is not None:
            return [self._leaf]
        return [leaf for chunk in self._chunks for leaf in chunk.leaves]

    def first(self, want: int) -> Any:
        """Return the item of the first entry whose bit is in `want`, or None."""
        want &= self.mask
        if not want:
            return None
        last, leaf = self._item, self._leaf
        if leaf is not None:
            for entry in leaf:
                item = entry[last]
                if item.bit & want:
                    return item
        for chunk in self._chunks:
            if chunk.mask & want:
                for number, mask in enumerate(chunk.masks):
                    hit = mask & want
                    if hit:
                        for entry in chunk.leaves[number]:
                            item = entry[last]
                            if item.bit & hit:
                                return item
        raise AssertionError  # a mask is the union of the bits below it

    def walk(self, want: int) -> Iterator[Entry]:
        """Yield the entries whose bit is in `want`, in order."""
        want &= self.mask
        for entry in self._leaf or ():
            if entry[-1].bit & want:
                yield entry
        for chunk in self._chunks:
            if chunk.mask & want:
                for number, mask in enumerate(chunk.masks):
                    hit = mask & want
                    if hit:
                        for entry in chunk.leaves[number]:
                            if entry[-1].bit & hit:
                                yield entry

    def add(self, entry: Entry) -> None:
        """Add an entry; its item must have none."""
        leaf = self._leaf
        if leaf is not None:
            if not leaf:
                self._item = len(entry) - 1
            insort(leaf, entry)
            self.mask |= entry[-1].bit
            if len(leaf) > MAX_LEAF:
                self._grown(entry)
            return
        at = bisect_left(self._lasts, entry)
        if at == len(self._lasts):
            at -= 1
        chunk = self._chunks[at]
        place = bisect_left(chunk.lasts, entry)
        if place == len(chunk.lasts):
            place -= 1
        leaf, bit = chunk.leaves[place], entry[-1].bit
        insort(leaf, entry)
        chunk.masks[place] |= bit
        chunk.mask |= bit
        self.mask |= bit
        chunk.lasts[place] = leaf[-1]
        self._lasts[at] = chunk.lasts[-1]
        if len(leaf) > MAX_LEAF:
            self._split(at, place)

    def discard(self, entry: Entry) -> None:
        """Remove an entry, which must be in the sequence."""
        leaf = self._leaf
        if leaf is not None:
            del leaf[bisect_left(leaf, entry)]
            self.mask ^= entry[-1].bit
            return
        at = bisect_left(self._lasts, entry)
        chunk = self._chunks[at]
        place = bisect_left(chunk.lasts, entry)
        leaf, bit = chunk.leaves[place], entry[-1].bit
        del leaf[bisect_left(leaf, entry)]
        chunk.masks[place] ^= bit
        chunk.mask ^= bit
        self.mask ^= bit
        if len(leaf) <= _SMALL_LEAF and (not leaf or len(chunk.leaves) > 1):
            self._shrunk(at, place)
        else:
            chunk.lasts[place] = leaf[-1]
            self._lasts[at] = chunk.lasts[-1]

    def swap(self, old: Entry, new: Entry) -> None:
        """Replace an entry by another one of the same item.

        If a comparison fails, nothing changes.
        """
        if self._leaf is not None:
            _swap_in_leaf(self._leaf, old, new)
            return
        lasts = self._lasts
        at = bisect_left(lasts, old)
        chunk = self._chunks[at]
        place = bisect_left(chunk.lasts, old)
        leaf = chunk.leaves[place]
        before = bisect_left(leaf, old)
        to = bisect_left(lasts, new)
        if to == len(lasts):
            to -= 1
        target = self._chunks[to]
        spot = bisect_left(target.lasts, new)
        if spot == len(target.lasts):
            spot -= 1
        other = target.leaves[spot]
        after = bisect_left(other, new)
        # All comparisons are done. The mask of the whole does not change.
        del leaf[before]
        if other is leaf:
            leaf.insert(after - (before < after), new)
        else:
            other.insert(after, new)
            self._move_bit(chunk, place, target, spot, new[-1].bit)
        target.lasts[spot] = other[-1]
        lasts[to] = target.lasts[-1]
        if len(leaf) <= _SMALL_LEAF and (not leaf or len(chunk.leaves) > 1):
            self._shrunk(at, place)
        elif other is not leaf:
            chunk.lasts[place] = leaf[-1]
            lasts[at] = chunk.lasts[-1]
        if len(other) > MAX_LEAF:
            self._grown(new)

    @staticmethod
    def _move_bit(chunk: _Chunk, place: int, target: _Chunk, spot: int, bit: int) -> None:
        chunk.masks[place] ^= bit
        target.masks[spot] |= bit
        if chunk is not target:
            chunk.mask ^= bit
            target.mask |= bit

    def _shrunk(self, at: int, place: int) -> None:
        chunk = self._chunks[at]
        leaf = chunk.leaves[place]
        if leaf:
            chunk.lasts[place] = leaf[-1]
            self._lasts[at] = chunk.lasts[-1]
        self._join(at, place)

    def _grown(self, entry: Entry) -> None:
        leaf, half = self._leaf, MAX_LEAF // 2
        if leaf is not None:
            self._divide([leaf[:half], leaf[half:]])
            return
        at = bisect_left(self._lasts, entry)
        self._split(at, bisect_left(self._chunks[at].lasts, entry))

    def _split(self, at: int, place: int) -> None:
        chunk = self._chunks[at]
        leaf, half = chunk.leaves[place], MAX_LEAF // 2
        chunk.leaves[place : place + 1] = [leaf[:half], leaf[half:]]
        chunk.lasts[place : place + 1] = [leaf[half - 1], leaf[-1]]
        chunk.masks[place : place + 1] = [_union(leaf[:half]), _union(leaf[half:])]
        if len(chunk.leaves) > MAX_CHUNK:
            half = MAX_CHUNK // 2
            self._replace(at, at + 1, [chunk.leaves[:half], chunk.leaves[half:]])

    def _join(self, at: int, place: int) -> None:
        """Join a small leaf with a small neighbour, or remove it if it is empty."""
        chunk = self._chunks[at]
        leaves = chunk.leaves
        for first in (place - 1, place):
            pair = leaves[first : first + 2] if first >= 0 else []
            if len(pair) > 1 and (not leaves[place] or sum(map(len, pair)) <= _JOIN_LEAVES):
                leaves[first : first + 2] = [pair[0] + pair[1]]
                chunk.lasts[first : first + 2] = [leaves[first][-1]]
                joined = chunk.masks[first] | chunk.masks[first + 1]
                chunk.masks[first : first + 2] = [joined]
                self._lasts[at] = chunk.lasts[-1]
                if len(leaves) <= _SMALL_CHUNK:
                    self._join_chunks(at)
                break
        if not leaves[0]:
            del self._chunks[at], self._lasts[at]
        if len(self._chunks) == 1 and len(self._chunks[0].leaves) == 1:
            self._leaf, self._chunks, self._lasts = self._chunks[0].leaves[0], [], []

    def _join_chunks(self, at: int) -> None:
        for first in (at - 1, at):
            if first >= 0 and first + 1 < len(self._chunks):
                one, two = self._chunks[first].leaves, self._chunks[first + 1].leaves
                if len(one) + len(two) <= _JOIN_CHUNKS:
                    self._replace(first, first + 2, [one + two])
                    return

    def _replace(self, start: int, stop: int, parts: list[list[list[Entry]]]) -> None:
        chunks = [_Chunk(leaves) for leaves in parts]
        self._chunks[start:stop] = chunks
        self._lasts[start:stop] = [chunk.lasts[-1] for chunk in chunks]


def slots_of(mask: int) -> list[int]:
    """Return the numbers of the bits of a mask, smallest first; O(bits of the mask)."""
    found = []
    if mask.bit_count() <= _FEW_BITS:
        # Most masks are wide and nearly empty.
        while mask:
            found.append(slot := mask.bit_length() - 1)
            mask ^= 1 << slot
        return found[::-1]
    digits = f"{mask:b}"[::-1]
    slot = digits.find("1")
    while slot >= 0:
        found.append(slot)
        slot = digits.find("1", slot + 1)
    return found


def _union(leaf: list[Entry]) -> int:
    mask = 0
    for entry in leaf:
        mask |= entry[-1].bit
    return mask


def _swap_in_leaf(leaf: list[Entry], old: Entry, new: Entry) -> None:
    if len(leaf) == 1:
        leaf[0] = new
        return
    before, after = bisect_left(leaf, old), bisect_left(leaf, new)
    del leaf[before]
    leaf.insert(after - (before < after), new)
