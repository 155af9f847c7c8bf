"""CloudEvents: the envelope in which messages leave, by CloudEvents 1.0 in its JSON format."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, final
from urllib.parse import quote

import attrs

from entitlements.kernel.converters import instance_of
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import text_of, utc
from entitlements.ports.records import Message
from entitlements.service.messages.message_data import MESSAGE_DATA

PREFIX: Final = "entitlements."
CONTENT_TYPE: Final = "application/cloudevents+json"
_SEQUENCE_LENGTH: Final = 20


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
        body: The body, as JSON text.
    """

    id: str
    source: str
    type: str
    subject: str | None
    time: datetime = attrs.field(converter=utc)
    sequence: str
    dataschema: str | None
    body: str

    @property
    def data(self) -> Any:
        """The body as data."""
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
