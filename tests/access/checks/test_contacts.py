"""Who may open cases: named, within dates and the limit, or through delegates."""

from datetime import date, timedelta

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT

from entitlements.access import Reason
from entitlements.access.checks.contacts import (
    ContactRights,
    ContactTerms,
    delegations_by_contract,
)
from entitlements.access.reasons import reasons_of_bits
from entitlements.contracts import Account, Amendment, Delegation, NamedContact, line_histories
from entitlements.kernel.instants import to_micros, utc

AT = utc("2026-03-02T10:00Z")


def named(contact: str, **said: object) -> NamedContact:
    """Return a named contact."""
    return NamedContact(contact=contact, **said)  # type: ignore[arg-type]


def contacts_of(account: Account, limit: int | None = None) -> ContactRights:
    """Return who may open cases under the only contract of an account."""
    (history, *_) = line_histories(account, CATALOG)
    delegations = delegations_by_contract(account).get("C", [])
    return ContactRights(account, delegations, history, ContactTerms(limit))


def why(
    person: str,
    contacts: list[NamedContact],
    links: list[tuple[str, str, int]] | None = None,
    limit: int | None = None,
) -> tuple[Reason, ...]:
    """Return why a person may not open a case on a Monday in March."""
    account = Account(
        customer="acme",
        contracts=[attrs.evolve(CONTRACT, contacts=contacts, any_contact=not contacts)],
        delegations=[
            Delegation(
                id=f"D{n}", contract="C", giver=giver, receiver=receiver, start=AT, depth=depth
            )
            for n, (giver, receiver, depth) in enumerate(links or [])
        ],
    )
    return reasons_of_bits(contacts_of(account, limit).failures_over_time(person).at(to_micros(AT)))


DANA = named("dana")
SILENT = named("dana", may_delegate=False)
GONE = named("dana", end=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("person", "contacts", "links", "limit", "expected"),
    [
        pytest.param("dana", [DANA], [], None, (), id="named"),
        pytest.param("zoe", [], [], None, (), id="anybody"),
        pytest.param("zoe", [DANA], [], None, (Reason.CONTACT_NOT_NAMED,), id="not named"),
        pytest.param(
            "dana", [GONE], [], None, (Reason.CONTACT_OUT_OF_DATES,), id="until yesterday"
        ),
        pytest.param("dana", [GONE, DANA], [], None, (), id="named twice"),
        pytest.param(
            "emil", [DANA, named("emil")], [], 1, (Reason.CONTACT_OVER_LIMIT,), id="one too many"
        ),
        pytest.param("emil", [GONE, named("emil")], [], 1, (), id="a place that became free"),
        pytest.param("ann", [DANA], [("dana", "ann", 0)], None, (), id="a delegate"),
        pytest.param(
            "ann",
            [SILENT],
            [("dana", "ann", 0)],
            None,
            (Reason.CONTACT_NOT_NAMED,),
            id="not allowed",
        ),
        pytest.param(
            "ann",
            [named("dana", end=date(2026, 3, 1)), SILENT],
            [("dana", "ann", 0)],
            None,
            (Reason.CONTACT_NOT_NAMED,),
            id="not allowed any more",
        ),
        pytest.param(
            "bea",
            [DANA],
            [("dana", "ann", 1), ("ann", "bea", 0)],
            None,
            (),
            id="a delegate's delegate",
        ),
        pytest.param(
            "bea",
            [DANA],
            [("dana", "ann", 0), ("ann", "bea", 0)],
            None,
            (Reason.CONTACT_NOT_NAMED,),
            id="passed on too far",
        ),
        pytest.param(
            "ann",
            [named("emil"), DANA],
            [("dana", "ann", 0)],
            1,
            (Reason.CONTACT_NOT_NAMED,),
            id="of somebody over the limit",
        ),
    ],
)
def test_a_person_may_or_may_not(
    person: str,
    contacts: list[NamedContact],
    links: list[tuple[str, str, int]],
    limit: int | None,
    expected: tuple[Reason, ...],
) -> None:
    assert why(person, contacts, links, limit) == expected


def test_a_delegation_that_has_not_begun_gives_nothing() -> None:
    account = Account(
        customer="acme",
        contracts=[CONTRACT],
        delegations=[Delegation(id="D", contract="C", giver="dana", receiver="ann", start=AT)],
    )
    steps = contacts_of(account).failures_over_time("ann")
    assert reasons_of_bits(steps.at(to_micros(AT) - 1)) == (Reason.CONTACT_NOT_NAMED,)
    assert steps.at(to_micros(AT)) == 0
    assert steps.next_change(to_micros(AT) - 1) == to_micros(AT)


def test_unknown_delegations_are_said_where_they_would_matter() -> None:
    account = Account(customer="acme", contracts=[CONTRACT], unknown={"delegations": "down"})
    contacts = contacts_of(account)
    assert Reason.FACTS_MISSING in reasons_of_bits(
        contacts.failures_over_time("ann").at(to_micros(AT))
    )
    assert contacts.failures_over_time("dana").at(to_micros(AT)) == 0


def test_a_chain_of_nine_thousand_delegations_gives_three_people_a_right() -> None:
    links = [
        Delegation(
            id=f"D{n}",
            contract="C",
            giver=f"p{n}" if n else "dana",
            receiver=f"p{n + 1}",
            start=AT + timedelta(hours=n),
            depth=2 if not n else 1 if n == 1 else 0,
        )
        for n in range(9000)
    ]
    account = Account(customer="acme", contracts=[CONTRACT], delegations=links)
    contacts = contacts_of(account)
    later = to_micros(AT + timedelta(days=9000))
    allowed = [n for n in range(1, 9) if not contacts.failures_over_time(f"p{n}").at(later)]
    assert allowed == [1, 2, 3]
    assert reasons_of_bits(contacts.failures_over_time("p9000").at(later)) == (
        Reason.CONTACT_NOT_NAMED,
    )


def test_five_thousand_contacts_are_looked_through_at_once() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n % 300) for n in range(5000)]
    people = [NamedContact(contact=f"p{n}", start=day) for n, day in enumerate(days)]
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, contacts=people)])
    steps = contacts_of(account).failures_over_time("p7")
    eighth = to_micros(utc("2026-01-08T00:00Z"))
    assert (reasons_of_bits(steps.at(eighth - 1)), steps.at(eighth)) == (
        (Reason.CONTACT_OUT_OF_DATES,),
        0,
    )


def test_nine_thousand_shifts_of_delegation_to_one_person_are_asked_at_once() -> None:
    day = timedelta(days=1)
    shifts = [
        Delegation(
            id=f"D{n}",
            contract="C",
            giver="dana",
            receiver="ann",
            start=AT + n * day,
            end=AT + (n + 1) * day,
        )
        for n in range(4500)
    ]
    late = [
        attrs.evolve(each, id=f"E{n}", giver=f"p{n}", start=each.start + day / 2, end=None)
        for n, each in enumerate(shifts)
    ]
    account = Account(customer="acme", contracts=[CONTRACT], delegations=[*shifts, *late])
    steps = contacts_of(account).failures_over_time("ann")
    first = to_micros(AT)
    assert steps.next_change(first - 1) == first
    assert steps.at(first) == 0
    assert steps.next_change(first) == to_micros(AT + 4500 * day)


def test_what_a_hub_passes_on_does_not_multiply() -> None:
    hour = timedelta(hours=1)
    to_hub = [
        Delegation(
            id=f"D{n}",
            contract="C",
            giver="dana",
            receiver="hub",
            start=AT + 2 * n * hour,
            end=AT + (2 * n + 1) * hour,
            depth=1,
        )
        for n in range(4500)
    ]
    onward = [
        Delegation(id=f"E{n}", contract="C", giver="hub", receiver=f"p{n % 3}", start=AT + n * hour)
        for n in range(4500)
    ]
    account = Account(customer="acme", contracts=[CONTRACT], delegations=[*to_hub, *onward])
    steps = contacts_of(account).failures_over_time("p0")
    changes = [steps.at(to_micros(AT + n * hour)) == 0 for n in range(6)]
    assert changes == [True, False, True, False, True, False]


def test_delegations_that_could_not_be_loaded_give_nothing_though_some_are_here() -> None:
    signed = attrs.evolve(CONTRACT, contacts=[DANA], any_contact=False)
    passed_on = Delegation(id="D", contract="C", giver="dana", receiver="zoe", start=AT)
    account = Account(customer="acme", contracts=[signed], delegations=[passed_on])
    partly = attrs.evolve(account, unknown={"delegations": "timed out"})
    at = to_micros(AT)
    assert not contacts_of(account).failures_over_time("zoe").at(at)
    assert reasons_of_bits(contacts_of(partly).failures_over_time("zoe").at(at)) == (
        Reason.FACTS_MISSING,
        Reason.CONTACT_NOT_NAMED,
    )
    assert not contacts_of(partly).failures_over_time("dana").at(at)


def test_a_later_list_says_nothing_of_the_dates_in_the_list_that_holds() -> None:
    signed = attrs.evolve(CONTRACT, contacts=[named("emil"), DANA], any_contact=False)
    shorter = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 4, 1),
        contacts=[named("emil"), named("dana", end=date(2026, 2, 1))],
    )
    account = Account(customer="acme", contracts=[signed], changes=[shorter])
    bits = contacts_of(account, limit=1).failures_over_time("dana").at(to_micros(AT))
    assert reasons_of_bits(bits) == (Reason.CONTACT_OVER_LIMIT,)


def test_a_delegation_gives_access_in_the_last_instant_before_the_list_changes() -> None:
    change = utc("2026-04-01T00:00Z")
    tick = timedelta(microseconds=1)
    account = Account(
        customer="acme",
        contracts=[attrs.evolve(CONTRACT, contacts=[DANA])],
        changes=[
            Amendment(id="A", contract="C", effective=change.date(), contacts=[DANA, named("emil")])
        ],
        delegations=[
            Delegation(id="D", contract="C", giver="dana", receiver="zoe", start=change - tick)
        ],
    )
    failures = contacts_of(account).failures_over_time("zoe")
    found = [failures.at(to_micros(at)) for at in (change - 2 * tick, change - tick, change)]
    assert [reasons_of_bits(each) for each in found] == [(Reason.CONTACT_NOT_NAMED,), (), ()]


def _outside_the_limit(person: str, *contacts: NamedContact) -> tuple[Reason, ...]:
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, contacts=contacts)])
    (history, *_) = line_histories(account, CATALOG)
    terms = ContactTerms(1, unlimited=frozenset({"owner"}))
    rights = ContactRights(account, [], history, terms)
    return reasons_of_bits(rights.failures_over_time(person).at(to_micros(AT)))


def test_who_has_an_unlimited_role_takes_no_place_of_the_limit() -> None:
    owner, admin = named("olga", roles=["owner"]), named("adam", roles=["admin"])
    listed = (owner, DANA, admin, named("otto", roles=["owner", "admin"]))
    assert _outside_the_limit("olga", *listed) == ()
    assert _outside_the_limit("otto", *listed) == ()
    assert _outside_the_limit("dana", *listed) == ()
    assert _outside_the_limit("adam", *listed) == (Reason.CONTACT_OVER_LIMIT,)


def test_an_unlimited_role_helps_only_while_its_entry_runs() -> None:
    gone = named("olga", roles=["owner"], end=date(2026, 3, 1))
    assert _outside_the_limit("olga", gone, DANA) == (Reason.CONTACT_OUT_OF_DATES,)
    seat = named("olga")
    assert _outside_the_limit("olga", DANA, gone, seat) == (Reason.CONTACT_OVER_LIMIT,)
    assert _outside_the_limit("olga", gone, seat, DANA) == ()
