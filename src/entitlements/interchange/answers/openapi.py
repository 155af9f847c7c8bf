"""OpenAPI 3.1: the schemas of requests and answers, and every message as a webhook.

A service takes `components` and `webhooks` into the description of its own paths.
"""

from __future__ import annotations

from typing import Any, Final

from entitlements.interchange.answers.schemas import MESSAGES, SCHEMA_NAMES, schema_of
from entitlements.kernel.data.schema import JsonSchema
from entitlements.service.messages.cloud_events import CONTENT_TYPE, PREFIX
from entitlements.service.messages.message_data import MESSAGE_DATA

VERSION: Final = "3.1.0"
_SIGNED: Final = {
    "webhook-id": "Id of the message, the same for each of its deliveries.",
    "webhook-timestamp": "When it was signed, in seconds since 1970 UTC.",
    "webhook-signature": "Signatures by Standard Webhooks, separated by spaces.",
}
_REQUIRED: Final = ("specversion", "id", "source", "type", "time", "sequence", "data")


def openapi() -> dict[str, Any]:
    """Return a description without paths: `components.schemas` and `webhooks`.

    >>> sorted(openapi()["components"]["schemas"])[:2]
    ['answer', 'case.adopted']
    >>> "entitlements.case.granted" in openapi()["webhooks"]
    True
    """
    schemas = {name: schema_of(name) for name in SCHEMA_NAMES if name != MESSAGES}
    schemas |= {topic: each.body_schema() for topic, each in sorted(MESSAGE_DATA.items())}
    return {
        "openapi": VERSION,
        "info": {"title": "Answers and messages of entitlements", "version": "1"},
        "webhooks": {f"{PREFIX}{topic}": _webhook(topic) for topic in sorted(MESSAGE_DATA)},
        "components": {"schemas": schemas},
    }


def _webhook(topic: str) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": _TEXT}
        for name, text in _SIGNED.items()
    ]
    return {
        "post": {
            "summary": MESSAGE_DATA[topic].title,
            "parameters": parameters,
            "requestBody": {
                "required": True,
                "content": {CONTENT_TYPE: {"schema": _envelope(topic)}},
            },
            "responses": {
                "2XX": {"description": "It was received."},
                "410": {"description": "No more messages are wanted."},
                "default": {"description": "It is delivered again later, with the same id."},
            },
        }
    }


_TEXT: Final[JsonSchema] = {"type": "string"}


def _envelope(topic: str) -> JsonSchema:
    """Return the schema of a message of one topic in its CloudEvents envelope."""
    return {
        "type": "object",
        "required": list(_REQUIRED),
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _TEXT,
            "source": {"type": "string", "format": "uri-reference"},
            "type": {"const": f"{PREFIX}{topic}"},
            "subject": _TEXT,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "dataschema": {"const": MESSAGE_DATA[topic].schema_id},
            "sequence": _TEXT,
            "data": {"$ref": f"#/components/schemas/{topic}"},
        },
    }
