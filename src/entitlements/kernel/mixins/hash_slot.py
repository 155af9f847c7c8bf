"""Hash slot: a place for the hash of a frozen value that is used as a key many times."""

from __future__ import annotations


class HashSlot:
    """Base of a value that keeps its hash once it was asked for.

    The slot is no field of the value: it is empty in copies and in what was pickled, because hashes
    of text differ between processes. A number in a slot is nothing that the garbage collector has
    to visit, unlike the hash that attrs keeps. Classes read it with `getattr(self, "_hash", None)`:
    most values are hashed for the first time, and an exception takes five times as long.
    """

    __slots__ = ("_hash",)

    _hash: int

    def _keep_hash(self, value: int) -> int:
        object.__setattr__(self, "_hash", value)
        return value
