"""The account index keeps what was computed, and never more than its bound."""

from datetime import timedelta

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, MONDAY, PLAN, REQUEST, with_account

from entitlements.access.compiled.account_index import (
    MAX_KEPT,
    NEVER_OPEN_FAILURE,
    WINDOW_FAILURE,
    AccountIndex,
    window_failures,
)
from entitlements.contracts import AccessRight, Account, Block, NamedContact, Renewal
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import DAY, from_micros, to_micros

AT = to_micros(MONDAY)


def index(**said: object) -> AccountIndex:
    """Return the index of the small world's account, with these fields changed."""
    account = with_account(**said).account
    assert account is not None
    return AccountIndex(account, CATALOG)


def test_a_request_class_and_its_window_are_found_again() -> None:
    found = index()
    compiled = found.request_class(REQUEST)
    assert found.request_class(attrs.evolve(REQUEST, id="R2", contact="emil")) is compiled
    window = found.candidate_window(REQUEST, AT)
    for same in (window.start, window.end - 1):
        assert found.candidate_window(attrs.evolve(REQUEST, id="R2"), same) is window
    assert found.candidate_window(REQUEST, window.end).start == window.end
    assert found.candidate_window(REQUEST, AT).rights[0][0] is window.rights[0][0]


def test_a_window_keeps_only_rights_that_may_give_access() -> None:
    blocked = index(changes=[Block(id="B", start=MONDAY)])
    assert len(blocked.candidate_window(REQUEST, AT - 1).rights) == 1
    assert blocked.candidate_window(REQUEST, AT).rights == []
    assert blocked.candidate_window(attrs.evolve(REQUEST, contact="nobody"), AT - 1).rights == []
    assert len(blocked.evaluate(REQUEST, AT)) == 1


def test_a_window_ends_where_the_person_may_no_longer_ask() -> None:
    contact = NamedContact(contact="dana", end=MONDAY.date())
    found = index(contracts=[attrs.evolve(CONTRACT, contacts=[contact])])
    window = found.candidate_window(REQUEST, AT)
    assert len(window.rights) == 1
    assert from_micros(window.end).date() == MONDAY.date() + timedelta(days=1)
    assert found.candidate_window(REQUEST, window.end).rights == []


def test_request_classes_and_contacts_are_dropped_at_the_bound() -> None:
    found = index()
    for number in range(MAX_KEPT + 2):
        found.request_class(attrs.evolve(REQUEST, group=f"g{number}"))
        stranger = attrs.evolve(REQUEST, contact=f"p{number}")
        line = found.request_class(REQUEST).lines[0]
        found.contact(line, line.at(0), stranger)
    assert len(found._request_classes) <= MAX_KEPT  # noqa: SLF001 - memory has no other sign
    assert len(found.contacts.kept) <= MAX_KEPT


def test_a_class_of_an_account_with_many_lines_is_kept() -> None:
    lines = [attrs.evolve(CONTRACT.lines[0], id=f"L{n}") for n in range(MAX_KEPT + 1)]
    found = index(contracts=[attrs.evolve(CONTRACT, lines=lines)])
    assert found.request_class(REQUEST) is found.request_class(REQUEST)


def test_a_closed_window_opens_again_or_never() -> None:
    plan = attrs.evolve(
        PLAN, rights=[PLAN.rights[0], AccessRight(id="n", group="dba", hours="never")]
    )
    account = Account(customer="acme", contracts=[CONTRACT])
    found = AccountIndex(account, attrs.evolve(CATALOG, plans=[plan]))
    desk, never = found.request_class(REQUEST).lines[0].at(AT).rights
    assert window_failures(desk, AT) == 0
    assert window_failures(desk, AT + 5 * DAY) == WINDOW_FAILURE
    assert window_failures(never, AT) == WINDOW_FAILURE | NEVER_OPEN_FAILURE


def test_terms_that_overlap_are_refused_at_once() -> None:
    overlap = Renewal(id="N", contract="C", kind="fresh", start=MONDAY.date(), months=3)
    with pytest.raises(ConflictError, match="before the earlier term ends"):
        index(changes=[overlap])
