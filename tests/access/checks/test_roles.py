"""Roles of contacts: who may open a severity, who may use a right, and until when."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, PLAN, REQUEST, Case

from entitlements.access import Decision, Denied, Granted, Reason, RemedyKind
from entitlements.contracts import (
    AccessRight,
    Account,
    Amendment,
    Contract,
    Delegation,
    NamedContact,
    Plan,
)
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.instants import utc

MONDAY = utc("2026-03-02T10:00Z")
DANA = NamedContact(contact="dana", roles=["admin"])
EMIL = NamedContact(contact="emil", roles=["member"])
FAYE = NamedContact(contact="faye")
STAFFED = attrs.evolve(CONTRACT, contacts=[DANA, EMIL, FAYE])
HOTLINE = AccessRight(id="hotline", group="dba", roles=["admin", "security"])
QUEUE = AccessRight(id="queue", group="desk", severities=["S2"])
BY_ROLE = attrs.evolve(PLAN, opened_by={"S1": ["admin"]})
BY_RIGHT = attrs.evolve(PLAN, rights=[HOTLINE, QUEUE])


def ask(
    plan: Plan,
    contact: str,
    severity: str = "S1",
    contract: Contract = STAFFED,
    at: str = "2026-03-02T10:00Z",
    **said: object,
) -> Decision:
    """Return the answer to a contact under a plan."""
    account = Account(customer="acme", contracts=[contract], **said)  # type: ignore[arg-type]
    request = attrs.evolve(REQUEST, contact=contact, severity=severity)
    catalog = attrs.evolve(CATALOG, plans=[plan])
    return Case(catalog, account, request, utc(at)).decision


@pytest.mark.parametrize(
    ("contact", "severity", "expected"),
    [
        pytest.param("dana", "S1", (), id="an admin opens what is for admins"),
        pytest.param("emil", "S1", (Reason.ROLE_MAY_NOT_OPEN,), id="another role does not"),
        pytest.param("faye", "S1", (Reason.ROLE_MAY_NOT_OPEN,), id="nor does nobody's role"),
        pytest.param("faye", "S2", (), id="what is not listed is for everybody"),
        pytest.param(
            "zoe",
            "S1",
            (Reason.CONTACT_NOT_NAMED, Reason.ROLE_MAY_NOT_OPEN),
            id="a stranger has both reasons",
        ),
    ],
)
def test_a_severity_is_for_the_roles_that_the_plan_lists(
    contact: str, severity: str, expected: tuple[Reason, ...]
) -> None:
    answer = ask(BY_ROLE, contact, severity)
    assert (answer.reasons if isinstance(answer, Denied) else ()) == expected


@pytest.mark.parametrize(
    ("contact", "severity", "right"),
    [("dana", "S1", "hotline"), ("emil", "S1", None), ("emil", "S2", "queue")],
)
def test_a_right_is_for_the_roles_that_it_lists(
    contact: str, severity: str, right: str | None
) -> None:
    answer = ask(BY_RIGHT, contact, severity)
    if right is None:
        assert isinstance(answer, Denied)
        assert answer.reasons == (Reason.ROLE_NOT_IN_RIGHT,)
    else:
        assert isinstance(answer, Granted)
        assert answer.entitlement.right == right


def test_a_delegate_acts_in_the_roles_of_who_delegated() -> None:
    link = Delegation(
        id="D",
        contract="C",
        giver="dana",
        receiver="emil",
        start="2026-03-02T09:00Z",
        end="2026-03-02T16:30Z",
    )
    denied = ask(BY_ROLE, "emil", at="2026-03-02T08:59:59Z", delegations=[link])
    assert isinstance(denied, Denied)
    assert denied.valid_until == utc("2026-03-02T09:00Z")
    granted = ask(BY_ROLE, "emil", at="2026-03-02T09:00Z", delegations=[link])
    assert isinstance(granted, Granted)
    assert granted.valid_until == utc("2026-03-02T16:30Z"), "half an hour before the desk closes"
    assert isinstance(ask(BY_ROLE, "emil", at="2026-03-02T16:30Z", delegations=[link]), Denied)


def test_delegations_that_could_not_be_loaded_are_named_as_a_reason() -> None:
    answer = ask(BY_ROLE, "emil", unknown={"delegations": "timed out"})
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.FACTS_MISSING, Reason.ROLE_MAY_NOT_OPEN)
    assert isinstance(ask(BY_ROLE, "dana", unknown={"delegations": "timed out"}), Granted)


def test_a_contact_beyond_the_limit_has_no_role_even_as_a_delegate() -> None:
    late = attrs.evolve(CONTRACT, contacts=[FAYE, DANA])
    link = Delegation(id="D", contract="C", giver="faye", receiver="dana", start=MONDAY)
    answer = ask(attrs.evolve(BY_ROLE, contact_limit=1), "dana", contract=late, delegations=[link])
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.ROLE_MAY_NOT_OPEN,)


def test_a_role_begins_and_ends_with_the_entry_that_gives_it() -> None:
    entries = [
        NamedContact(contact="emil"),
        NamedContact(contact="emil", roles=["admin"], start=date(2026, 3, 3), end=date(2026, 3, 3)),
    ]
    contract = attrs.evolve(CONTRACT, contacts=entries)
    before = ask(BY_ROLE, "emil", contract=contract, at="2026-03-02T23:59:59Z")
    assert isinstance(before, Denied)
    assert before.valid_until == utc("2026-03-03T00:00Z")
    within = ask(BY_ROLE, "emil", contract=contract, at="2026-03-03T16:59:59Z")
    assert isinstance(within, Granted)
    assert isinstance(ask(BY_ROLE, "emil", contract=contract, at="2026-03-04T09:00Z"), Denied)


def test_an_amendment_of_the_contacts_changes_their_roles_from_its_day() -> None:
    change = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 3, 3),
        contacts=[EMIL, attrs.evolve(FAYE, roles=["admin"])],
    )
    assert isinstance(ask(BY_ROLE, "faye", changes=[change]), Denied)
    after = ask(BY_ROLE, "faye", at="2026-03-03T09:00Z", changes=[change])
    assert isinstance(after, Granted)


def test_where_everybody_may_ask_nobody_has_a_role() -> None:
    anybody = attrs.evolve(CONTRACT, contacts=[], any_contact=True)
    answer = ask(BY_ROLE, "dana", contract=anybody)
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.ROLE_MAY_NOT_OPEN,)


def test_the_way_out_is_to_ask_an_administrator_or_a_lower_severity() -> None:
    answer = ask(BY_ROLE, "emil")
    assert isinstance(answer, Denied)
    ways = [(each.kind, each.target) for each in answer.remedies]
    assert ways == [(RemedyKind.LOWER_SEVERITY, "S2"), (RemedyKind.ASK_CONTACT, "dana")]


def test_one_person_is_not_answered_for_another() -> None:
    catalog = attrs.evolve(CATALOG, plans=[BY_ROLE])
    decider = Case(catalog, Account(customer="acme", contracts=[STAFFED])).decision
    assert isinstance(decider, Granted)
    assert isinstance(ask(BY_ROLE, "emil"), Denied)
    assert isinstance(ask(BY_ROLE, "dana"), Granted)


def test_a_severity_that_the_plan_does_not_have_is_refused_with_its_place() -> None:
    with pytest.raises(UnknownIdError) as failed:
        attrs.evolve(PLAN, opened_by={"S9": ["admin"]})
    assert failed.value.path == "opened_by"
    with pytest.raises(InvalidValueError, match="opened by no role"):
        attrs.evolve(PLAN, opened_by={"S1": []})
