"""Collections as plain data: lists, sets, rows of a fixed length, and values by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

import attrs

from entitlements.kernel.data.forms import Form
from entitlements.kernel.data.schema import JsonSchema, SchemaDefinitions, below, refuse
from entitlements.kernel.frozenmaps import FrozenMap


@final
@attrs.frozen
class Items:
    """Values in their order, or a set in the order of its data."""

    form: Form
    collect: Callable[[Iterable[Any]], Any]

    def write(self, value: Any) -> Any:
        """Return the list of the values."""
        plain = [self.form.write(each) for each in value]
        return sorted(plain) if self.collect is frozenset else plain

    def read(self, plain: Any, path: str) -> Any:
        """Return the values."""
        if type(plain) is not list:
            refuse(plain, "a list", path)
        found = self.collect(self.form.read(each, f"{path}[{n}]") for n, each in enumerate(plain))
        if self.collect is frozenset and self.write(found) != plain:
            refuse(plain, "a sorted list without repetition", path)
        return found

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema."""
        unique = {"uniqueItems": True} if self.collect is frozenset else {}
        return {"type": "array", "items": self.form.schema(definitions), **unique}


@final
@attrs.frozen
class Row:
    """A fixed number of values, each of its own form."""

    forms: tuple[Form, ...]

    def write(self, value: Any) -> Any:
        """Return the list of the values."""
        return [form.write(each) for form, each in zip(self.forms, value, strict=True)]

    def read(self, plain: Any, path: str) -> Any:
        """Return the values."""
        if type(plain) is not list or len(plain) != len(self.forms):
            refuse(plain, f"a list of `{len(self.forms)}`", path)
        pairs = zip(self.forms, plain, strict=True)
        return tuple(form.read(each, f"{path}[{n}]") for n, (form, each) in enumerate(pairs))

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema."""
        size = len(self.forms)
        parts = [each.schema(definitions) for each in self.forms]
        return {"type": "array", "prefixItems": parts, "minItems": size, "maxItems": size}


@final
@attrs.frozen
class Entries:
    """Values by key, in the order of their keys."""

    key: Form
    form: Form

    def write(self, value: Any) -> Any:
        """Return the object."""
        plain = {self.key.write(name): self.form.write(each) for name, each in value.items()}
        return {name: plain[name] for name in sorted(plain)}

    def read(self, plain: Any, path: str) -> Any:
        """Return the values by key."""
        if not isinstance(plain, Mapping):
            refuse(plain, "an object", path)
        return FrozenMap(
            {
                self.key.read(name, path): self.form.read(each, below(path, str(name)))
                for name, each in plain.items()
            }
        )

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema."""
        return {"type": "object", "additionalProperties": self.form.schema(definitions)}
