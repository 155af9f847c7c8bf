"""Contacts of an account: failures of a person are compiled once for each contract and limit."""

from __future__ import annotations

from tests.access.small import ACCOUNT, CATALOG, MONDAY

from entitlements.access import Reason
from entitlements.access.checks.contacts import ContactTerms
from entitlements.access.compiled.contact_index import ContactIndex
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts.lines.line_status import line_histories
from entitlements.kernel.instants import to_micros

AT = to_micros(MONDAY)


def test_a_person_fails_by_the_list_and_the_limit() -> None:
    (history,) = line_histories(ACCOUNT, CATALOG)
    contacts = ContactIndex(ACCOUNT, CATALOG)

    def reasons(limit: int | None, person: str) -> tuple[Reason, ...]:
        return reasons_of_bits(
            contacts.failures_over_time(history, ContactTerms(limit), person).at(AT)
        )

    assert reasons(None, "dana") == reasons(None, "emil") == ()
    assert reasons(1, "dana") == ()
    assert reasons(1, "emil") == (Reason.CONTACT_OVER_LIMIT,)
    assert reasons(None, "zoe") == (Reason.CONTACT_NOT_NAMED,)


def test_what_was_compiled_is_found_again() -> None:
    (history,) = line_histories(ACCOUNT, CATALOG)
    contacts = ContactIndex(ACCOUNT, CATALOG)
    anybody, one = ContactTerms(None), ContactTerms(1)
    first = contacts.failures_over_time(history, anybody, "dana")
    assert contacts.failures_over_time(history, anybody, "dana") is first
    assert contacts.failures_over_time(history, one, "dana") is not first
    assert contacts.kept.held == 2
