"""Rows of messages, of the chain of decisions, and of commands that were carried out."""

from __future__ import annotations

import json
from datetime import datetime

import attrs

from entitlements.adapters.sql.errors import reading, whole
from entitlements.adapters.sql.session.session import Row
from entitlements.kernel.converters import as_text
from entitlements.kernel.data.digests import plain_text
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.ports.deliveries import Delivery, Endpoint
from entitlements.ports.records import (
    ChainHead,
    DecisionRecord,
    ExecutedCommand,
    Message,
    body_text,
    case_or_none,
)

_LINK = tuple(each.name for each in attrs.fields(DecisionRecord))


def message_to_row(topic: str, body: str, at: datetime, case: str) -> Row:
    """Return a message as a row; its number is given by the store."""
    named, about = identifier(topic), case_or_none(case)
    return {"topic": named, "at": to_micros(at), "body": body_text(body), "case": about}


def message_from_row(row: Row) -> Message:
    """Return the message in a row."""
    with reading(f"message `{row['number']}`"):
        at, number = from_micros(whole(row["at"])), whole(row["number"])
        body, case = row["body"], row["case"]
        return Message(number=number, topic=row["topic"], at=at, body=body, case=case)


def delivery_from_row(row: Row, endpoint: str = "") -> Delivery:
    """Return the message in a row, with its claim and what became of it so far."""
    with reading(f"message `{row['number']}`"):
        fence, attempts = whole(row["fence"]), whole(row["attempts"])
        message, error = message_from_row(row), row["error"]
        return Delivery(
            message=message, fence=fence, attempts=attempts, error=error, endpoint=endpoint
        )


def delivery_to_row(message: Message, endpoint: str) -> Row:
    """Return a message on its way to an endpoint as a row; its delivery was not tried yet."""
    own = message_to_row(message.topic, message.body, message.at, message.case)
    fresh = {"ready_at": 0, "fence": 0, "attempts": 0, "error": None}
    return {"endpoint": endpoint, "number": message.number, **own, **fresh}


def endpoint_to_row(endpoint: Endpoint) -> Row:
    """Return an endpoint as a row."""
    return {"id": endpoint.id, "topics": plain_text(sorted(endpoint.topics))}


def endpoint_from_row(row: Row) -> Endpoint:
    """Return the endpoint in a row."""
    with reading(f"endpoint `{row['id']}`"):
        return Endpoint(id=row["id"], topics=json.loads(row["topics"]))


def decision_to_row(link: DecisionRecord) -> Row:
    """Return a link of the chain as a row."""
    row = {name: getattr(link, name) for name in _LINK}
    return {**row, "at": to_micros(link.at)}


def decision_from_row(row: Row) -> DecisionRecord:
    """Return the link of the chain in a row."""
    with reading(f"decision `{row['number']}`"):
        return DecisionRecord(**{**row, "at": from_micros(whole(row["at"]))})


def command_to_row(done: ExecutedCommand) -> Row:
    """Return a command that was carried out as a row."""
    return {"id": done.id, "digest": done.digest, "at": to_micros(done.at), "answer": done.answer}


def command_of(id: str, digest: str, at: int, answer: str) -> ExecutedCommand:
    """Return the command in the columns of a row."""
    with reading(f"command `{id}`"):
        return ExecutedCommand(id=id, digest=digest, at=from_micros(whole(at)), answer=answer)


def head_from_row(row: Row) -> ChainHead:
    """Return the end of the chain of decisions in a row."""
    with reading("end of the chain of decisions"):
        return ChainHead(whole(row["number"]), as_text(row["digest"]))
