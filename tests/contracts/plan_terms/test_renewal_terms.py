"""Renewal terms: the latest day of notice, tacit terms, and evergreen contracts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.access.small import CATALOG, CONTRACT, REQUEST

from entitlements.access import AdvisoryKind, Denied, Granted, Reason, decide
from entitlements.contracts import Account, Block, Contract, Renewal, line_histories
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.records.changes import Change, NonRenewalNotice
from entitlements.contracts.validity.terms import MAX_TACIT_TERMS, contract_terms, late_notices
from entitlements.kernel.errors import ConflictError, EntitlementsError, InvalidValueError
from entitlements.kernel.instants import END_OF_TIME, from_micros, utc

YEARLY = RenewalTerms(months=12, notice_months=3)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("terms", "last", "expected"),
    [
        pytest.param(
            RenewalTerms(months=12, notice_months=1),
            date(2026, 4, 30),
            date(2026, 3, 31),
            id="one month to 30 April may be given on 31 March",
        ),
        pytest.param(YEARLY, date(2026, 12, 31), date(2026, 9, 30), id="three months"),
        pytest.param(
            RenewalTerms(months=1, notice_months=1),
            date(2026, 2, 28),
            date(2026, 1, 31),
            id="to the end of February",
        ),
        pytest.param(
            RenewalTerms(months=12, notice_days=30),
            date(2026, 12, 31),
            date(2026, 12, 1),
            id="days",
        ),
        pytest.param(RenewalTerms(months=12), date(2026, 12, 31), date(2026, 12, 31), id="none"),
    ],
)
def test_the_latest_day_of_notice_is_the_last_whose_period_ends_in_time(
    terms: RenewalTerms, last: date, expected: date
) -> None:
    assert terms.latest_notice(last) == expected


@given(
    st.builds(RenewalTerms, months=st.just(12), notice_months=st.integers(0, 13))
    | st.builds(RenewalTerms, months=st.just(12), notice_days=st.integers(0, 100)),
    st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)
def test_the_latest_notice_fits_and_the_next_day_does_not(terms: RenewalTerms, last: date) -> None:
    latest = terms.latest_notice(last)
    assert terms.period_ends(latest) <= last < terms.period_ends(latest + timedelta(days=1))


@pytest.mark.parametrize(
    "said",
    [{"months": 0}, {"notice_months": 1, "notice_days": 30}, {"notice_days": -1}],
)
def test_terms_without_sense_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        RenewalTerms(**said)


def test_a_contract_without_an_end_cannot_renew_by_months() -> None:
    with pytest.raises(InvalidValueError, match="has no end after which it renews") as caught:
        attrs.evolve(CONTRACT, months=None, renewal=YEARLY)
    assert caught.value.path == "renewal"


def _notice(given: date, id: str = "N", **said: Any) -> NonRenewalNotice:
    return NonRenewalNotice(id=id, contract="C", given=given, **said)


def _account(renewal: RenewalTerms | None, *changes: Change, **said: Any) -> Account:
    contract = attrs.evolve(CONTRACT, renewal=renewal, **said)
    return Account(customer="acme", contracts=[contract], changes=changes)


def _ends(account: Account) -> list[str]:
    (history,) = line_histories(account, CATALOG)
    ends = [end for _, end in history.terms[:3]]
    return ["never" if end == END_OF_TIME else f"{from_micros(end):%F}" for end in ends]


@pytest.mark.parametrize(
    ("renewal", "given", "expected"),
    [
        pytest.param(YEARLY, [], ["2027-01-01", "2028-01-01", "2029-01-01"], id="no notice"),
        pytest.param(YEARLY, [date(2026, 9, 30)], ["2027-01-01"], id="on the last day for it"),
        pytest.param(
            YEARLY, [date(2026, 10, 1)], ["2027-01-01", "2028-01-01"], id="a day late ends the next"
        ),
        pytest.param(
            YEARLY,
            [date(2027, 12, 1), date(2027, 9, 30)],
            ["2027-01-01", "2028-01-01"],
            id="the first that is in time counts",
        ),
        pytest.param(
            RenewalTerms(notice_days=30), [], ["2027-01-01", "never"], id="evergreen after a term"
        ),
        pytest.param(
            RenewalTerms(notice_days=30),
            [date(2027, 3, 1)],
            ["2027-01-01", "2027-04-01"],
            id="evergreen until notice",
        ),
        pytest.param(
            RenewalTerms(notice_days=30),
            [date(2026, 3, 1)],
            ["2027-01-01"],
            id="notice does not shorten the signed term",
        ),
    ],
)
def test_terms_follow_until_notice_is_in_time(
    renewal: RenewalTerms, given: list[date], expected: list[str]
) -> None:
    notices = [_notice(day, f"N{number}") for number, day in enumerate(given)]
    assert _ends(_account(renewal, *notices)) == expected


def test_an_open_contract_ends_by_notice() -> None:
    open_end = {"months": None}
    assert _ends(_account(RenewalTerms(notice_months=1), **open_end)) == ["never"]
    notice = _notice(date(2026, 5, 31))
    assert _ends(_account(RenewalTerms(notice_months=1), notice, **open_end)) == ["2026-07-01"]


def test_signed_renewals_come_before_tacit_ones_and_a_withdrawn_notice_ends_nothing() -> None:
    signed = Renewal(id="R", contract="C", months=6)
    assert _ends(_account(YEARLY, signed)) == ["2027-01-01", "2027-07-01", "2028-07-01"]
    withdrawn = _notice(date(2026, 9, 1), recorded=utc("2026-09-02T00:00Z"), retracted=True)
    account = _account(YEARLY, _notice(date(2026, 9, 1)), withdrawn)
    assert _ends(account) == ["2027-01-01", "2028-01-01", "2029-01-01"]


def test_a_block_that_extends_the_term_moves_the_tacit_ones() -> None:
    block = Block(id="B", start="2026-02-01T00:00Z", end="2026-02-11T00:00Z", extends_term=True)
    assert _ends(_account(YEARLY, block)) == ["2027-01-11", "2028-01-11", "2029-01-11"]


def test_tacit_terms_end_at_a_bound_after_which_the_contract_is_open() -> None:
    contract = attrs.evolve(CONTRACT, renewal=RenewalTerms(months=1))
    terms = contract_terms(contract, [])
    assert len(terms) == MAX_TACIT_TERMS + 1
    assert terms[-1][1] == END_OF_TIME


def test_terms_that_touch_are_one_period_of_the_status() -> None:
    # Remedies and the end of an answer look at each period, and a contract may have 361 terms.
    account = _account(RenewalTerms(months=1), _notice(date(2027, 3, 1)))
    (history,) = line_histories(account, CATALOG)
    begun, over = utc("2026-01-01T00:00Z"), utc("2027-04-01T00:00Z")
    assert [from_micros(at) for at in history.states.starts[1:]] == [begun, over]
    assert len(history.terms) == 4, "the signed one, January, February and March"


def test_access_ends_with_the_term_for_which_notice_is_in_time() -> None:
    over = utc("2027-01-01T00:00Z")
    early = utc("2026-12-31T10:00Z")
    at_last = utc("2027-01-04T10:00Z")
    kept, ended = _account(YEARLY), _account(YEARLY, _notice(date(2026, 9, 30)))
    assert isinstance(decide(REQUEST, CATALOG, kept, at_last), Granted)
    answer = decide(REQUEST, CATALOG, ended, at_last)
    assert isinstance(answer, Denied)
    assert answer.reasons == (Reason.CONTRACT_EXPIRED,)
    for account, until in ((kept, utc("2026-12-31T17:00Z")), (ended, utc("2026-12-31T17:00Z"))):
        assert decide(REQUEST, CATALOG, account, early).valid_until == until
    night = decide(REQUEST, CATALOG, ended, over - TICK)
    assert night.valid_until == over


@pytest.mark.parametrize(
    ("day", "due"),
    [("2026-08-30", None), ("2026-09-02", "2026-10-01T00:00Z"), ("2026-10-01", None)],
)
def test_a_grant_warns_while_notice_can_still_be_given(day: str, due: str | None) -> None:
    at = utc(f"{day}T10:00Z") if day != "2026-08-30" else utc("2026-08-31T10:00Z")
    answer = decide(REQUEST, CATALOG, _account(YEARLY), at)
    assert isinstance(answer, Granted)
    found = [each.at for each in answer.warnings if each.kind is AdvisoryKind.NOTICE_DUE]
    assert found == ([] if due is None else [utc(due)])


def test_notice_of_a_contract_that_does_not_renew_is_refused_and_names_both() -> None:
    account = Account(customer="acme", contracts=[CONTRACT])
    with pytest.raises(ConflictError, match="notice `N` is about contract `C`"):
        account.record(_notice(date(2026, 9, 1)), utc("2026-09-01T00:00Z"))


def test_notice_of_an_unknown_contract_is_refused() -> None:
    notice = NonRenewalNotice(id="N", contract="C-9", given=date(2026, 9, 1))
    with pytest.raises(EntitlementsError, match="C-9"):
        _account(YEARLY, notice)


def test_a_late_notice_is_found_with_the_day_by_which_it_was_due() -> None:
    contract: Contract = attrs.evolve(CONTRACT, renewal=YEARLY)
    late, early = _notice(date(2026, 10, 1)), _notice(date(2026, 9, 30), "E")
    assert list(late_notices(contract, [late])) == [(late, date(2026, 12, 31), date(2026, 9, 30))]
    assert list(late_notices(contract, [early])) == []
    assert list(late_notices(CONTRACT, [])) == []
