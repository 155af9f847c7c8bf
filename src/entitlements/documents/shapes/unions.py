"""How are values told apart that may stand in one place? By a key that says the kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.documents.formats.nodes import Keyed, Leaf, Node, shown
from entitlements.documents.shapes.read_context import BROKEN, Broken, Reading, guess
from entitlements.documents.shapes.records import Record
from entitlements.documents.shapes.scalars import Definitions, JsonSchema, Plain, Shape, Writing

TAG: Final = "kind"


@final
@attrs.frozen(eq=False)
class Tagged(Shape):
    """One of several value classes; the key `kind` says which.

    Attributes:
        title: What they are together, such as `change`.
        kinds: The shape of each, by what `kind` says.
    """

    title: str
    kinds: Mapping[str, Record]

    def read(self, node: Node, into: Reading) -> Any:
        """Return the value of the kind that stands there."""
        names = ", ".join(self.kinds)
        if not isinstance(node, Keyed):
            into.lose(*self.named())
            return into.problem(node, f"{shown(node)} is not a {self.title}")
        node = into.mended(node, self._keys(node))
        if TAG not in node.entries and node.lossy:
            return self._lost(into)
        if TAG not in node.entries:
            into.lose(*self.named())
            return into.problem(node, f"`{TAG}` is missing in this {self.title}", f"one of {names}")
        kind = node.entries[TAG]
        if not isinstance(kind, Leaf) or kind.text not in self.kinds:
            into.lose(*self.named())
            hint = guess(kind.text, self.kinds) if isinstance(kind, Leaf) else None
            return into.problem(kind, f"{shown(kind)} is not one of {names}", hint)
        value: Any | Broken = self.kinds[kind.text].read(node, into)
        return value

    def named(self) -> frozenset[str]:
        """Return what any of the kinds names."""
        return frozenset().union(*(shape.named() for shape in self.kinds.values()))

    def _keys(self, node: Keyed) -> list[str]:
        """Return the keys that may stand there while the kind is not known."""
        if TAG in node.entries:
            return list(node.entries)
        kinds = self.kinds.values()
        return [TAG, *(key for key in node.entries if any(key in each.keys for each in kinds))]

    def _lost(self, into: Reading) -> Broken:
        into.lose(*self.named())
        return BROKEN

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the value with its kind."""
        for shape in self.kinds.values():
            if shape.of is type(value):
                return shape.write(value, out)
        raise AssertionError(f"{type(value)} is none of these kinds")

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return any of the kinds."""
        return {"oneOf": [shape.schema(defs) for shape in self.kinds.values()]}
