"""The index keeps what was computed, and never more than it may."""

from datetime import timedelta

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, MONDAY, PLAN, REQUEST, with_account

from entitlements.access.compiled.account_index import (
    MAX_KEPT,
    NEVER_OPEN_FAILURE,
    WINDOW_FAILURE,
    AccountIndex,
    window_failures,
)
from entitlements.contracts import AccessRight, Account, Block, NamedContact, Renewal
from entitlements.kernel.errors import ConflictError, UnknownIdError
from entitlements.kernel.instants import DAY, from_micros, to_micros

AT = to_micros(MONDAY)


def index(**said: object) -> AccountIndex:
    """Return the index of the small world's account, but for this."""
    account = with_account(**said).account
    assert account is not None
    return AccountIndex(account, CATALOG)


def test_a_kind_and_its_moment_are_found_again() -> None:
    found = index()
    kind = found.request_class(REQUEST)
    assert found.request_class(attrs.evolve(REQUEST, id="R2", contact="emil")) is kind
    moment = found.candidate_window(REQUEST, AT)
    for same in (moment.start, moment.end - 1):
        assert found.candidate_window(attrs.evolve(REQUEST, id="R2"), same) is moment
    assert found.candidate_window(REQUEST, moment.end).start == moment.end
    assert found.candidate_window(REQUEST, AT).rights[0][0] is moment.rights[0][0]


def test_a_moment_keeps_only_rights_that_may_give_access() -> None:
    blocked = index(changes=[Block(id="B", start=MONDAY)])
    assert len(blocked.candidate_window(REQUEST, AT - 1).rights) == 1
    assert blocked.candidate_window(REQUEST, AT).rights == []
    assert blocked.candidate_window(attrs.evolve(REQUEST, contact="nobody"), AT - 1).rights == []
    assert len(blocked.evaluate(REQUEST, AT)) == 1


def test_a_moment_ends_where_the_person_may_no_longer_ask() -> None:
    contact = NamedContact(contact="dana", end=MONDAY.date())
    found = index(contracts=[attrs.evolve(CONTRACT, contacts=[contact])])
    moment = found.candidate_window(REQUEST, AT)
    assert len(moment.rights) == 1
    assert from_micros(moment.end).date() == MONDAY.date() + timedelta(days=1)
    assert found.candidate_window(REQUEST, moment.end).rights == []


def test_kinds_and_people_are_forgotten_before_they_fill_memory() -> None:
    found = index()
    for number in range(MAX_KEPT + 2):
        found.request_class(attrs.evolve(REQUEST, group=f"g{number}"))
        stranger = attrs.evolve(REQUEST, contact=f"p{number}")
        found.contact_failures(found.request_class(REQUEST).lines[0], PLAN, stranger, AT)
    assert len(found._kinds) <= MAX_KEPT  # noqa: SLF001 - memory has no other sign
    assert len(found._contacts) <= MAX_KEPT  # noqa: SLF001 - memory has no other sign


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


def test_a_line_that_names_nothing_is_refused_at_once() -> None:
    with pytest.raises(UnknownIdError, match="no plan"):
        index(contracts=[attrs.evolve(CONTRACT, lines=[attrs.evolve(LINE, plan="lead")])])
    bound = attrs.evolve(LINE, calendars={"desk": "moon"})
    with pytest.raises(UnknownIdError, match="`moon`"):
        index(contracts=[attrs.evolve(CONTRACT, lines=[bound])])


def test_terms_that_overlap_are_refused_at_once() -> None:
    overlap = Renewal(id="N", contract="C", kind="fresh", start=MONDAY.date(), months=3)
    with pytest.raises(ConflictError, match="before the earlier term ends"):
        index(changes=[overlap])
