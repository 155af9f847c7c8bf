"""YAML reader with line numbers.

Only events are taken from PyYAML, so that it builds no objects: scalars are read by the core rules
of YAML 1.2 (`off`, `no` and dates are text), aliases and tags are rejected, and the tree has
limits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final

from entitlements.documents.formats.nodes import (
    AMOUNT_AFTER_COMMA,
    EMPTY_VALUE,
    MERGE_KEY,
    ScalarKind,
)
from entitlements.documents.formats.problems import Problem, document_error
from entitlements.documents.formats.tree_builder import TreeBuilder
from entitlements.documents.formats.yaml_slips import (
    COMMENT_HINT,
    begins_comment,
    explain,
    is_numbered,
)
from entitlements.kernel.errors import DocumentError

NUMBER: Final = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_TIMES: Final = re.compile(r"\s*\d{1,2}:\d\d\s*-\s*\d{1,2}:\d\d.*", re.ASCII)
NO_VALUE: Final = "there is no value"
"""The message about a key without a value."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS: Final = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


def load_yaml(file: str) -> ModuleType:
    """Return PyYAML; `file` is named in the error.

    Raises:
        DocumentError: It is not installed.
    """
    try:
        import yaml  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        message = "YAML needs PyYAML, which is not installed; install `entitlements[yaml]`"
        raise document_error(file, 0, message) from None
    return yaml


def read_yaml(text: str, file: str, problems: list[Problem]) -> TreeBuilder:
    """Return a builder with the whole text.

    Raises:
        DocumentError: The text is not YAML, has several documents, or is nested too deeply.
    """
    yaml = load_yaml(file)
    builder = TreeBuilder(file, problems)
    # The C parser is ten times as fast; both give the same events.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents, last = 0, None
    lines = text.split("\n")
    try:
        for event in yaml.parse(text, Loader=loader):
            last = event
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise document_error(
                        file, _line(event), "a second document starts; use two files"
                    )
            else:
                _add_event(yaml, event, builder, lines)
    except yaml.YAMLError as error:
        raise _syntax(error, text, file, last) from None
    except DocumentError:
        raise
    except (ValueError, OverflowError):  # the Python parser accepts an escape like "\\UFFFFFFFF"
        raise document_error(file, 0, "this is not YAML: an escape is not a character") from None
    return builder


def _add_event(yaml: ModuleType, event: Any, builder: TreeBuilder, lines: Sequence[str]) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent):
        hint = "repeat the value"
        if builder.key == MERGE_KEY:
            hint = "write `based_on: ID` for what a plan has of another"
        builder.broken(line, f"alias `*{event.anchor}` is not allowed", hint)
    elif isinstance(event, yaml.ScalarEvent):
        if event.tag not in {None, "!"}:
            builder.broken(line, f"tag `{event.tag}` is not allowed", "remove it")
        elif event.implicit[0] and event.style in {None, ""}:
            _add_plain(event, line, builder, lines)
        else:
            builder.scalar(ScalarKind.TEXT, event.value, line)
    elif isinstance(event, yaml.CollectionStartEvent):
        if event.tag not in {None, "!"}:
            raise document_error(builder.file, line, f"tag `{event.tag}` is not allowed")
        builder.open(line, keyed=isinstance(event, yaml.MappingStartEvent))
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.close()


def _add_plain(event: Any, line: int, builder: TreeBuilder, lines: Sequence[str]) -> None:
    """Add a scalar without quotes, unless it is empty or has unbalanced brackets or quotes."""
    text, row = event.value, lines[line - 1] if line <= len(lines) else ""
    if not text and not builder.empty:
        first, blank, _ = (builder.key or "").partition(" ")
        hint = "add a value, or `[]` for an empty list, or remove the key"
        key, colon, _ = first.partition(":")
        if event.anchor is not None:
            hint = f'`&` cannot begin a text; write `"&{event.anchor}"`'
        elif begins_comment(row, builder.key or ""):
            hint = COMMENT_HINT
        elif AMOUNT_AFTER_COMMA.fullmatch(builder.key or ""):
            hint = f"a decimal comma is a point here: `0.{builder.key}`"
        elif _TIMES.fullmatch(builder.key or ""):
            hint = "hours with a comma need quotes around them, inside braces"
        elif colon:
            hint = f"is a blank missing after `{key}:`?"
        elif blank:
            hint = f"is a `:` missing after `{first}`?"
        builder.broken(line, NO_VALUE, hint, EMPTY_VALUE)
    elif text and is_numbered(lines, event.end_mark):
        message = f"the number behind `{text[-40:]}` is a comment"
        builder.broken(line, message, "put the text in quotes", once=True)
    elif is_unbalanced(text):
        hint = "put it in quotes if it is text"
        builder.broken(line, f"`{text}` has an unbalanced quote or bracket", hint, once=True)
    else:
        builder.scalar(_kind(text), text, line)


def is_unbalanced(text: str) -> bool:
    """Return whether brackets or double quotes in `text` are not in pairs.

    >>> is_unbalanced("phone, web]"), is_unbalanced("Cloud (AWS)")
    (True, False)
    """
    return (
        text.count("[") != text.count("]")
        or text.count("{") != text.count("}")
        or text.count('"') % 2 == 1
    )


def _kind(text: str) -> ScalarKind:
    if text in _NULLS:
        return ScalarKind.NULL
    if text in _TRUTHS:
        return ScalarKind.TRUTH
    return ScalarKind.NUMBER if NUMBER.fullmatch(text) else ScalarKind.TEXT


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _syntax(error: Any, text: str, file: str, last: Any) -> DocumentError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        problem = (
            getattr(error, "problem", None) or getattr(error, "context", None) or "syntax error"
        )
        line, noticed = _begin_line(error, last) or mark.line + 1, mark.line + 1
        slip = explain(text.split("\n"), line, noticed)
        if slip is not None:
            return document_error(file, slip[0], f"this is not YAML: {slip[1]}")
        seen = "" if line == noticed else f", noticed on line {noticed}"
        return document_error(
            file, line, f"this is not YAML: {_plainly(problem, text, mark.index)}{seen}"
        )
    bad = next((at for at, letter in enumerate(text) if not _allowed(letter)), 0)
    message = f"the control character U+{ord(text[bad : bad + 1] or ' '):04X} is not allowed"
    return document_error(file, text.count("\n", 0, bad) + 1, message)


_SENTENCES: Final = {
    "tab character": "a tab is used for indentation; use blanks",
    "expected ':'": "a `:` with a blank behind it is missing after a key",
    "mapping values are not allowed": "a second `: ` on a line, or a line that is indented too "
    "far; text that holds `: ` needs quotes",
    "expected '-' indicator": "this line is not indented like the others of its list",
    "did not find expected key": "this line is not indented like the others of its mapping",
    "expected <block end>": "this line is not indented like those above it",
    "expected ',' or '}'": "a `,` or `}` is missing",
    "expected ',' or ']'": "a `,` or `]` is missing",
    "unexpected end of stream": "a quote is not closed",
}


def _plainly(problem: str, text: str, at: int) -> str:
    """Return what PyYAML found in words that say what to do."""
    for part, sentence in _SENTENCES.items():
        if part in problem:
            return sentence
    if "cannot start any token" not in problem:
        return problem
    letter = text[at : at + 1]
    if letter == "\t":
        return _SENTENCES["tab character"]
    return f"`{letter}` cannot begin a value; put the text in quotes"


def _begin_line(error: Any, last: Any) -> int | None:
    """Return the line on which the list, mapping, quote or key begins that has no end, or None.

    A quote that is not closed ends at the next quote, and the text after it cannot be parsed.
    """
    context = getattr(error, "context", None) or ""
    if any(word in context for word in ("flow", "quoted", "simple key")):
        return int(error.context_mark.line) + 1
    mark = error.problem_mark
    if mark is not None and getattr(last, "style", None) in {"'", '"'}:
        start, end = last.start_mark.line, last.end_mark.line
        if start != end == mark.line:
            return int(start) + 1
    return None


def _allowed(letter: str) -> bool:
    return letter in "\t\n\r\x85" or " " <= letter <= "~" or letter >= "\xa0"
