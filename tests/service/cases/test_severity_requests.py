"""Contacts who ask for another severity of an open case."""

from __future__ import annotations

import json

import attrs
import pytest
from tests.service.desks import (
    CATALOG,
    MINUTE,
    MONDAY,
    POLICY,
    TENANT,
    account,
    admitted,
    desk,
    messages,
    plan,
    request,
    topics,
)

from entitlements.adapters.memory import MemoryStore
from entitlements.contracts import NamedContact
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.service import Desk, RecordEvent, Reply, ReplyResult
from entitlements.sla import Event

LATER = MONDAY + 10 * MINUTE


@pytest.fixture
def by_role() -> Desk:
    """A desk with one customer, whose plan leaves `S1` to administrators."""
    store = MemoryStore()
    guarded = attrs.evolve(plan("guarded"), opened_by={"S1": ["admin"]})
    catalog = attrs.evolve(CATALOG, plans=[guarded])
    people = [NamedContact(contact="dana", roles=["admin"]), NamedContact(contact="emil")]
    customer = account("guarded")
    contract = attrs.evolve(customer.contracts[0], contacts=people)
    with store.begin(TENANT) as work:
        work.catalog.save(catalog, [POLICY], utc("2026-01-01T00:00Z"))
        work.accounts.open(attrs.evolve(customer, contracts=[contract]))
        work.commit()
    return desk(store)


def raised(at: Desk, severity: str, contact: str | None, id: str = "k") -> Reply:
    """Return the reply to a contact, or the desk, that changes the severity of the case."""
    event = Event.severity_changed(LATER, severity)
    return at.execute(RecordEvent(id=id, case="R-1", event=event, contact=contact), LATER)


def opened(at: Desk, severity: str = "S2") -> None:
    admitted(at, request(customer="guarded", contact="dana", severity=severity))


def test_a_contact_without_the_role_cannot_raise_a_severity(by_role: Desk) -> None:
    opened(by_role)
    reply = raised(by_role, "S1", "emil")
    assert reply.result is ReplyResult.DENIED
    assert json.loads(reply.text) == {
        "decision": "denied",
        "reasons": [
            {
                "reason": "role_may_not_open",
                "sentence": "this severity is for contacts of another role",
            }
        ],
    }
    due = by_role.clocks("R-1", LATER)["first_response"].due
    assert due == utc("2026-03-02T13:00Z"), "four hours, as for an S2"
    assert topics(by_role) == ["case.granted", "case.severity_refused"]
    told = json.loads(messages(by_role)[-1].body)
    assert (told["contact"], told["severity"]) == ("emil", "S1")
    assert told["reasons"] == ["role_may_not_open"]


def test_a_refusal_is_repeated_and_not_decided_again(by_role: Desk) -> None:
    opened(by_role)
    first, again = raised(by_role, "S1", "emil"), raised(by_role, "S1", "emil")
    assert first == again
    assert again.repeated
    assert topics(by_role) == ["case.granted", "case.severity_refused"]


@pytest.mark.parametrize("contact", ["dana", None], ids=["an administrator", "the desk"])
def test_who_may_open_a_severity_may_raise_a_case_to_it(by_role: Desk, contact: str | None) -> None:
    opened(by_role)
    assert raised(by_role, "S1", contact).result is ReplyResult.RECORDED
    due = by_role.clocks("R-1", LATER)["first_response"].due
    assert due == utc("2026-03-02T10:00Z"), "one hour from the opening"


def test_everybody_may_lower_a_severity(by_role: Desk) -> None:
    opened(by_role, "S1")
    assert raised(by_role, "S2", "emil").result is ReplyResult.RECORDED
    assert raised(by_role, "S1", "emil", id="k-2").result is ReplyResult.DENIED


def test_a_stranger_cannot_raise_a_severity(by_role: Desk) -> None:
    opened(by_role)
    reply = raised(by_role, "S1", "zoe")
    reasons = [each["reason"] for each in json.loads(reply.text)["reasons"]]
    assert reasons == ["contact_not_named", "role_may_not_open"]


def test_only_a_change_of_severity_names_a_contact() -> None:
    with pytest.raises(InvalidValueError, match="names contact `emil`"):
        RecordEvent(id="k", case="R-1", event=Event.responded(MONDAY), contact="emil")
