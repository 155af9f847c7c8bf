"""Records as plain data: the form of any attrs class, from the types of its fields.

A record is an object with one key for each field. All keys are written, except those of fields with
the metadata `OMIT_NONE` that are None; a key may be left out on reading where the field has a
default, and an unknown key is refused. The key of a duration ends in
`_micros`. Where one of several classes is possible, a key holds the stored name of the class.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from functools import cache
from inspect import cleandoc
from typing import Any, Final, TypeAlias, Union, final, get_args, get_origin, get_type_hints

import attrs

from entitlements.kernel.data.collections import Entries, Items, Row
from entitlements.kernel.data.digests import stored_name
from entitlements.kernel.data.forms import MICROS, SCALARS, Code, Form, Nullable
from entitlements.kernel.data.schema import JsonSchema, SchemaDefinitions, below, located, refuse
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.hints import closest_match_hint

TAG: Final = "is"
"""The key with the stored name of the class, where one of several classes is possible.

A class that is only made for its data may have another key, and another word, as `DATA_TAG`.
"""

_MICROS: Final = "_micros"
_DESCRIBED: Final = re.compile(r"^ {4}(\w+): (.+(?:\n {5,}\S.*)*)", re.MULTILINE)
RecordField: TypeAlias = tuple[str, str, str, Form, bool, str]
"""Key, name of the field, name of the argument, form, whether it has a default, description."""


@final
@attrs.frozen
class Record:
    """The form of an attrs class."""

    kind: type[Any]

    @property
    def fields(self) -> tuple[RecordField, ...]:
        """The fields of the class that are arguments of it."""
        kind: Any = self.kind
        return _fields(kind)

    def write(self, value: Any) -> Any:
        """Return the object of a value of this class."""
        omitted = _omitted(self.kind)  # type: ignore[arg-type] # a class is hashable
        return {
            key: form.write(part)
            for key, name, _, form, _, _ in self.fields
            if (part := getattr(value, name)) is not None or name not in omitted
        }

    def read(self, plain: Any, path: str) -> Any:
        """Return the value; errors of its class get the place of the record."""
        if not isinstance(plain, Mapping):
            refuse(plain, "an object", path)
        fields = self.fields
        known = [each[0] for each in fields]
        for key in plain:
            if key not in known:
                hint = closest_match_hint(str(key), known)
                raise InvalidValueError("no such key", hint=hint, path=below(path, str(key)))
        given = {}
        for key, _, argument, form, optional, _ in fields:
            if key in plain:
                given[argument] = form.read(plain[key], below(path, key))
            elif not optional:
                raise InvalidValueError("the key is missing", path=below(path, key))
        try:
            return self.kind(**given)
        except EntitlementsError as error:
            raise located(error, self._place_of_error(given, path)) from None

    def _place_of_error(self, given: Mapping[str, Any], path: str) -> str:
        """Return the path of the first key whose value the class refuses, or of the record."""
        converters = {each.name: each.converter for each in attrs.fields(self.kind)}
        for key, name, argument, _, _, _ in self.fields:
            convert = converters[name]
            try:
                if argument in given and callable(convert):
                    convert(given[argument])
            except EntitlementsError:
                return below(path, key)
        return path

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema: a named part, so that records may hold one another."""
        name = _part_name(self.kind)
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = self.object_schema(definitions)
        return {"$ref": f"#/$defs/{name}"}

    def object_schema(
        self, definitions: SchemaDefinitions, more: Mapping[str, JsonSchema] | None = None
    ) -> JsonSchema:
        """Return the JSON Schema of the object itself, with `more` required keys."""
        more = dict(more or {})
        properties: dict[str, JsonSchema] = {}
        for key, _, _, form, _, described in self.fields:
            text = {"description": described} if described else {}
            properties[key] = {**form.schema(definitions), **text}
        return {
            "type": "object",
            "properties": {**more, **properties},
            "required": [*more, *(each[0] for each in self.fields if not each[4])],
            "additionalProperties": False,
        }


@final
@attrs.frozen
class OneOf:
    """A record of one of several classes; one key says of which."""

    records: tuple[Record, ...]

    def write(self, value: Any) -> Any:
        """Return the object, with the word for its class."""
        for each in self.records:
            if type(value) is each.kind:
                key, word = _tag(each.kind)
                return {key: word, **each.write(value)}
        raise InvalidValueError(f"`{value!r:.60}` is none of the classes that are written here")

    def read(self, plain: Any, path: str) -> Any:
        """Return the value."""
        if not isinstance(plain, Mapping):
            refuse(plain, "an object", path)
        key, _ = _tag(self.records[0].kind)
        by_word = {_tag(each.kind)[1]: each for each in self.records}
        rest = dict(plain)
        word = rest.pop(key, None)
        if not isinstance(word, str) or word not in by_word:
            hint = closest_match_hint(str(word), by_word)
            refuse(word, f"one of {', '.join(sorted(by_word))}", below(path, key), hint)
        return by_word[word].read(rest, path)

    def schema(self, definitions: SchemaDefinitions) -> JsonSchema:
        """Return the JSON Schema."""
        tagged = []
        for each in self.records:
            name = _part_name(each.kind)
            name = name if hasattr(each.kind, "DATA_TAG") else f"Tagged{name}"
            if name not in definitions:
                definitions[name] = {}
                key, word = _tag(each.kind)
                definitions[name] = each.object_schema(definitions, {key: {"const": word}})
            tagged.append({"$ref": f"#/$defs/{name}"})
        return {"oneOf": tagged}


def _tag(kind: type[Any]) -> tuple[str, str]:
    """Return the key and the word that say that a record is of a class."""
    found: tuple[str, str] | None = getattr(kind, "DATA_TAG", None)
    return (TAG, stored_name(kind)) if found is None else found


def _part_name(kind: type[Any]) -> str:
    return kind.__name__.removesuffix("Data")


@cache
def form_of(hint: Any) -> Form:  # noqa: PLR0911 - one line for each kind of type
    """Return the form of the values of a type, as it is written at a field.

    Raises:
        InvalidValueError: Values of the type have no form.
    """
    if hint in SCALARS:
        return SCALARS[hint]
    arguments, origin = get_args(hint), get_origin(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Code(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return Record(hint)
    if origin in {Union, types.UnionType}:
        return _form_of_choice(
            tuple(each for each in arguments if each is not type(None)), arguments
        )
    if origin is frozenset:
        return Items(form_of(arguments[0]), frozenset)
    if origin is tuple and arguments[-1] is Ellipsis:
        return Items(form_of(arguments[0]), tuple)
    if origin is tuple:
        return Row(tuple(map(form_of, arguments)))
    if origin is FrozenMap:
        return Entries(form_of(arguments[0]), form_of(arguments[1]))
    raise InvalidValueError(f"values of the type `{hint}` have no form as data")


def _form_of_choice(kinds: tuple[Any, ...], arguments: tuple[Any, ...]) -> Form:
    if len(kinds) == 1:
        found = form_of(kinds[0])
    elif all(isinstance(each, type) and attrs.has(each) for each in kinds):
        found = OneOf(tuple(map(Record, kinds)))
    else:
        raise InvalidValueError(f"values of one of the types `{kinds}` have no form as data")
    return Nullable(found) if len(kinds) < len(arguments) else found


def _form_of_field(field: attrs.Attribute[Any], hint: Any) -> Form:
    """Return the form that the metadata of a field states, or that of its type."""
    if field.metadata.get("as_instant"):
        return Nullable(MICROS)
    found: Form | None = field.metadata.get("form")
    return form_of(hint) if found is None else found


@cache
def _fields(kind: Any) -> tuple[RecordField, ...]:
    hints, described = get_type_hints(kind), _descriptions(kind)
    return tuple(
        (
            each.name
            + (_MICROS if timedelta in {hints[each.name], *get_args(hints[each.name])} else ""),
            each.name,
            each.alias or each.name,
            _form_of_field(each, hints[each.name]),
            each.default is not attrs.NOTHING,
            described.get(each.name, ""),
        )
        for each in attrs.fields(kind)
        if each.init
    )


@cache
def _omitted(kind: Any) -> frozenset[str]:
    return frozenset(each.name for each in attrs.fields(kind) if each.metadata.get("omit_none"))


def _descriptions(kind: type[Any]) -> dict[str, str]:
    """Return what the docstrings of a class and of its bases say of their attributes."""
    found = {}
    for each in reversed(kind.__mro__):
        _, _, listed = cleandoc(each.__doc__ or "").partition("Attributes:\n")
        found.update({name: " ".join(text.split()) for name, text in _DESCRIBED.findall(listed)})
    return found
