"""Answers that are neither true nor false.

A refusal would be truthy like any other object, so that `if decide(...)` let it in. Everything the
library answers with yes or no therefore refuses to be a condition: match on it.
"""

from __future__ import annotations

from typing import NoReturn


class NoTruthValue:
    """Base of the values that a decision is made of; it has no truth value."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("an answer is neither true nor false; match on it")
