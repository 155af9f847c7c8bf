"""Document nodes: a tree of scalars, lists and mappings with file, line and path.

The tree is the same for YAML and JSON. Scalars keep the text as it was written; its meaning depends
on the shape that reads it.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.kernel.mixins.text_enum import TextEnum

_STEP: Final = re.compile(r"\[(\d{1,9})\]|([^.\[\]]+)")

EMPTY_VALUE: Final = "nothing"
"""Text of a broken scalar in place of an empty value."""


class ScalarKind(TextEnum):
    """The kind of a scalar; `BROKEN` marks one whose problem has been added already."""

    NULL = "nothing"
    TRUTH = "a truth value"
    NUMBER = "a number"
    TEXT = "text"
    BROKEN = "broken"


@final
@attrs.frozen(eq=False)
class ScalarNode:
    """One scalar, with its text as it was written."""

    file: str
    line: int
    path: str
    kind: ScalarKind
    text: str


@final
@attrs.frozen(eq=False)
class ListNode:
    """A list with its items."""

    file: str
    line: int
    path: str
    items: tuple[Node, ...]


@final
@attrs.frozen(eq=False)
class MappingNode:
    """A mapping: values by key, and the nodes of the keys.

    It is `lossy` if values are left out, such as the second one of a key; their problem has been
    added already.
    """

    file: str
    line: int
    path: str
    entries: dict[str, Node]
    keys: dict[str, ScalarNode]
    lossy: bool = False


Node: TypeAlias = ScalarNode | ListNode | MappingNode


def find(node: Node, path: str | None) -> Node:
    """Return the node at `path` below `node`, or the nearest one above it if there is none.

    A single value in place of a list is its own first item.
    """
    for step in _STEP.finditer(path or ""):
        index, key = step.groups()
        match node:
            case MappingNode(entries=entries) if key is not None and key in entries:
                node = entries[key]
            case ListNode(items=items) if index is not None and int(index) < len(items):
                node = items[int(index)]
            case ScalarNode() | MappingNode() if index == "0":
                pass
            case _:
                break
    return node


MERGE_KEY: Final = "<<"
"""The key by which YAML copies a mapping into another."""

AMOUNT_AFTER_COMMA: Final = re.compile(r"\d+ ?(h|hours?|m|min|minutes?|d|days?)", re.ASCII)
"""What follows the comma in `0,5h`, inside braces: a key without a value."""


def is_empty_value(node: Node) -> bool:
    """Return whether this is an empty value, whose problem has been added already."""
    return (
        isinstance(node, ScalarNode) and node.kind is ScalarKind.BROKEN and node.text == EMPTY_VALUE
    )


def node_text(node: Node) -> str:
    """Return the node in a few words: its text in backticks, or `a mapping` or `a list`."""
    match node:
        case MappingNode():
            return "a mapping"
        case ListNode():
            return "a list"
        case ScalarNode(text=text):
            return f"`{text}`"


def node_data(node: Node) -> Any:
    """Return the node as plain data, as a parser of JSON gives it; an empty value is None."""
    match node:
        case MappingNode(entries=entries):
            return {key: node_data(each) for key, each in entries.items()}
        case ListNode(items=items):
            return [node_data(each) for each in items]
        case ScalarNode(kind=ScalarKind.TRUTH, text=text):
            return text.lower() == "true"
        case ScalarNode(kind=ScalarKind.NUMBER, text=text):
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        case ScalarNode(kind=ScalarKind.NULL | ScalarKind.BROKEN):
            return None
        case ScalarNode(text=text):
            return text
