"""Collection shapes: lists, mappings, date ranges and optional values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeGuard, final

import attrs

from entitlements.documents.formats.nodes import (
    ListNode,
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    node_text,
)
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable
from entitlements.documents.shapes.scalars import (
    DATE,
    TEXT,
    Definitions,
    JsonSchema,
    NewIdShape,
    Plain,
    ReferenceShape,
    ScalarShape,
    Shape,
    WriteContext,
)
from entitlements.kernel.frozenmaps import FrozenMap


def is_empty(node: Node) -> bool:
    """Return whether the node is null."""
    return isinstance(node, ScalarNode) and node.kind is ScalarKind.NULL


def items_of(node: Node) -> tuple[Node, ...]:
    """Return the items of a list; a single value is a list of one, null an empty one."""
    if isinstance(node, ListNode):
        return node.items
    return () if is_empty(node) else (node,)


_COMMAS: Final = re.compile(r"\s*,\s+")


def _is_unbracketed(node: Node) -> TypeGuard[ScalarNode]:
    """Return whether this is a list of names without brackets around it."""
    return isinstance(node, ScalarNode) and bool(_COMMAS.search(node.text))


@final
@attrs.frozen
class OptionalShape(Shape):
    """A value, or null."""

    shape: Shape

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value or None."""
        return None if is_empty(node) else self.shape.read(node, into)

    def named(self) -> frozenset[str]:
        """Return the names that the value defines."""
        return self.shape.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the form of the value, or null."""
        return None if value is None else self.shape.write(value, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return either."""
        return {"anyOf": [self.shape.schema(defs), {"type": "null"}]}


@final
@attrs.frozen
class ListShape(Shape):
    """A list; a single value is a list of one, null an empty one."""

    shape: Shape
    make: Callable[[Any], Any] = tuple

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return all values, or `UNREADABLE` if one of them is."""
        names = isinstance(self.shape, NewIdShape | ReferenceShape)
        if (names or getattr(self.shape, "lone", None)) and _is_unbracketed(node):
            into.lose(*self.named())
            hint = f"write a list: `[{', '.join(_COMMAS.split(node.text.strip('()')))}]`"
            return into.problem(node, f"`{node.text}` is one name", hint)
        values = [self.shape.read(item, into) for item in items_of(node)]
        return (
            UNREADABLE
            if any(isinstance(each, Unreadable) for each in values)
            else self.make(values)
        )

    def named(self) -> frozenset[str]:
        """Return the names that the values define."""
        return self.shape.named()

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a list; a set is sorted."""
        items = [self.shape.write(each, out) for each in value]
        return sorted(items, key=str) if self.make is frozenset else items

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of the values, or one."""
        item = self.shape.schema(defs)
        return {"anyOf": [{"type": "array", "items": item}, item, {"type": "null"}]}


@final
@attrs.frozen
class MappingShape(Shape):
    """A mapping from names to values.

    Attributes:
        shape: The shape of the values.
        key: The shape of the keys, if not any text is allowed.
        names: The kind of things that the keys name.
        refers: The kind of things that the keys refer to.
        short: The shape of a shorter form, which is not a mapping.
    """

    shape: Shape
    key: ScalarShape = TEXT
    names: str | None = None
    refers: str | None = None
    short: Shape | None = None

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the mapping, or `UNREADABLE` if a key or value is."""
        if is_empty(node):
            return FrozenMap[str, Any]()
        if isinstance(node, MappingNode):
            if node.lossy:
                into.lose(*self.named())
            pairs = [self._pair(node.keys[key], node.entries[key], into) for key in node.entries]
            broken = any(isinstance(each, Unreadable) for pair in pairs for each in pair)
            return UNREADABLE if broken else FrozenMap[str, Any](pairs)
        if self.short is not None:
            return self.short.read(node, into)
        into.lose(*self.named())
        return into.problem(node, f"{node_text(node)} is not a mapping")

    def named(self) -> frozenset[str]:
        """Return the names that keys and values define."""
        keys = frozenset() if self.names is None else frozenset({self.names})
        return keys | self.shape.named()

    def _pair(self, key: ScalarNode, node: Node, into: ReadContext) -> tuple[Any, Any]:
        if not key.text:
            into.problem(key, "an empty text is not a name")
            return UNREADABLE, UNREADABLE
        if self.names is not None:
            into.name(self.names, key.text, key, unique=False)
        if self.refers is not None:
            into.refer(key, self.refers)
        return into.guarded(key, lambda: self.key.parse(key.text)), self.shape.read(node, into)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the mapping, sorted by key."""
        pairs = [(self.key.write(k, out), self.shape.write(value[k], out)) for k in sorted(value)]
        return {str(key): each for key, each in pairs}

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a mapping, or the shorter form."""
        mapping: JsonSchema = {
            "type": ["object", "null"],
            "additionalProperties": self.shape.schema(defs),
        }
        return {"anyOf": [mapping, self.short.schema(defs)]} if self.short else mapping


@final
@attrs.frozen
class DateRangeShape(Shape):
    """A range of dates: the first and the last."""

    def read(self, node: Node, into: ReadContext) -> tuple[date, date] | Unreadable:
        """Return both dates."""
        if not isinstance(node, ListNode) or len(node.items) != 2:  # noqa: PLR2004 - two dates
            return into.problem(node, f"{node_text(node)} is not a list of two dates")
        first, last = (DATE.read(item, into) for item in node.items)
        return (
            UNREADABLE
            if isinstance(first, Unreadable) or isinstance(last, Unreadable)
            else (first, last)
        )

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return a list of two."""
        return [DATE.write(each, out) for each in value]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of two dates."""
        day = DATE.schema(defs)
        return {"type": "array", "items": day, "minItems": 2, "maxItems": 2}
