"""The OpenAPI description holds every schema and every topic, and a message fits what it says."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from entitlements.interchange import openapi, schema_of
from entitlements.interchange.answers.schemas import SCHEMA_NAMES
from entitlements.kernel.instants import utc
from entitlements.ports.records import Message
from entitlements.service import MESSAGE_DATA, cloud_event

DOCUMENT = openapi()


def envelope(topic: str) -> dict[str, Any]:
    """Return the schema of a message of a topic, with what it refers to."""
    body = DOCUMENT["webhooks"][f"entitlements.{topic}"]["post"]["requestBody"]
    schema: dict[str, Any] = body["content"]["application/cloudevents+json"]["schema"]
    return {**schema, "components": DOCUMENT["components"]}


def test_every_schema_and_every_topic_is_in_it() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas.keys() == {*SCHEMA_NAMES, *MESSAGE_DATA} - {"messages"}
    assert schemas["answer"] == schema_of("answer")
    assert {f"entitlements.{topic}" for topic in MESSAGE_DATA} == DOCUMENT["webhooks"].keys()
    json.dumps(DOCUMENT)


def test_a_message_fits_the_webhook_of_its_topic_and_no_other() -> None:
    message = Message(
        number=7, topic="case.resolved", at=utc("2026-03-02T09:00Z"), case="R-1",
        body='{"by":null,"case":"R-1"}',
    )  # fmt: skip
    sent = json.loads(cloud_event("acme", message).to_json())
    fitting = [topic for topic in MESSAGE_DATA if validator(topic).is_valid(sent)]
    assert fitting == ["case.resolved"]
    del sent["data"]["by"]
    assert not validator("case.resolved").is_valid(sent)


def validator(topic: str) -> Draft202012Validator:
    """Return the validator of a message of a topic."""
    schema = envelope(topic)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
