"""Versioned data: what other programs store and send, with the version of its schema.

A version grows only by keys that may be left out. What an earlier version has written is read for
ever; a later version than this library knows is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, final

import attrs

from entitlements.kernel.data.schema import JsonSchema, SchemaDefinitions, refuse
from entitlements.kernel.errors import InvalidValueError

if TYPE_CHECKING:
    from entitlements.kernel.data.records import Record

VERSION_KEY: Final = "schema_version"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

T = TypeVar("T")


@final
@attrs.frozen
class VersionedData(Generic[T]):
    """One kind of data that has a schema with versions.

    Attributes:
        name: Its name, such as `answer`; also in the id of its schema.
        title: What it is, in a few words.
        record: The class whose fields are its keys.
        version: The version that is written.

    >>> from entitlements.kernel.periods.spans import Span
    >>> data = VersionedData("span", "A span of time", Span)
    >>> data.write(Span("2026-03-02T09:00Z", "2026-03-02T10:00Z"))["start"]
    '2026-03-02T09:00:00Z'
    """

    name: str
    title: str
    record: type[T]
    version: int = 1

    def write(self, value: T) -> dict[str, Any]:
        """Return the value as data that JSON can hold."""
        return {VERSION_KEY: self.version, **self._form().write(value)}

    def read(self, data: Mapping[str, Any]) -> T:
        """Return the value in data of this or an earlier version.

        Raises:
            InvalidValueError: Something in the data is not what belongs there, or its version is
                not known; `path` names the place.
        """
        if not isinstance(data, Mapping):
            refuse(data, "an object", "")
        rest = dict(data)
        if VERSION_KEY not in rest:
            raise InvalidValueError("the key is missing", path=VERSION_KEY)
        self._check_version(rest.pop(VERSION_KEY))
        found: T = self._form().read(rest, "")
        return found

    def _form(self) -> Record:
        from entitlements.kernel.data.records import Record  # noqa: PLC0415 - on first use

        return Record(self.record)

    def _check_version(self, version: object) -> None:
        if type(version) is not int or not 1 <= version <= self.version:
            reads = "version 1" if self.version == 1 else f"versions 1 to {self.version}"
            raise InvalidValueError(
                f"version `{version!r:.40}` of `{self.name}` is not known",
                hint=f"this library reads {reads}",
                path=VERSION_KEY,
            )

    @property
    def schema_id(self) -> str:
        """The id of the schema of the version that is written."""
        return f"urn:entitlements:schema:{self.name}:{self.version}"

    def schema(self) -> JsonSchema:
        """Return the JSON Schema (draft 2020-12) of the version that is written."""
        stated = {"const": self.version, "description": "Version of this schema."}
        return self._schema({VERSION_KEY: stated})

    def body_schema(self) -> JsonSchema:
        """Return the JSON Schema of data whose version is stated beside it, as in an envelope."""
        return self._schema({})

    def _schema(self, more: Mapping[str, JsonSchema]) -> JsonSchema:
        definitions: SchemaDefinitions = {}
        found = self._form().object_schema(definitions, more)
        return {
            "$schema": _DIALECT,
            "$id": self.schema_id,
            "title": self.title,
            **found,
            "$defs": {name: definitions[name] for name in sorted(definitions)},
        }
