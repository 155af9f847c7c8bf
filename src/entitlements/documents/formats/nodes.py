"""Where does each piece of a document stand?

A document is a tree of leaves, lists and mappings, whatever it was written in. Each node knows its
file, its line and its path, so that whatever is wrong with it can be said at the right place.
Leaves keep the text as it was written: what it means depends on who reads it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, TypeAlias, final

import attrs

_STEP: Final = re.compile(r"\[(\d{1,9})\]|([^.\[\]]+)")


HOLLOW: Final = "nothing"
"""Text of a broken leaf that stands for an empty value."""


class ScalarKind(StrEnum):
    """What a leaf looks like; `BROKEN` marks one whose problem has been told already."""

    NULL = "nothing"
    TRUTH = "a truth value"
    NUMBER = "a number"
    TEXT = "text"
    BROKEN = "broken"


@final
@attrs.frozen(eq=False)
class ScalarNode:
    """One scalar, as it was written."""

    file: str
    line: int
    path: str
    kind: ScalarKind
    text: str


@final
@attrs.frozen(eq=False)
class ListNode:
    """A list."""

    file: str
    line: int
    path: str
    items: tuple[Node, ...]


@final
@attrs.frozen(eq=False)
class MappingNode:
    """A mapping: values by key, and the keys as they stand in the document.

    It is `lossy` where values are left out, such as the second one of a key; that has been told.
    """

    file: str
    line: int
    path: str
    entries: dict[str, Node]
    keys: dict[str, ScalarNode]
    lossy: bool = False


Node: TypeAlias = ScalarNode | ListNode | MappingNode


def find(node: Node, path: str | None) -> Node:
    """Return the node at `path` below `node`, or the nearest one above where there is none.

    A lone value that stands for a list is its own first item.
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


def is_hollow(node: Node) -> bool:
    """Return whether an empty value stands there, of which the problem has been told."""
    return isinstance(node, ScalarNode) and node.kind is ScalarKind.BROKEN and node.text == HOLLOW


def node_text(node: Node) -> str:
    """Return what stands there, in a few words: the user's own in backticks."""
    match node:
        case MappingNode():
            return "a mapping"
        case ListNode():
            return "a list"
        case ScalarNode(text=text):
            return f"`{text}`"
