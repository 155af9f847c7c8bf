"""Mask union: the union of many masks, of which one after the other is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final


@final
class MaskUnion:
    """The union of a fixed number of masks, in a binary tree over them.

    Attributes:
        mask: The union.
    """

    __slots__ = ("_nodes", "_size", "mask")

    def __init__(self, masks: Sequence[int]) -> None:
        self._size = len(masks)
        # The children of node n are the nodes 2n and 2n + 1; the last ones are the masks.
        self._nodes = nodes = [0] * self._size + list(masks)
        for n in range(self._size - 1, 0, -1):
            nodes[n] = nodes[2 * n] | nodes[2 * n + 1]
        self.mask = nodes[1] if self._size else 0

    def replace(self, number: int, mask: int) -> None:
        """Replace the mask of that number: O(log n) mask operations."""
        nodes, n = self._nodes, self._size + number
        nodes[n] = mask
        while n > 1:
            n //= 2
            joined = nodes[2 * n] | nodes[2 * n + 1]
            if joined == nodes[n]:
                return
            nodes[n] = joined
        self.mask = nodes[1]
