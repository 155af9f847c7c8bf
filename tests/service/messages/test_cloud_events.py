import json

from entitlements.kernel.instants import utc
from entitlements.ports import Message
from entitlements.service.messages.cloud_events import cloud_event

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
