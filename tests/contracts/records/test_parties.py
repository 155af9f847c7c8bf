"""Named contacts, delegations and assets of a customer."""

from datetime import date, timedelta

import pytest

from entitlements.contracts import Asset, Delegation, NamedContact
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import utc

NOW = utc("2026-03-02T09:00Z")


def test_a_contact_may_delegate_unless_it_says_otherwise() -> None:
    assert NamedContact(contact="dana").may_delegate
    assert Asset(id="A1", product="db").groups == frozenset()


def test_a_naming_does_not_end_before_it_starts() -> None:
    assert NamedContact(contact="dana", start=date(2026, 1, 1), end=date(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="before it starts"):
        NamedContact(contact="dana", start=date(2026, 1, 2), end=date(2026, 1, 1))


def test_a_delegation_needs_two_people() -> None:
    with pytest.raises(
        InvalidValueError, match="giver and receiver of delegation `D` are the same"
    ):
        Delegation(id="D", contract="C", giver="dana", receiver="dana", start=NOW)


def test_a_delegation_lasts() -> None:
    with pytest.raises(InvalidValueError, match="ends before it starts"):
        Delegation(id="D", contract="C", giver="a", receiver="b", start=NOW, end=NOW)
    later = NOW + timedelta(microseconds=1)
    assert Delegation(id="D", contract="C", giver="a", receiver="b", start=NOW, end=later).end


@pytest.mark.parametrize("depth", [-1, 3, 100])
def test_a_right_passes_through_three_links_at_most(depth: int) -> None:
    with pytest.raises(LimitExceededError, match="at most 3 links"):
        Delegation(id="D", contract="C", giver="a", receiver="b", start=NOW, depth=depth)
