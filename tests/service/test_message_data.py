"""Bodies of messages: what a desk writes fits the schema of its topic."""

from __future__ import annotations

import json
from datetime import timedelta

from jsonschema import Draft202012Validator
from tests.service.desks import MONDAY, accepted_case, desk, messages, request, settle

from entitlements.adapters.memory import MemoryStore
from entitlements.service import CancelCase, RecordEvent, ReopenCase, ResolveCase
from entitlements.service.message_data import MESSAGE_DATA
from entitlements.sla import Event

MINUTE = timedelta(minutes=1)


def test_every_message_with_a_listed_topic_has_its_body() -> None:
    store = MemoryStore()
    settle(store)
    at_desk = desk(store)
    accepted_case(at_desk, request())
    case = "R-1"
    paused = Event.paused(MONDAY + 2 * MINUTE, "customer")
    at_desk.execute(RecordEvent(id="k-1", case=case, event=paused), MONDAY + 2 * MINUTE)
    at_desk.execute(ResolveCase(id="k-2", case=case), MONDAY + 3 * MINUTE)
    at_desk.execute(ReopenCase(id="k-3", case=case), MONDAY + 4 * MINUTE)
    at_desk.execute(CancelCase(id="k-4", case=case), MONDAY + 5 * MINUTE)
    seen = set()
    for each in messages(at_desk):
        if each.topic in MESSAGE_DATA:
            seen.add(each.topic)
            schema = MESSAGE_DATA[each.topic].body_schema()
            Draft202012Validator(schema).validate(json.loads(each.body))
    assert seen == MESSAGE_DATA.keys()
