"""How are values told apart that may stand in one place? By a key that says the kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.documents.nodes import Keyed, Leaf, Node, shown
from entitlements.documents.reading import Broken, Reading, guess
from entitlements.documents.records import Record
from entitlements.documents.shapes import Definitions, JsonSchema, Plain, Shape, Writing

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
            return into.problem(node, f"{shown(node)} is not a {self.title}")
        if TAG not in node.entries:
            return into.problem(node, f"`{TAG}` is missing in this {self.title}", f"one of {names}")
        kind = node.entries[TAG]
        if not isinstance(kind, Leaf) or kind.text not in self.kinds:
            hint = guess(kind.text, self.kinds) if isinstance(kind, Leaf) else None
            return into.problem(kind, f"{shown(kind)} is not one of {names}", hint)
        value: Any | Broken = self.kinds[kind.text].read(node, into)
        return value

    def write(self, value: Any, out: Writing) -> Plain:
        """Return the value with its kind."""
        for shape in self.kinds.values():
            if shape.of is type(value):
                return shape.write(value, out)
        raise AssertionError(f"{type(value)} is none of these kinds")

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return any of the kinds."""
        return {"oneOf": [shape.schema(defs) for shape in self.kinds.values()]}
