from datetime import datetime, timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.service.desks import CATALOG, MONDAY, POLICY, account, request

from entitlements.contracts import Account, Asset, Grant, Issue, Ledger, OpenCase
from entitlements.engine import Facts
from entitlements.kernel.data.digests import plain_json
from entitlements.kernel.instants import EARLIEST
from entitlements.kernel.requests import Request
from entitlements.service.audit.decision_record import (
    DecisionInputs,
    account_digest,
    catalog_digest,
    considered_cases,
    entries_digest,
    last_recorded,
    read_body,
    record_body,
)

HOUR = timedelta(hours=1)
OPEN = OpenCase(id="a", contract="C-flat", line="1", opened=MONDAY - HOUR)
CLOSED = attrs.evolve(OPEN, id="b", closed=MONDAY)
instants = st.integers(0, 10**6).map(lambda n: MONDAY + timedelta(seconds=n))
texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=9)


@given(
    st.builds(
        DecisionInputs,
        request=st.builds(
            request,
            skills=st.dictionaries(st.sampled_from(["german", "sql"]), st.integers(1, 5)),
            conditions=st.sets(st.sampled_from(["x", "y", "z"])),
            asset=st.none() | st.just("A-1"),
        ),
        at=instants,
        known_at=instants,
        edition=st.integers(0, 9),
        ledger=st.integers(0, 9),
        cases=st.sampled_from([(), (OPEN,), (OPEN, CLOSED)]),
        asset=st.none()
        | st.builds(Asset, id=st.just("A-1"), product=st.just("db"), groups=st.just({"g", "h"})),
        catalog=texts,
        account=texts,
        entries=texts,
        zone_data=texts,
    ),
    st.dictionaries(texts, texts, max_size=2).map(plain_json),
)
def test_a_record_body_read_back_equals_what_was_written(
    considered: DecisionInputs, outcome: str
) -> None:
    body = record_body(considered, outcome)
    assert read_body(body) == (considered, outcome)
    assert record_body(*read_body(body)) == body


def test_only_cases_that_can_count_are_in_the_decision_inputs() -> None:
    cases = [attrs.evolve(OPEN, id="z"), CLOSED, OPEN]
    customer = Account(customer="flat", contracts=account("flat").contracts, cases=cases)

    def considered(asked: Request, at: datetime, *lines: tuple[str, str]) -> list[str]:
        return [each.id for each in considered_cases(customer, asked, at, lines)]

    limited, follow_up = ("C-flat", "1"), request(follows="b")
    assert considered(request(), MONDAY, limited) == ["a", "z"]
    assert considered(follow_up, MONDAY, limited) == ["a", "b", "z"]
    assert considered(request(), MONDAY - HOUR / 2, limited) == ["a", "b", "z"]
    assert considered(request(), MONDAY) == considered(request(), MONDAY, ("C-flat", "2")) == []
    assert considered(follow_up, MONDAY) == ["b"]


def test_all_cases_before_a_followed_one_are_in_the_decision_inputs_also_in_a_circle() -> None:
    first, last = attrs.evolve(CLOSED, id="f"), attrs.evolve(CLOSED, id="l", follows="f")
    circle = [attrs.evolve(CLOSED, id=id, follows=other) for id, other in (("x", "y"), ("y", "x"))]
    customer = Account(
        customer="flat", contracts=account("flat").contracts, cases=[first, last, *circle]
    )
    for case, cases in (("f", ["f"]), ("l", ["f", "l"]), ("x", ["x", "y"]), ("gone", [])):
        found = considered_cases(customer, request(follows=case), MONDAY, ())
        assert [each.id for each in found] == cases


def test_a_decision_is_known_as_of_its_latest_record() -> None:
    late = account("flat")
    (contract,) = late.contracts
    late = attrs.evolve(late, contracts=[attrs.evolve(contract, recorded=MONDAY + HOUR)])
    assert last_recorded(None) == last_recorded(account("flat")) == EARLIEST
    assert last_recorded(late) == MONDAY + HOUR


def test_an_account_digest_continues_from_the_previous_one() -> None:
    ledger = Ledger()
    for name in ("g", "h", "i"):
        grant = Grant(id=name, unit="incidents", amount=1, effective=MONDAY)
        ledger = ledger.post(Issue(grant=grant), MONDAY).ledger
    whole = entries_digest(ledger.entries)
    assert entries_digest(ledger.entries[1:], entries_digest(ledger.entries[:1])) == whole
    assert entries_digest(ledger.entries[:2]) != whole
    assert entries_digest(()) == account_digest(None) == ""


def test_the_digest_of_records_does_not_depend_on_their_order() -> None:
    (contract,) = account("flat").contracts
    other = attrs.evolve(contract, id="C-2")
    one = Account(customer="flat", contracts=[contract, other])
    assert account_digest(one) == account_digest(attrs.evolve(one, contracts=[other, contract]))
    assert account_digest(one) != account_digest(account("flat"))


def test_a_catalog_with_another_promise_has_another_digest() -> None:
    facts = Facts(catalog=CATALOG, policies=[POLICY])
    other = type(POLICY)(id="standard", targets=POLICY.targets[1:], calendars=POLICY.calendars)
    assert catalog_digest(facts) == catalog_digest(Facts(catalog=CATALOG, policies=[POLICY]))
    assert catalog_digest(facts) != catalog_digest(Facts(catalog=CATALOG, policies=[other]))
