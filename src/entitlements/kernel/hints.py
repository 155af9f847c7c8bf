"""Hints: the known name that a misspelled one probably meant, found with bounded work.

Work is counted in pairs of letters compared. Each hint may use `MAX_EFFORT_OF_ONE`; within
`bounded`, all hints together may use `MAX_EFFORT_OF_ALL`. A hint that would cost more is omitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, final

MAX_EFFORT_OF_ONE: Final = 500_000
MAX_EFFORT_OF_ALL: Final = 2_000_000
MAX_WORD: Final = 60

_CUTOFF: Final = 0.6


@final
class Effort:
    """A budget of pairs of letters that may be compared."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, pairs: int) -> bool:
        """Take `pairs` off what is left and return whether that was enough."""
        self.left -= pairs
        return self.left >= 0


_SHARED: Final[ContextVar[Effort | None]] = ContextVar("effort of hints", default=None)


@contextmanager
def bounded(most: int = MAX_EFFORT_OF_ALL) -> Iterator[Effort]:
    """Share a budget of `most` pairs of letters among all hints made inside."""
    effort = Effort(most)
    token = _SHARED.set(effort)
    try:
        yield effort
    finally:
        _SHARED.reset(token)


def closest(word: str, known: Iterable[str], *, cutoff: float = _CUTOFF) -> str | None:
    """Return the known word closest to `word`, or None if none is close.

    A word that differs in upper and lower case only is the closest.

    None is also the answer for a word of more than 60 letters, and where comparing would take
    more work than is left: a guess among some of the names could be the wrong one.

    >>> closest("boton", ["berlin", "boston"]), closest("s3", ["S2", "S3"])
    ('boston', 'S3')

    Args:
        word: The word.
        known: The known words.
        cutoff: How similar a word must be, from 0 to 1 for equal.
    """
    shared = _SHARED.get()
    most = MAX_EFFORT_OF_ONE if shared is None else min(MAX_EFFORT_OF_ONE, shared.left)
    effort = Effort(most)
    found = _closest(word, known, effort, cutoff) if len(word) <= MAX_WORD else None
    if shared is not None:
        shared.left -= most - max(effort.left, 0)
    return found


def _closest(word: str, known: Iterable[str], effort: Effort, cutoff: float) -> str | None:
    from difflib import SequenceMatcher  # noqa: PLC0415 - on first use

    matcher: SequenceMatcher[str] = SequenceMatcher()
    matcher.set_seq2(word)
    best: tuple[float, str] | None = None
    for name in known:
        if not effort.spend(1):
            return None
        both = len(word) + len(name)
        if word and len(word) == len(name) and word.casefold() == name.casefold():
            return name
        if not both or 2 * min(len(word), len(name)) / both < cutoff:
            continue
        matcher.set_seq1(name)
        if not effort.spend(both):
            return None
        if matcher.quick_ratio() < cutoff:
            continue
        if not effort.spend(len(word) * len(name)):
            return None
        ratio = matcher.ratio()
        if ratio >= cutoff and (best is None or (ratio, name) > best):
            best = (ratio, name)
    return best[1] if best else None


def closest_match_hint(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known word closest to `word`, or None; see `closest`.

    >>> closest_match_hint("boton", ["berlin", "boston"])
    'did you mean `boston`?'
    """
    close = closest(word, known)
    return None if close is None else f"did you mean `{close}`?"
