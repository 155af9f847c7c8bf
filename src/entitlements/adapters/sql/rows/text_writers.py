"""Text writers: values of classes that are written often, as text without the data in between.

The text is that of the converter's data, byte for byte. It is written by the converter itself
wherever a type is none of the frequent ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum
from json.encoder import encode_basestring_ascii
from types import NoneType, UnionType
from typing import Any, Final, TypeAlias, Union, final, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter

from entitlements.kernel.data.digests import stored_name
from entitlements.kernel.data.object_writers import (
    NO_DEFAULT,
    WrittenField,
    default_of,
    keeping_writer,
    object_writer,
)
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, to_micros

TextWriter: TypeAlias = Callable[[Any], str]

_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_SIMPLE: Final[dict[object, TextWriter]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    datetime: lambda at: str(to_micros(at)),
    timedelta: lambda length: str(length // MICROSECOND),
}


@final
class TextWriters:
    """Writers of text by type, made for the first value of it.

    Args:
        data: The converter of values to data.
        tag: What names the kind of a value, where a field may have several.
        frequent: Classes whose fields are left out where they have their default value.
        apart: Fields that have rows of their own, by class.
        shared: Classes of which one value is part of many texts, and of how many values to keep
            the text.
    """

    def __init__(
        self,
        data: Converter,
        tag: str,
        frequent: Collection[type[Any]],
        apart: Mapping[type[Any], Collection[str]],
        shared: Mapping[type[Any], int],
    ) -> None:
        self._data = data
        self._tag = tag
        self._frequent = frequent
        self._apart = apart
        self._shared = shared
        self._made: dict[Any, TextWriter] = dict(_SIMPLE)

    def __call__(self, of: Any) -> TextWriter:
        """Return the writer of a type."""
        found = self._made.get(of)
        if found is None:

            def later(value: Any) -> str:  # of a class with a field of its own type
                return self._made[of](value)

            self._made[of] = later
            write = self._class_writer(of) or self._generic_writer(of)
            most = self._shared.get(of)
            found = self._made[of] = write if most is None else keeping_writer(write, most)
        return found

    def _class_writer(self, of: Any) -> TextWriter | None:
        if of in self._frequent and all(map(_has_same_default, self._fields(of))):
            return self._object(of)
        if isinstance(of, type) and issubclass(of, Enum):
            return {each: _ENCODE(each.value) for each in of}.__getitem__
        return None

    def _generic_writer(self, of: Any) -> TextWriter:
        origin, kinds = get_origin(of), [each for each in get_args(of) if each is not NoneType]
        union = origin in {Union, UnionType}
        if union and len(kinds) == 1:
            return _optional(self(kinds[0]))
        if union and kinds == [*get_args(of)] and set(kinds) <= set(self._frequent):
            return self._choice(kinds)
        if origin is tuple and kinds[1:] == [Ellipsis]:
            return _list(self(kinds[0]))
        if origin is FrozenMap and kinds[0] is str:
            return _map(self(kinds[1]))
        if origin is frozenset and kinds == [str]:
            return lambda names: f"[{','.join(map(encode_basestring_ascii, sorted(names)))}]"
        data = self._data.get_unstructure_hook(of)
        return lambda value: _ENCODE(data(value))

    def _fields(self, of: type[Any]) -> list[attrs.Attribute[Any]]:
        apart = self._apart.get(of, ())
        return [each for each in attrs.fields(of) if each.init and each.name not in apart]

    def _object(self, of: type[Any]) -> TextWriter:
        types = get_type_hints(of)
        fields = (
            WrittenField(each.name, default_of(each), self(_written_type(types[each.name], each)))
            for each in self._fields(of)
        )
        # As the converter does: first the fields that are always written.
        return object_writer(sorted(fields, key=lambda each: each.default is not NO_DEFAULT))

    def _choice(self, kinds: Collection[type]) -> TextWriter:
        heads = {each: f'{{"{self._tag}":{_ENCODE(stored_name(each))}' for each in kinds}
        writers = {each: self(each) for each in kinds}

        def write(value: Any) -> str:
            kind = type(value)
            rest = writers[kind](value)[1:]
            return f"{heads[kind]}{rest if rest == '}' else ',' + rest}"

        return write


def _has_same_default(field: attrs.Attribute[Any]) -> bool:
    """Return whether all objects have the same default, and none that follows from other fields."""
    return not getattr(field.default, "takes_self", False)


def _written_type(of: Any, field: attrs.Attribute[Any]) -> Any:
    """Return the type of the values of a field that are written: without None if that is left out.

    >>> from entitlements.kernel.requests import Request
    >>> _written_type(str | None, attrs.fields(Request).group)
    <class 'str'>
    """
    kinds = [each for each in get_args(of) if each is not NoneType]
    is_optional = get_origin(of) in {Union, UnionType} and len(kinds) == 1
    return kinds[0] if is_optional and default_of(field) is None else of


def _optional(write: TextWriter) -> TextWriter:
    return lambda value: "null" if value is None else write(value)


def _list(write: TextWriter) -> TextWriter:
    return lambda values: f"[{','.join(map(write, values))}]"


def _map(write: TextWriter) -> TextWriter:
    def written(items: FrozenMap[str, Any]) -> str:
        found = (f"{encode_basestring_ascii(name)}:{write(items[name])}" for name in sorted(items))
        return f"{{{','.join(found)}}}"

    return written
