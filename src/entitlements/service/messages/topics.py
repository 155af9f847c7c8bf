"""Topics: everything that a desk sends messages about, and what each message holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import attrs

from entitlements.kernel.converters import frozen_map
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier_set

SCHEMA_VERSION: Final = 1
"""Version of the bodies; it rises with a change that old readers could not read."""

_TEXT: Final = FrozenMap({"type": "string"})
_NUMBER: Final = FrozenMap({"type": "integer"})
_INSTANT: Final = FrozenMap({"type": "string", "format": "date-time"})
_TEXT_OR_NONE: Final = FrozenMap({"type": ("string", "null")})
_NUMBER_OR_NONE: Final = FrozenMap({"type": ("integer", "null")})
_INSTANT_OR_NONE: Final = FrozenMap({"type": ("string", "null"), "format": "date-time"})
_OBJECT: Final = FrozenMap({"type": "object"})


@final
@attrs.frozen(kw_only=True)
class Topic:
    """What messages of one topic say.

    Attributes:
        name: Name of the topic, such as `case.granted`.
        meaning: What has happened, as a sentence.
        fields: What the body holds beside `case`, with the JSON Schema of each.
        optional: Names of the fields that may be absent.
    """

    name: str
    meaning: str
    fields: FrozenMap[str, Any] = attrs.field(converter=frozen_map)
    optional: frozenset[str] = attrs.field(default=(), converter=identifier_set)

    @property
    def schema_id(self) -> str:
        """The name of its schema: a URN."""
        return f"urn:entitlements:message:{self.name}:{SCHEMA_VERSION}"

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the body."""
        fields = {"case": _TEXT, **self.fields}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": self.schema_id,
            "title": self.name,
            "description": self.meaning,
            "type": "object",
            "properties": {name: _plain(each) for name, each in fields.items()},
            "required": [name for name in fields if name not in self.optional],
            "additionalProperties": False,
        }


def _plain(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {key: _plain(each) for key, each in schema.items()}
    return list(schema) if isinstance(schema, tuple) else schema


def _topic(name: str, meaning: str, optional: str = "", /, **fields: Mapping[str, Any]) -> Topic:
    return Topic(name=name, meaning=meaning, fields=fields, optional=optional.split())


def _decided(name: str, meaning: str) -> Topic:
    return _topic(name, meaning, customer=_TEXT, decision=_OBJECT)


def _offer(name: str, meaning: str, optional: str = "", **more: Mapping[str, Any]) -> Topic:
    return _topic(
        name,
        meaning,
        optional,
        agent=_TEXT_OR_NONE,
        fence=_NUMBER_OR_NONE,
        until=_INSTANT_OR_NONE,
        **more,
    )


def _notice(name: str, meaning: str) -> Topic:
    return _topic(
        name,
        meaning,
        milestone=_TEXT,
        cycle=_NUMBER,
        number=_NUMBER,
        at=_INSTANT,
        due=_INSTANT_OR_NONE,
    )


TOPICS: Final = FrozenMap(
    {
        each.name: each
        for each in (
            _decided("case.granted", "A request was granted, and its case is open."),
            _decided("case.deferred", "A request was granted; its right opens later."),
            _decided("case.denied", "A request was denied, and no case was opened."),
            _decided("case.consent_needed", "A request would cost extra, and waits for consent."),
            _topic("case.adopted", "A case was taken over.", customer=_TEXT, status=_TEXT),
            _topic("case.event", "An event was recorded.", kind=_TEXT, happened=_INSTANT),
            _topic(
                "case.severity_refused",
                "A contact asked for a severity that they may not open.",
                contact=_TEXT,
                severity=_TEXT,
                reasons=FrozenMap({"type": "array", "items": _TEXT}),
            ),
            _topic("case.resolved", "The case was resolved.", by=_TEXT_OR_NONE),
            _topic("case.reopened", "The case was reopened."),
            _topic("case.cancelled", "The case was cancelled."),
            _notice("clock.warning", "A milestone comes near its deadline."),
            _notice("clock.breach", "A deadline has passed."),
            _topic("units.unpaid", "Units were used that nothing pays for.", amount=_NUMBER),
            _offer("offer.made", "The work was offered to an agent.", "override", override=_OBJECT),
            _offer("offer.accepted", "An agent has the work."),
            _offer("offer.declined", "An agent declined the offer."),
            _offer("offer.expired", "An agent did not answer the offer in time."),
            _offer("offer.rescinded", "The offer was withdrawn."),
            _offer("work.queued", "The work waits for an offer."),
            _offer("work.parked", "The work waits for its right to open, or for a person."),
            _offer("work.returned", "The work of a silent agent returned to the queue."),
            _offer("work.transferred", "The work was taken from its agent."),
            _offer("work.closed", "The work is done."),
            _offer("work.cancelled", "The work ended without being done."),
            _topic(
                "queue.full",
                "The queue of a group has no room for the work.",
                group=_TEXT_OR_NONE,
                refused=_OBJECT,
                parked=FrozenMap({"type": "boolean"}),
            ),
            _topic(
                "item.set_aside",
                "Work, a case or an account failed, and is tried again later; `case` is its id.",
                kind=_TEXT,
                reason=_TEXT,
                again=_INSTANT,
                text=_TEXT,
            ),
        )
    }
)
"""Every topic by its name.

>>> TOPICS["case.resolved"].meaning
'The case was resolved.'
"""


def topic_of(name: str) -> Topic:
    """Return a topic; raise `UnknownIdError` if there is none of that name."""
    found = TOPICS.get(name)
    if found is None:
        raise UnknownIdError("topic", str(name), known=TOPICS)
    return found
