"""Problems of a document, with file, line and path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

import attrs

from entitlements.kernel.errors import DocumentError

MAX_MESSAGE: Final = 300
MAX_HINT: Final = 1_000
"""Longer than a message may be, because a hint may list all keys that a plan can have."""

MAX_PROBLEMS: Final = 1_000


@final
@attrs.frozen
class Problem:
    """One problem at one place.

    Attributes:
        file: The name of the document.
        line: The line, from 1; 0 if the problem is of the whole document.
        path: The path in the document, such as `plans[0].id`.
        message: What is wrong.
        hint: How to correct it.

    >>> str(Problem("support.yaml", 12, "plans[0].id", "`a b ` is not an id"))
    'support.yaml:12: plans[0].id: `a b ` is not an id'
    """

    file: str
    line: int
    path: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        path = f" {one_line(self.path, 120)}:" if self.path else ""
        hint = f" ({one_line(self.hint, MAX_HINT)})" if self.hint else ""
        return f"{self.file}{line}:{path} {one_line(self.message)}{hint}"


def document_error(file: str, line: int, message: str, path: str = "") -> DocumentError:
    """Return the error for a document of which the rest cannot be read."""
    return DocumentError([str(Problem(file, line, path, message))])


def documents_error(problems: Iterable[Problem], files: Sequence[str]) -> DocumentError:
    """Return all problems as one error, in the order of the files and their lines."""
    order = {file: position for position, file in enumerate(files)}
    ranked = sorted(problems, key=lambda each: (order.get(each.file, -1), each.line))
    lines = [str(each) for each in ranked[:MAX_PROBLEMS]]
    if len(ranked) > MAX_PROBLEMS:
        lines.append(f"and {len(ranked) - MAX_PROBLEMS} more problems")
    return DocumentError(lines)


def one_line(text: str, longest: int = MAX_MESSAGE) -> str:
    """Return `text` on one line, cut after `longest` characters."""
    cut = text if len(text) <= longest else f"{text[:longest]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in cut)
