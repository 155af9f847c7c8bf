import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.ports import Message
from entitlements.service.messages.cloud_events import CloudEvent, cloud_event
from entitlements.service.messages.message_data import MESSAGE_DATA

WRITTEN = (Path(__file__).parent / "fixtures" / "v1" / "messages.jsonl").read_text(encoding="utf-8")
NINE = utc("2026-03-02T09:00Z")
SENT = Message(
    number=7, topic="case.resolved", at=NINE, body='{"by": "ö", "case": "R-1"}', case="R-1"
)


def test_a_message_leaves_in_an_envelope_of_cloud_events() -> None:
    assert json.loads(cloud_event("my company", SENT).to_json()) == {
        "specversion": "1.0",
        "id": "my%20company/7",
        "source": "urn:entitlements:my%20company",
        "type": "entitlements.case.resolved",
        "subject": "R-1",
        "time": "2026-03-02T09:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:entitlements:schema:case.resolved:1",
        "sequence": "00000000000000000007",
        "data": {"by": "ö", "case": "R-1"},
    }


def test_ids_of_tenants_are_safe_in_headers_and_signatures() -> None:
    event = cloud_event("a.b\u00fc/c", SENT)
    assert event.id == "a%2Eb%C3%BC%2Fc/7"
    assert event.id.isascii()


def test_a_message_of_the_host_has_no_schema_and_maybe_no_case() -> None:
    own = Message(number=8, topic="ticket.linked", at=NINE, body="[1]")
    found = cloud_event("t", own, source="https://desk.example").to_dict()
    assert found["source"] == "https://desk.example"
    assert found["data"] == [1]
    assert found.keys().isdisjoint({"subject", "dataschema"})


def test_later_messages_sort_after_earlier_ones() -> None:
    numbers = [9, 10, 99, 100, 2**62]
    texts = [
        cloud_event("t", Message(number=n, topic="x", at=NINE, body="{}")).sequence for n in numbers
    ]
    assert texts == sorted(texts)


def test_messages_that_were_written_under_version_1_are_read_for_ever() -> None:
    read = {}
    for line in WRITTEN.splitlines():
        plain = json.loads(line)
        event = CloudEvent.from_dict(plain)
        topic = event.type.removeprefix("entitlements.")
        assert event.to_dict() == plain
        validate(plain["data"], MESSAGE_DATA[topic].body_schema())
        read[topic] = event
    assert read.keys() == MESSAGE_DATA.keys(), "there is one of each topic"
    assert {each.version for each in MESSAGE_DATA.values()} == {1}, "keep those of version 2 too"


def test_an_envelope_is_read_back_whatever_the_spelling_of_its_body() -> None:
    for each in (SENT, Message(number=8, topic="ticket.linked", at=NINE, body="[1]")):
        event = cloud_event("t", each)
        again = CloudEvent.from_dict(json.loads(event.to_json()) | {"traceparent": "00-1"})
        assert again == event
        assert hash(again) == hash(event)
    assert cloud_event("t", SENT) != cloud_event(
        "t", Message(number=7, topic="case.resolved", at=NINE, body="by ö", case="R-1")
    )


@pytest.mark.parametrize(("changes", "place"), [
    ({"specversion": "0.3"}, "specversion"),
    ({"id": 7}, "id"),
    ({"subject": 7}, "subject"),
    ({"time": "2026-03-02T10:00:00+01:00"}, "time"),
    ({"dataschema": "urn:entitlements:schema:case.resolved:2"}, "dataschema"),
    ({"data": {"case": "R-1"}}, "data.by"),
    ({"data": {"case": "R-1", "by": None, "bye": 1}}, "data.bye"),
    ({"data": []}, "data"),
])  # fmt: skip
def test_an_envelope_that_is_not_one_is_refused(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        CloudEvent.from_dict(cloud_event("t", SENT).to_dict() | changes)
    assert refused.value.path == place
    missing = cloud_event("t", SENT).to_dict()
    del missing["time"]
    nothing: Any
    for nothing in (missing, None, []):
        with pytest.raises(InvalidValueError):
            CloudEvent.from_dict(nothing)
