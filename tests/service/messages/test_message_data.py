"""Bodies of messages: what a desk writes fits the schema of its topic, and is read back."""

import json
import re

import jsonschema
import pytest
from tests.house.house import MODULES
from tests.service.cases.test_admission import SATURDAY
from tests.service.desks import MINUTE, MONDAY, admitted, desk_offering, messages, request
from tests.service.test_stores import carry_out

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel.data.records import Record
from entitlements.kernel.errors import UnreadableError
from entitlements.ports import Message
from entitlements.routing import AssignmentOverride
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.service import AdoptCase, Desk, OfferCase, RecordEvent, SyncCase
from entitlements.service.failures import ItemKind
from entitlements.service.messages.message_data import MESSAGE_DATA
from entitlements.sla import Event

NAMES = re.compile(
    r'"((?:case|clock|units|offer|work|queue|item'
    r'|outage|maintenance|survey|complaint|notice|record|figure|credit|statement)\.[a-z_]+)"'
)


def check(message: Message) -> None:
    schema = MESSAGE_DATA[message.topic].body_schema()
    plain = json.loads(message.body)
    jsonschema.validate(plain, schema, jsonschema.Draft202012Validator)
    body = Record(MESSAGE_DATA[message.topic].record)
    again = body.write(body.read(plain, ""))
    assert plain.items() <= again.items(), "written as it was read, with what was left out"


def more(at_desk: Desk) -> None:
    """Send what a common day does not."""
    grace = AssignmentOverride(by="grace", reason="both may")
    admitted(at_desk, request("X-1"), MONDAY)
    admitted(at_desk, request("X-2", "daytime"), SATURDAY)
    offer = OfferCase(id="x1", case="X-1", agents=["ada"], override=grace)
    at_desk.execute(offer, MONDAY)
    at_desk.process_due(MONDAY + 5 * MINUTE)
    raised = Event.severity_changed(SATURDAY + MINUTE, "S1")
    admitted(at_desk, request("X-3", severity="S2"), SATURDAY)
    at_desk.execute(
        RecordEvent(id="x2", case="X-3", event=raised, contact="eve"), SATURDAY + MINUTE
    )
    opened = Event.opened(MONDAY, severity="S1")
    adopt = AdoptCase(id="x3", request=request("X-4"), events=[opened], contract="C-flat", line="1")
    at_desk.execute(adopt, SATURDAY)
    for n, state in enumerate(("pending", "solved", "in_progress")):
        at_desk.execute(SyncCase(id=f"y{n}", case="X-4", state=state), SATURDAY + n * MINUTE)
    at_desk.process_due(SATURDAY + 500 * MINUTE)
    broken = UnreadableError("case `X-4`", "it was changed by hand")
    at_desk.context.set_aside(ItemKind.CASE, "X-4", broken, SATURDAY)


def test_every_message_fits_the_schema_of_its_topic(store: MemoryStore) -> None:
    at_desk = desk_offering(store, OfferPolicy(declines=1))
    carry_out(at_desk)
    more(at_desk)
    found = messages(at_desk)
    for each in found:
        check(each)
        assert json.loads(each.body)["case"] == each.case
    assert len({each.topic for each in found}) >= 17


def test_a_topic_is_known_for_everything_that_is_sent() -> None:
    sent = {
        name
        for each in MODULES
        if each.floor == "service" and each.path.stem not in {"message_data", "record_bodies"}
        for name in NAMES.findall(each.path.read_text())
    }
    decided = {f"case.{each}" for each in ("granted", "deferred", "denied", "consent_needed")}
    noticed = {"clock.warning", "clock.breach"}
    assert sent | decided | noticed == set(MESSAGE_DATA)


def test_a_body_with_other_fields_does_not_fit() -> None:
    good = {"case": "R-1", "by": None}
    schema = MESSAGE_DATA["case.resolved"].body_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(good, schema)
    for wrong in ({"case": "R-1"}, {**good, "by": 5}, {**good, "more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
