"""Tagged unions: one of several value classes, by the key `kind`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    suggestion,
)
from entitlements.documents.shapes.records import RecordShape
from entitlements.documents.shapes.scalars import (
    Definitions,
    JsonSchema,
    Plain,
    Shape,
    WriteContext,
)
from entitlements.kernel.converters import with_article

KIND_KEY: Final = "kind"


@final
@attrs.frozen(eq=False)
class TaggedUnionShape(Shape):
    """One of several value classes, by the value of the key `kind`.

    Attributes:
        title: What such a value is called, such as `change`.
        kinds: The shape of each class, by the value of `kind`.
    """

    title: str
    kinds: Mapping[str, RecordShape]

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value of the class that `kind` names."""
        names = ", ".join(self.kinds)
        if not isinstance(node, MappingNode):
            into.lose(*self.named())
            return into.problem(node, f"{node_text(node)} is not {with_article(self.title)}")
        node = into.mended(node, self._keys(node))
        if KIND_KEY not in node.entries and node.lossy:
            return self._lost(into)
        if KIND_KEY not in node.entries:
            into.lose(*self.named())
            return into.problem(
                node, f"`{KIND_KEY}` is missing in this {self.title}", f"one of {names}"
            )
        kind = node.entries[KIND_KEY]
        if not isinstance(kind, ScalarNode) or kind.text not in self.kinds:
            into.lose(*self.named())
            hint = suggestion(kind.text, self.kinds) if isinstance(kind, ScalarNode) else None
            return into.problem(kind, f"{node_text(kind)} is not one of {names}", hint)
        value: Any | Unreadable = self.kinds[kind.text].read(node, into)
        return value

    def named(self) -> frozenset[str]:
        """Return the names that any of the kinds defines."""
        return frozenset().union(*(shape.named() for shape in self.kinds.values()))

    def _keys(self, node: MappingNode) -> list[str]:
        """Return the keys that are possible while the kind is not known."""
        if KIND_KEY in node.entries:
            return list(node.entries)
        kinds = self.kinds.values()
        return [KIND_KEY, *(key for key in node.entries if any(key in each.keys for each in kinds))]

    def _lost(self, into: ReadContext) -> Unreadable:
        into.lose(*self.named())
        return UNREADABLE

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the value with its kind."""
        for shape in self.kinds.values():
            if shape.of is type(value):
                return shape.write(value, out)
        raise AssertionError(f"{type(value)} is none of these kinds")

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return any of the kinds."""
        return {"oneOf": [shape.schema(defs) for shape in self.kinds.values()]}
