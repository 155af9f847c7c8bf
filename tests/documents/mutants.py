"""Documents with random edits of letters, words, lines and branches, the same for each seed.

To run more of them than the tests do, and count the outcomes:

    python -m tests.documents.mutants 20000
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import yaml
from tests.documents.examples import DOCUMENT

from entitlements.documents import parse_facts
from entitlements.documents.formats.files import Format
from entitlements.kernel.errors import DocumentError

HOSTILE: Final = (
    *("null", "~", "true", "-1", "0", "1e999", ".nan", "NaN", "9" * 30, "9" * 5_000, "1.5", "''"),
    *("[]", "{}", "[[]]", "*a", "&a x", "!!str x", "2026-02-30", "9999-12-31", "0001-01-01"),
    *("9999-12-31T23:59:59Z", "1h" * 50, "999999999h", "-5m", "1d", "Mo-Su 00:00-24:00", "EST"),
    *("\ud800", "\u200b", "\ufeff", "\u202e", "e\u0301", "\x00", "\x1b[2J", "\t", "x" * 300),
    *('"', "'", "[", "]", "{", "}", ":", "- ", "? ", "# ", "---", "...", "%YAML 1.1", "<<: x"),
)
_WORD: Final = re.compile(r"[\w.-]+")


def _letter(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(["", text[at] * 2, chr(rng.randrange(0x250))]) + text[at + 1 :]


def _word(rng: random.Random, text: str) -> str:
    words = list(_WORD.finditer(text))
    found = rng.choice(words)
    new = rng.choice([*HOSTILE, rng.choice(words).group()])
    return text[: found.start()] + new + text[found.end() :]


def _line(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    indented = " " * rng.randrange(5) + lines[at].lstrip(" ")
    lines[at] = rng.choice(["", lines[at] * 2, rng.choice(lines), indented])
    return "".join(lines)


def _piece(rng: random.Random, text: str) -> str:
    start, end = sorted(rng.randrange(len(text)) for _ in range(2))
    return rng.choice([text[:start] + text[end:], text[:end], text[:end] + text[start:]])


def _branches(rng: random.Random, text: str) -> str:
    """Exchange two branches of the tree, in JSON."""
    root = yaml.safe_load(DOCUMENT)
    places = list(_places(root))
    (one, key), (other, name) = rng.choice(places), rng.choice(places)
    one[key], other[name] = other[name], one[key]
    try:
        return json.dumps(root, default=str)
    except (ValueError, RecursionError):  # a branch is inside itself
        return text


def _places(node: object) -> Iterator[tuple[dict[object, object], object]]:
    children = node.items() if isinstance(node, dict) else enumerate(node)  # type: ignore[call-overload]
    for key, child in children:
        yield node, key  # type: ignore[misc]
        if isinstance(child, dict | list):
            yield from _places(child)


_EDITS: Final[tuple[Callable[[random.Random, str], str], ...]] = (
    *(_letter, _word, _word, _line, _piece, _branches),
)


def mutant(seed: int) -> tuple[str, Format]:
    """Return the document of a seed, and its format."""
    rng = random.Random(seed)  # noqa: S311 - the same every time
    text = DOCUMENT
    for _ in range(rng.choice([1, 1, 2, 4])):
        text = rng.choice(_EDITS)(rng, text) or DOCUMENT
    return text, "json" if text.startswith("{") and rng.random() < 0.5 else "yaml"


def outcome(seed: int) -> str:
    """Return the outcome of a document: `read`, or how many problems it has.

    Raises:
        AssertionError: It was not read, and has no proper problems.
    """
    text, format = mutant(seed)
    try:
        parse_facts(text, name="d", format=format)
    except DocumentError as error:
        problems = error.problems
    else:
        return "read"
    assert problems
    for each in problems:
        assert re.match(r"d:[1-9]\d*: ", each) or each.endswith("the document is empty"), each
        assert "the value is not possible" not in each, each
        assert each.isprintable(), each
        assert len(each) < 1_000, each
    return "one problem" if len(problems) == 1 else "several problems"


if __name__ == "__main__":
    found: Counter[str] = Counter()
    for number in range(int(sys.argv[1])):
        try:
            found[outcome(number)] += 1
        except Exception as error:  # noqa: BLE001 - counted and shown
            found[f"{type(error).__name__}: {error}"[:200]] += 1
            sys.stdout.write(f"{number}: {type(error).__name__}: {str(error)[:300]}\n")
    for what, times in found.most_common():
        sys.stdout.write(f"{times:6} {what}\n")
