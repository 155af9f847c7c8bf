"""Lead times: from when a change of contacts, an added line or a larger quantity counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.access.small import CATALOG, CONTRACT, LINE, PLAN, REQUEST

from entitlements.access import Denied, Granted, Reason, RemedyKind, decide
from entitlements.calendars import Calendar
from entitlements.contracts import (
    Account,
    Allowance,
    Amendment,
    ContractLine,
    NamedContact,
    Renewal,
    line_histories,
)
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.kernel.errors import (
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    UnknownIdError,
)
from entitlements.kernel.instants import END_OF_TIME, from_micros, utc

BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("lead", "day", "zone", "expected"),
    [
        pytest.param(
            LeadTime(time=timedelta(hours=48)),
            date(2026, 3, 27),
            "Europe/Berlin",
            "2026-03-28T23:00Z",
            id="elapsed, up to the eve of a clock change",
        ),
        pytest.param(
            LeadTime(time=timedelta(hours=48)),
            date(2026, 3, 28),
            "Europe/Berlin",
            "2026-03-29T23:00Z",
            id="elapsed time over a clock change is no two days of the clock",
        ),
        pytest.param(
            LeadTime(business_days=2, calendar="office"),
            date(2026, 3, 27),
            "Europe/Berlin",
            "2026-03-31T07:00Z",
            id="from a Friday over the clock change to the opening on Tuesday",
        ),
        pytest.param(
            LeadTime(business_days=1, calendar="office"),
            date(2026, 3, 28),
            "Australia/Sydney",
            "2026-03-30T07:00Z",
            id="from a Saturday; the date is that of the contract",
        ),
    ],
)
def test_a_change_counts_when_the_lead_time_is_over(
    lead: LeadTime, day: date, zone: str, expected: str
) -> None:
    assert from_micros(lead.over(day, zone, BERLIN)) == utc(expected)


def test_business_days_of_no_known_calendar_are_never_over() -> None:
    lead = LeadTime(business_days=1, calendar="office")
    assert lead.over(date(2026, 3, 2), "UTC", None) == END_OF_TIME
    assert lead.over(date(2026, 3, 2), "UTC", Calendar.never()) == END_OF_TIME


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({}, InvalidValueError, "elapsed time, or a number of business days"),
        ({"business_days": 2}, InvalidValueError, "have a calendar"),
        ({"time": timedelta(1), "calendar": "office"}, InvalidValueError, "have a calendar"),
        ({"time": timedelta()}, InvalidValueError, "not greater than 0"),
        ({"business_days": 0, "calendar": "office"}, InvalidValueError, "at least 1"),
        ({"time": timedelta(days=4000)}, LimitExceededError, "ten years"),
    ],
)
def test_a_lead_time_without_sense_is_refused(
    said: dict[str, Any], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        LeadTime(**said)


def _catalog(**said: Any) -> Catalog:
    return attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, **said)])


def _account(*amendments: Amendment) -> Account:
    return Account(customer="acme", contracts=[CONTRACT], changes=amendments)


def _list(id: str, day: date, *people: str) -> Amendment:
    contacts = [NamedContact(contact=who) for who in people]
    return Amendment(id=id, contract="C", effective=day, contacts=contacts)


TWO_DAYS = LeadTime(business_days=2, calendar="desk")
MONDAY = date(2026, 3, 2)
OPENING = utc("2026-03-04T09:00Z")


def test_an_added_contact_waits_for_the_lead_time_and_the_remedy_says_until_when() -> None:
    account, catalog = _account(_list("A", MONDAY, "dana", "zoe")), _catalog(lead_time=TWO_DAYS)
    zoe = attrs.evolve(REQUEST, contact="zoe")
    early = decide(zoe, catalog, account, OPENING - timedelta(hours=16, microseconds=1))
    assert isinstance(early, Denied)
    assert early.reasons == (Reason.CONTACT_IN_LEAD_TIME,)
    (wait,) = [each for each in early.remedies if each.kind is RemedyKind.WAIT_UNTIL]
    assert wait.at == OPENING
    just_before = decide(zoe, catalog, account, OPENING - TICK)
    assert isinstance(just_before, Denied)
    assert just_before.valid_until == OPENING
    assert isinstance(decide(zoe, catalog, account, OPENING), Granted)


@pytest.mark.parametrize(
    ("amendments", "who", "waits"),
    [
        pytest.param([_list("A", MONDAY, "dana", "emil")], "emil", False, id="was on the list"),
        pytest.param([_list("A", MONDAY, "dana")], "dana", False, id="stayed on the list"),
        pytest.param(
            [_list("A", date(2026, 2, 26), "zoe"), _list("B", MONDAY, "zoe", "dana")],
            "zoe",
            False,
            id="a second list that names them begins no second lead time",
        ),
        pytest.param(
            [_list("A", date(2026, 2, 26), "emil"), _list("B", MONDAY, "dana", "emil")],
            "dana",
            True,
            id="who was removed is added again",
        ),
    ],
)
def test_only_who_was_not_on_the_list_before_waits(
    amendments: list[Amendment], who: str, *, waits: bool
) -> None:
    asked = attrs.evolve(REQUEST, contact=who)
    answer = decide(asked, _catalog(lead_time=TWO_DAYS), _account(*amendments), OPENING - DAY)
    assert isinstance(answer, Denied if waits else Granted)


DAY = timedelta(days=1)


def test_who_waits_takes_no_place_of_the_limit() -> None:
    catalog = _catalog(lead_time=TWO_DAYS, contact_limit=1)
    account = _account(_list("A", MONDAY, "zoe", "dana"))
    for at, allowed, refused in (
        (OPENING - DAY, "dana", Reason.CONTACT_IN_LEAD_TIME),
        (OPENING, "zoe", Reason.CONTACT_OVER_LIMIT),
    ):
        for who in ("dana", "zoe"):
            answer = decide(attrs.evolve(REQUEST, contact=who), catalog, account, at)
            if who == allowed:
                assert isinstance(answer, Granted)
            else:
                assert isinstance(answer, Denied)
                assert answer.reasons == (refused,)


def test_an_added_line_is_pending_until_its_lead_time_is_over() -> None:
    addon = attrs.evolve(PLAN, id="addon", channels=["fax"], lead_time=TWO_DAYS)
    catalog = attrs.evolve(CATALOG, plans=[PLAN, addon])
    bought = Amendment(
        id="A", contract="C", effective=MONDAY, lines=[ContractLine(id="2", plan="addon")]
    )
    fax = attrs.evolve(REQUEST, channel="fax")
    early = decide(fax, catalog, _account(bought), OPENING - TICK)
    assert isinstance(early, Denied)
    assert Reason.CONTRACT_PENDING in early.candidates[-1].reasons
    assert early.valid_until == OPENING
    assert isinstance(decide(fax, catalog, _account(bought), OPENING), Granted)


ONE_EACH = QuantityStep(quantity=1, per=1, contact_limit=1, amounts={"cases": 5})
CASES = Allowance(id="cases", unit="incidents", amount=0)


def _quantity(quantity: int, day: date = MONDAY, id: str = "A") -> Amendment:
    more = attrs.evolve(LINE, quantity=quantity)
    return Amendment(id=id, contract="C", effective=day, lines=[more])


def test_contacts_of_a_larger_quantity_count_when_the_lead_time_is_over() -> None:
    catalog = _catalog(lead_time=TWO_DAYS, quantity_steps=[ONE_EACH], allowances=[CASES])
    emil = attrs.evolve(REQUEST, contact="emil")
    early = decide(emil, catalog, _account(_quantity(2)), OPENING - timedelta(hours=16) - TICK)
    assert isinstance(early, Denied)
    assert early.reasons == (Reason.CONTACT_OVER_LIMIT,)
    assert [each.at for each in early.remedies if each.kind is RemedyKind.WAIT_UNTIL] == [OPENING]
    just_before = decide(emil, catalog, _account(_quantity(2)), OPENING - TICK)
    assert just_before.valid_until == OPENING
    assert isinstance(decide(emil, catalog, _account(_quantity(2)), OPENING), Granted)


def test_a_smaller_quantity_counts_at_once() -> None:
    two = attrs.evolve(CONTRACT, lines=[attrs.evolve(LINE, quantity=2)])
    emil = attrs.evolve(REQUEST, contact="emil")
    midnight = utc("2026-03-02T00:00Z")
    catalog = _catalog(lead_time=TWO_DAYS, quantity_steps=[ONE_EACH], allowances=[CASES])
    account = Account(customer="acme", contracts=[two], changes=[_quantity(1)])
    assert not isinstance(decide(emil, catalog, account, midnight - TICK), Denied)
    after = decide(emil, catalog, account, midnight + timedelta(hours=10))
    assert isinstance(after, Denied)
    assert after.reasons == (Reason.CONTACT_OVER_LIMIT,)


def test_a_line_that_is_removed_and_added_again_has_its_quantity_at_once() -> None:
    catalog = _catalog(lead_time=TWO_DAYS, quantity_steps=[ONE_EACH], allowances=[CASES])
    gone = Amendment(id="A", contract="C", effective=date(2026, 2, 27), removed=["1"])
    account = _account(gone, _quantity(2, id="B"))
    emil = attrs.evolve(REQUEST, contact="emil")
    assert isinstance(decide(emil, catalog, account, utc("2026-03-02T10:00Z")), Granted)


@pytest.mark.parametrize(
    ("day", "units"),
    [
        # Two business days after Monday are over on Wednesday; the term begins on 1 January.
        pytest.param(date(2026, 12, 28), 10, id="the lead time is over before the term begins"),
        pytest.param(date(2026, 12, 31), 5, id="the term begins in the lead time"),
    ],
)
def test_units_of_a_term_are_those_of_the_quantity_that_counts_as_it_begins(
    day: date, units: int
) -> None:
    catalog = _catalog(lead_time=TWO_DAYS, quantity_steps=[ONE_EACH], allowances=[CASES])
    again = Renewal(id="N", contract="C", kind="contiguous", months=12)
    account = Account(customer="acme", contracts=[CONTRACT], changes=[_quantity(2, day), again])
    later = utc("2027-02-01T00:00Z")
    ledger = ledger_with_plan_grants(account.ledger, line_histories(account, catalog), later)
    assert ledger.available("incidents", later) == units


def test_an_add_on_waits_for_the_lead_time_of_the_plan_that_it_needs() -> None:
    base = attrs.evolve(PLAN, id="base", rights=[], lead_time=TWO_DAYS)
    catalog = attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, requires_plan=["base"]), base])
    line = ContractLine(id="2", plan="base")
    account = _account(Amendment(id="A", contract="C", effective=MONDAY, lines=[line]))
    early = decide(REQUEST, catalog, account, OPENING - timedelta(hours=16) - TICK)
    assert isinstance(early, Denied)
    assert early.reasons == (Reason.REQUIRED_PLAN_MISSING,)
    just_before = decide(REQUEST, catalog, account, OPENING - TICK)
    assert just_before.valid_until == OPENING
    assert isinstance(decide(REQUEST, catalog, account, OPENING), Granted)


def test_an_add_on_that_is_bought_with_its_plan_waits_for_the_longer_of_both() -> None:
    base = attrs.evolve(PLAN, id="base", rights=[], lead_time=TWO_DAYS)
    week = LeadTime(time=timedelta(days=7))
    add_on = attrs.evolve(
        PLAN, id="addon", requires_plan=["base"], channels=["fax"], lead_time=week
    )
    catalog = attrs.evolve(CATALOG, plans=[PLAN, add_on, base])
    lines = [ContractLine(id="2", plan="base"), ContractLine(id="3", plan="addon")]
    account = _account(Amendment(id="A", contract="C", effective=MONDAY, lines=lines))
    fax = attrs.evolve(REQUEST, channel="fax")

    def reasons(at: datetime) -> tuple[Reason, ...]:
        answer = decide(fax, catalog, account, at)
        return next(each.reasons for each in answer.candidates if each.line == "3")

    both = (Reason.CONTRACT_PENDING, Reason.REQUIRED_PLAN_MISSING, Reason.WINDOW_CLOSED)
    assert reasons(OPENING - TICK) == both
    assert reasons(OPENING) == (Reason.CONTRACT_PENDING,)
    # Seven days after the first instant of Monday 2 March is the first instant of Monday 9 March.
    assert reasons(utc("2026-03-09T00:00Z")) == (Reason.WINDOW_CLOSED,)
    assert reasons(utc("2026-03-09T09:00Z")) == ()


def test_a_line_that_the_contract_has_from_the_beginning_has_no_lead_time() -> None:
    first = utc("2026-01-01T09:00Z")
    assert isinstance(decide(REQUEST, _catalog(lead_time=TWO_DAYS), _account(), first), Granted)


def test_the_calendar_of_a_lead_time_has_to_be_there() -> None:
    with pytest.raises(UnknownIdError) as caught:
        _catalog(lead_time=LeadTime(business_days=1, calendar="ghost"))
    assert caught.value.path == "plans[0].lead_time"
    bound = _catalog(lead_time=LeadTime(business_days=1, calendar="own"), line_calendars=["own"])
    with pytest.raises(InvalidValueError, match="leaves the calendar `own`"):
        bound.check_line(LINE, MONDAY)
    desk = attrs.evolve(LINE, calendars={"own": "desk"})
    account = Account(
        customer="acme",
        contracts=[attrs.evolve(CONTRACT, lines=[desk])],
        changes=[_list("A", MONDAY, "zoe")],
    )
    tuesday: datetime = utc("2026-03-03T09:00Z")
    zoe = attrs.evolve(REQUEST, contact="zoe")
    assert isinstance(decide(zoe, bound, account, tuesday), Granted)
    assert isinstance(decide(zoe, bound, account, tuesday - TICK), Denied)
