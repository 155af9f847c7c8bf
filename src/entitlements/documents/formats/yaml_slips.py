"""Slips in YAML that a parser notices elsewhere: dashes, quotes, and signs that begin a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

_ITEM: Final = re.compile(r"( *)- *\S")
_APOSTROPHE: Final = re.compile(r"(?:^|[:,\[{-]) *'[^',\]}]*\w'\w", re.ASCII)
_SIGN: Final = re.compile(r"(?:^|[:,\[{-]) +([&*!|>?%@`])\S")
_LOOK_BACK: Final = 3


class Mark(Protocol):
    """A place in the text, as PyYAML has it: line and column, from 0."""

    line: int
    column: int


COMMENT_HINT: Final = "`#` begins a comment; put the text in quotes"


def explain(lines: Sequence[str], first: int, last: int) -> tuple[int, str] | None:
    """Return the line and the sentence for a slip that made a parser stop, or None.

    >>> explain(["severities:", "  - S1", "  S2", "  - S3"], 2, 4)
    (3, 'a `-` is missing before `S2`')

    Args:
        lines: The lines of the text.
        first: The line on which the parser began what it could not end, from 1.
        last: The line on which it stopped.
    """
    for number in range(max(1, first), min(last, len(lines)) + 1):
        line = lines[number - 1]
        if _APOSTROPHE.search(line):
            return number, "an apostrophe ends a text in single quotes; use double quotes"
        if found := _SIGN.search(line):
            return number, f"`{found[1]}` cannot begin a value; put the text in quotes"
    return _missing_dash(lines, first, last)


def _missing_dash(lines: Sequence[str], first: int, last: int) -> tuple[int, str] | None:
    for number in range(max(2, first - _LOOK_BACK), min(last, len(lines)) + 1):
        line, above = lines[number - 1], _ITEM.match(lines[number - 2])
        text = line.strip()
        if above and text and ":" not in text and not text.startswith(("-", "#")):
            indent = len(line) - len(line.lstrip(" "))
            if indent in {len(above[1]), len(above[1]) + 2} and (
                indent == len(above[1]) or _follows(lines, number, above[1])
            ):
                return number, f"a `-` is missing before `{text[:40]}`"
    return None


def _follows(lines: Sequence[str], number: int, indent: str) -> bool:
    """Return whether the list goes on below a line."""
    return number < len(lines) and lines[number].startswith(f"{indent}- ")


def begins_comment(line: str, key: str) -> bool:
    """Return whether the value of a key is lost in a comment.

    >>> begins_comment("    name: #1 plan", "name"), begins_comment("name:  # later", "name")
    (True, False)
    """
    return re.search(rf"(?<![\w-]){re.escape(key[:100])}: +#\w", line) is not None


def is_numbered(lines: Sequence[str], end: Mark) -> bool:
    """Return whether a text such as `Plan #1` ends where YAML sees a comment."""
    rest = lines[end.line][end.column :] if end.line < len(lines) else ""
    return re.match(r" *#\d", rest) is not None
