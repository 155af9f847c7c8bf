"""Values without a truth value: `bool()` of them raises.

A refusal would be true like any other object, and `if decide(...)` would grant access. Every answer
that can be yes or no therefore raises when it is used as a condition: use `match`.
"""

from __future__ import annotations

from typing import NoReturn


class NoTruthValue:
    """Base of answers that can be yes or no; using one as a condition raises `TypeError`."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("an answer is neither true nor false; match on it")
