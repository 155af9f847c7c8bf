"""CloudEvents: the envelope in which messages leave, by CloudEvents 1.0 in its JSON format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final
from urllib.parse import quote

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.data.forms import INSTANT, TEXT, Nullable
from entitlements.kernel.data.records import Record
from entitlements.kernel.data.schema import refuse
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import text_of, utc
from entitlements.ports.records import Message
from entitlements.service.messages.message_data import MESSAGE_DATA

PREFIX: Final = "entitlements."
CONTENT_TYPE: Final = "application/cloudevents+json"
_SEQUENCE_LENGTH: Final = 20

_TEXTS: Final = ("id", "source", "type", "sequence")


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:  # a host's own text
        return body


@final
@attrs.frozen(kw_only=True)
class CloudEvent:
    """A message in its envelope.

    Attributes:
        id: The same for every delivery of the message, and for no other message: receivers
            recognise repeated deliveries by it.
        source: URI of who sends it.
        type: `entitlements.` and the topic.
        subject: Id of the case, for receivers that keep the order of each case; None for none.
        time: When it happened.
        sequence: Text that sorts messages in their order.
        dataschema: URI of the JSON Schema of the body; None for a topic of the host.
        body: The body, as JSON text; equal if the data are.
    """

    id: str
    source: str
    type: str
    subject: str | None
    time: datetime = attrs.field(converter=utc)
    sequence: str
    dataschema: str | None
    body: str = attrs.field(eq=_parsed, hash=False)

    @property
    def data(self) -> Any:
        """The body as data of JSON: mappings, lists, text and numbers."""
        return json.loads(self.body)

    def to_dict(self) -> dict[str, Any]:
        """Return the envelope as data that JSON can hold."""
        found = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": text_of(self.time),
            "datacontenttype": "application/json",
            "dataschema": self.dataschema,
            "sequence": self.sequence,
            "data": self.data,
        }
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CloudEvent:
        """Return the message in an envelope, as a receiver does; the inverse of `to_dict`.

        The body of a topic of this library is checked by its schema. Attributes of CloudEvents that
        are not named here are left out.

        >>> from entitlements.kernel.instants import utc
        >>> nine = utc("2026-03-02T09:00Z")
        >>> sent = Message(number=7, topic="case.reopened", at=nine, body='{"case":"R-1"}')
        >>> event = cloud_event("acme", sent)
        >>> CloudEvent.from_dict(event.to_dict()) == event
        True

        Raises:
            InvalidValueError: It is no such envelope, the version of the schema is not known, or
                something in the body is not what belongs there; `path` names the place.
        """
        if not isinstance(data, Mapping):
            refuse(data, "an object", "")
        if data.get("specversion") != "1.0":
            refuse(data.get("specversion"), "version `1.0` of CloudEvents", "specversion")
        for name in (*_TEXTS, "time", "data"):
            if name not in data:
                raise InvalidValueError("the key is missing", path=name)
        texts = {name: TEXT.read(data[name], name) for name in _TEXTS}
        maybe = Nullable(TEXT)
        subject, schema = (maybe.read(data.get(name), name) for name in ("subject", "dataschema"))
        topic = MESSAGE_DATA.get(texts["type"].removeprefix(PREFIX))
        if topic is not None and schema is not None:
            if schema != topic.schema_id:
                refuse(schema, f"a schema that is known, such as `{topic.schema_id}`", "dataschema")
            Record(topic.record).read(data["data"], "data")
        body = json.dumps(data["data"], ensure_ascii=False, separators=(",", ":"))
        time = INSTANT.read(data["time"], "time")
        return cls(**texts, subject=subject, time=time, dataschema=schema, body=body)

    def to_json(self) -> bytes:
        """Return the envelope as JSON, in UTF-8."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":")).encode()


def cloud_event(tenant: str, message: Message, source: str | None = None) -> CloudEvent:
    """Return a message in its envelope.

    Args:
        tenant: Id of the tenant.
        message: The message.
        source: URI of the sender; a URN made of the tenant if None.

    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> sent = Message(number=7, topic="case.reopened", at=nine, body='{"case":"R-1"}', case="R-1")
    >>> cloud_event("acme", sent).to_dict()["type"]
    'entitlements.case.reopened'
    """
    named = quote(identifier(tenant), safe="").replace(".", "%2E")
    topic = MESSAGE_DATA.get(instance_of(Message, message).topic)
    return CloudEvent(
        id=f"{named}/{message.number}",
        source=f"urn:entitlements:{named}" if source is None else source,
        type=f"{PREFIX}{message.topic}",
        subject=message.case or None,
        time=message.at,
        sequence=str(message.number).zfill(_SEQUENCE_LENGTH),
        dataschema=None if topic is None else topic.schema_id,
        body=message.body,
    )
