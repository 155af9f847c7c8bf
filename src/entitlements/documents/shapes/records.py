"""Record shapes: value classes as mappings with their fields as keys.

Shapes are derived from the types of the fields, so that a new field of a value class needs no code
here; only forms that differ from the types are given explicitly.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Any, Final, Protocol, Union, final, get_args, get_origin, get_type_hints

import attrs

from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.shapes.collections import (
    DateRangeShape,
    ListShape,
    MappingShape,
    OptionalShape,
    is_empty,
)
from entitlements.documents.shapes.money_texts import DECIMAL, MONEY
from entitlements.documents.shapes.read_context import (
    CONVERSION_ERRORS,
    UNREADABLE,
    ReadContext,
    Unreadable,
)
from entitlements.documents.shapes.scalars import (
    BOOLEAN,
    DATE,
    DATE_OR_INSTANT,
    DURATION,
    INSTANT,
    INTEGER,
    TEXT,
    Definitions,
    JsonSchema,
    Plain,
    Shape,
    WriteContext,
    enum_shape,
)
from entitlements.kernel.converters import with_article
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.money.money import Money

_SIMPLE: Final[Mapping[Any, Shape]] = {
    str: TEXT,
    int: INTEGER,
    bool: BOOLEAN,
    timedelta: DURATION,
    date: DATE,
    datetime: INSTANT,
    date | datetime: DATE_OR_INSTANT,
    tuple[date, date]: DateRangeShape(),
    Money: MONEY,
    Decimal: DECIMAL,
}


class KeyBeside(Protocol):
    """A key that is read elsewhere, as far as the mapping needs to know it."""

    def named(self) -> frozenset[str]:
        """Return the kinds of things whose names it defines."""
        ...

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return the JSON Schema."""
        ...


@final
@attrs.frozen(eq=False)
class RecordKey:
    """One key of a mapping.

    Attributes:
        name: The key.
        field: The field of the value class.
        shape: The shape of the value.
        described: The description of the field, for the schema.
        derived: Whether the value follows from other keys if this one is left out.
    """

    name: str
    field: attrs.Attribute[Any]
    shape: Shape
    described: str = ""
    derived: bool = False

    @property
    def required(self) -> bool:
        """Whether the key is required."""
        return self.field.default is attrs.NOTHING and not self.derived

    def is_default(self, value: Any, owner: Any) -> bool:
        """Return whether `value` is the default of the field."""
        default: Any = self.field.default
        if default is attrs.NOTHING:
            return False
        if hasattr(default, "takes_self"):
            default = default.factory(owner) if default.takes_self else default.factory()
        converter: Any = self.field.converter
        return bool((converter(default) if converter else default) == value)

    def convert(self, node: Node, value: Any, into: ReadContext) -> Any:
        """Return `value` converted for the field; an error becomes a problem at `node`."""
        converter: Any = self.field.converter
        if converter is None or isinstance(converter, attrs.Converter):
            return value
        return into.guarded(node, lambda: converter(value))


@final
@attrs.frozen(eq=False)
class RecordShape(Shape):
    """A value class as a mapping.

    Attributes:
        of: The value class.
        keys: Its keys, by name, in the order of the fields.
        title: The name of the class in the domain.
        lone: The key of a single value in place of the mapping.
        scopes: Kinds of names whose scope is one such mapping.
        tag: Key and value that distinguish it from others in a union, written first.
        beside: Keys that are read elsewhere.
        described: The descriptions of keys that are read elsewhere, for the schema.
    """

    of: Callable[..., Any]
    keys: Mapping[str, RecordKey]
    title: str
    lone: str | None = None
    scopes: tuple[str, ...] = ()
    tag: tuple[str, str] | None = None
    beside: Mapping[str, KeyBeside] = attrs.field(factory=dict)
    described: Mapping[str, str] = attrs.field(factory=dict)

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the value; every key is read, also if there are problems with others."""
        node = self.mended(node, into)
        values = self._fields(node, into)
        return UNREADABLE if isinstance(values, Unreadable) else self.build(node, values, into)

    def read_fields(self, node: Node, into: ReadContext) -> dict[str, Any] | Unreadable:
        """Return the arguments of the value class, or `UNREADABLE` if one of them is."""
        return self._fields(self.mended(node, into), into)

    def _fields(self, node: Node, into: ReadContext) -> dict[str, Any] | Unreadable:
        entries = self._entries(node, into)
        if isinstance(entries, Unreadable):
            return UNREADABLE
        with into.scope(*self.scopes):
            values = {name: self._value(name, entries[name], into) for name in entries}
        missing = [name for name in self._needed if name not in entries]
        if missing and isinstance(node, MappingNode):
            self._miss(missing, node, into)
            return UNREADABLE
        if any(isinstance(each, Unreadable) for each in values.values()):
            return UNREADABLE
        return {_argument(self.keys[name].field): value for name, value in values.items()}

    def mended(self, node: Node, into: ReadContext) -> Node:
        """Return the mapping with known keys only, after adding problems for all others."""
        return self.mended_mapping(node, into) if isinstance(node, MappingNode) else node

    def mended_mapping(
        self, node: MappingNode, into: ReadContext, more: Iterable[str] = ()
    ) -> MappingNode:
        """Return the same as `mended`, for a mapping that may have `more` keys."""
        known = dict.fromkeys((*self._known, *more))
        return into.mended(node, known, self._needed)

    def named(self) -> frozenset[str]:
        """Return the kinds of things that its keys define."""
        return self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        keys = (key.shape.named() for key in self.keys.values())
        return frozenset().union(*keys, *(each.named() for each in self.beside.values()))

    @cached_property
    def _known(self) -> dict[str, None]:
        tag = (self.tag[0],) if self.tag else ()
        return dict.fromkeys((*tag, *self.keys, *self.beside))

    @cached_property
    def _needed(self) -> tuple[str, ...]:
        return tuple(name for name, key in self.keys.items() if key.required)

    def build(self, node: Node, values: Mapping[str, Any], into: ReadContext) -> Any:
        """Return the value class made of `values`; an error becomes a problem at its path."""
        try:
            return self.of(**values)
        except EntitlementsError as error:
            return into.failed(node, self._renamed(error))
        except CONVERSION_ERRORS as error:
            return into.problem(node, f"the value is not possible: {error}")

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the keys that differ from the defaults, or the single value in their place."""
        written = self.write_keys(value, out)
        if self.lone is not None and list(written) == [self.lone]:
            lone = written[self.lone]
            if not isinstance(lone, dict | list) and lone is not None:
                return lone
        return written

    def write_keys(
        self, value: Any, out: WriteContext, without: Collection[str] = ()
    ) -> dict[str, Plain]:
        """Return the keys whose values differ from the defaults, but for those in `without`."""
        written = {
            name: key.shape.write(each, out)
            for name, key in self.keys.items()
            if name not in without
            and not key.is_default(each := getattr(value, key.field.name), value)
        }
        return {self.tag[0]: self.tag[1], **written} if self.tag else written

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a closed object, or also the single value in its place."""
        name = self.title.replace(" ", "_")
        if name not in defs:
            defs[name] = {}
            defs[name] = self._schema(defs)
        return {"$ref": f"#/$defs/{name}"}

    def _schema(self, defs: Definitions) -> JsonSchema:
        properties = {
            n: _described(key.shape.schema(defs), key.described) for n, key in self.keys.items()
        }
        for n, beside in self.beside.items():
            properties[n] = _described(beside.schema(defs), self.described.get(n, ""))
        required = [n for n, key in self.keys.items() if key.required]
        if self.tag:
            properties = {self.tag[0]: {"const": self.tag[1]}, **properties}
            required = [self.tag[0], *required]
        found: JsonSchema = {"type": "object", "properties": properties}
        if required:
            found["required"] = required
        found["additionalProperties"] = False
        if self.lone is None:
            return found
        return {"anyOf": [found, self.keys[self.lone].shape.schema(defs)]}

    def _entries(self, node: Node, into: ReadContext) -> dict[str, Node] | Unreadable:
        if not isinstance(node, MappingNode):
            if self.lone is not None and isinstance(node, ScalarNode) and not is_empty(node):
                return {self.lone: node}
            into.lose(*self.named())
            hint = f"write its keys, such as `{next(iter(self.keys))}:`"
            return into.problem(node, f"{node_text(node)} is not {with_article(self.title)}", hint)
        if node.lossy:
            into.lose(*self.named())
        return {name: node.entries[name] for name in self.keys if name in node.entries}

    def _miss(self, missing: list[str], node: MappingNode, into: ReadContext) -> None:
        """Add a problem for missing keys, unless they may be among those left out."""
        for name in missing:
            into.lose(*self.keys[name].shape.named())
        if not node.lossy:
            keys = " and ".join(f"`{name}`" for name in missing)
            verb = "is" if len(missing) == 1 else "are"
            into.problem(node, f"{keys} {verb} missing in this {self.title}")

    def _value(self, name: str, node: Node, into: ReadContext) -> Any:
        key = self.keys[name]
        value = key.shape.read(node, into)
        return value if isinstance(value, Unreadable) else key.convert(node, value, into)

    def _renamed(self, error: EntitlementsError) -> EntitlementsError:
        """Return the error with keys instead of fields in its path."""
        head = re.match(r"\w+", error.path or "")
        for name, key in self.keys.items():
            if head and error.path and key.field.name == head.group():
                error.path = name + error.path[head.end() :]
        return error


def record_shape(
    of: type,
    *,
    title: str | None = None,
    lone: str | None = None,
    keys: Mapping[str, str] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    without: tuple[str, ...] = (),
    derived: tuple[str, ...] = (),
    scopes: tuple[str, ...] = (),
    tag: tuple[str, str] | None = None,
    beside: Mapping[str, KeyBeside] | None = None,
    described: Mapping[str, str] | None = None,
) -> RecordShape:
    """Return the shape of a value class.

    Args:
        of: The value class.
        title: The name of the class in the domain; by default the class name in words.
        lone: The key of a single value in place of the mapping.
        keys: Keys that differ from the names of their fields, by field.
        shapes: Shapes that do not follow from the types of their fields, by field.
        without: Fields that are not keys.
        derived: Fields without a default whose keys may be left out.
        scopes: Kinds of names whose scope is one such mapping.
        tag: Key and value that distinguish it from others in a union.
        beside: Keys that are read elsewhere.
        described: The descriptions of keys that are read elsewhere.
    """
    hints, texts, names = get_type_hints(of), descriptions(of), keys or {}
    found: dict[str, RecordKey] = {}
    for field in attrs.fields(of):
        if field.init and field.name not in without:
            name = names.get(field.name, field.name)
            shape = (shapes or {}).get(field.name) or shape_of(hints[field.name])
            text = texts.get(field.name, "")
            found[name] = RecordKey(name, field, shape, text, field.name in derived)
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", of.__name__).lower()
    return RecordShape(
        of=of,
        keys=found,
        title=title or words,
        lone=lone,
        scopes=scopes,
        tag=tag,
        beside=beside or {},
        described=described or {},
    )


def shape_of(hint: Any) -> Shape:  # noqa: PLR0911 - one line for each kind of type
    """Return the shape of a type.

    Raises:
        TypeError: No shape is known for it; give it explicitly.
    """
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType} and NoneType in args:
        rest = [each for each in args if each is not NoneType]
        return OptionalShape(shape_of(Union[tuple(rest)] if len(rest) > 1 else rest[0]))  # noqa: UP007 - of a list
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004 - `X, ...`
        return ListShape(shape_of(args[0]))
    if origin is frozenset:
        return ListShape(shape_of(args[0]), frozenset)
    if origin is FrozenMap:
        return MappingShape(shape_of(args[1]))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return enum_shape(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return _plain_record(hint)
    raise TypeError(f"no shape is known for {hint!r}")


@cache
def _plain_record(of: type) -> RecordShape:
    return record_shape(of)


def descriptions(of: type) -> dict[str, str]:
    """Return the descriptions of attributes in the docstring of a value class."""
    text = inspect.cleandoc(of.__doc__ or "")
    section = re.search(r"^Attributes:\n((?:    .*\n?|\n)*)", text, re.MULTILINE)
    found: dict[str, str] = {}
    name = ""
    for line in section.group(1).splitlines() if section else []:
        start = re.match(r"    (\w+): (.*)", line)
        if start:
            name, found[start.group(1)] = start.groups()
        elif name and line.startswith("        "):
            found[name] += f" {line.strip()}"
    return found


def _described(schema: JsonSchema, description: str) -> JsonSchema:
    return {**schema, "description": description} if description else schema


def _argument(field: attrs.Attribute[Any]) -> str:
    return field.alias or field.name.lstrip("_")
