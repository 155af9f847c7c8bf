from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import (
    AfterHours,
    ChargedCase,
    ChargeLine,
    LineKind,
    LineReason,
    Rate,
    RateCard,
    Rounding,
    WorkLog,
    WorkTerms,
    charge_work,
)
from entitlements.billing.work.rounding import RoundingDirection, RoundingScope
from entitlements.contracts import Grant
from entitlements.kernel import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    Money,
    UnknownIdError,
)
from entitlements.testing.strategies.worlds.billing import (
    CALENDARS,
    FIRST,
    BilledWorld,
    billed_worlds,
)

HOUR = timedelta(hours=1)
NOTHING = timedelta()
MICROSECOND = timedelta(microseconds=1)


@given(billed_worlds())
def test_a_split_conserves_the_time_that_was_worked(world: BilledWorld) -> None:
    lines = world.charged()
    for log in world.logs:
        own = [each for each in lines if each.source == log.id]
        assert sum((each.worked for each in own), NOTHING) == log.worked
        assert min((each.worked for each in own), default=NOTHING) >= NOTHING


@given(billed_worlds())
def test_lines_partition_the_billed_time_of_each_case(world: BilledWorld) -> None:
    lines = [each for each in world.charged() if each.reason is not LineReason.NOT_BILLABLE]
    rounding = {each.line: each.rounding for each in world.terms}
    for case in world.cases:
        is_free = case.follow_up_of is not None or case.prepaid_by is not None
        if not is_free and rounding[case.line].per is RoundingScope.CASE:
            own = [each for each in world.logs if each.case == case.id and each.billable]
            worked = sum((each.worked for each in own), NOTHING)
            billed = sum((each.billed for each in lines if each.case == case.id), NOTHING)
            assert billed == rounding[case.line].billed(worked)


@given(billed_worlds())
def test_work_is_never_billed_below_its_time_where_it_is_rounded_up(world: BilledWorld) -> None:
    up = {each.line for each in world.terms if each.rounding.direction is RoundingDirection.UP}
    assert all(each.billed >= each.worked for each in world.charged() if each.line in up)


@given(billed_worlds(), st.randoms())
def test_the_order_of_input_does_not_matter(world: BilledWorld, random: Random) -> None:
    shuffled = BilledWorld(
        tuple(random.sample(world.logs, len(world.logs))), world.cases[::-1], world.terms[::-1]
    )
    assert shuffled.charged() == world.charged()


@given(billed_worlds())
def test_grants_never_give_more_than_they_have(world: BilledWorld) -> None:
    used: Counter[tuple[str, str | None]] = Counter()
    over: Counter[tuple[str, str | None]] = Counter()
    for each in world.charged():
        (over if each.kind is LineKind.OVERAGE else used)[each.line, each.grant] += each.units
    for terms in world.terms:
        for grant in terms.grants:
            key = terms.line, grant.id
            assert 0 <= used[key] <= grant.max_rollover
            if grant.over_use == "cap":
                assert over[key] <= (grant.cap or 0)
            if grant.over_use == "refuse":
                assert not over[key]


@given(billed_worlds())
def test_grants_pay_only_for_work_that_starts_while_they_are_in_force(world: BilledWorld) -> None:
    settled_later = {each.line for each in world.terms if each.overage == "next_grant"}
    grants = {(each.line, grant.id): grant for each in world.terms for grant in each.grants}
    for each in world.charged():
        if each.reason is LineReason.GRANT and each.units and each.line not in settled_later:
            assert each.grant is not None
            grant = grants[each.line, each.grant]
            assert grant.effective <= each.start
            assert grant.expires is None or each.start < grant.expires


@given(billed_worlds())
def test_units_are_the_billed_time_in_minutes_times_their_factor(world: BilledWorld) -> None:
    factors = {each.line: each.unit_factors for each in world.terms}
    for each in world.charged():
        if each.units:
            factor = factors[each.line].get(each.work_kind or "", Fraction(1))
            minutes = Fraction(each.billed // MICROSECOND, 60_000_000) * factor
            # no more than the minute that is taken ahead, and no less than the minute before
            assert minutes - 1 < each.units < minutes + 1


@given(billed_worlds())
def test_a_follow_up_is_free(world: BilledWorld) -> None:
    free = {each.id for each in world.cases if each.follow_up_of is not None}
    for each in world.charged():
        if each.case in free:
            assert each.kind is LineKind.INCLUDED
            assert each.amount == Money(0, "EUR")
            assert each.units == 0


@given(billed_worlds())
def test_an_amount_is_the_hourly_price_times_the_billed_time_rounded_once(
    world: BilledWorld,
) -> None:
    for each in world.charged():
        if each.hourly is None:
            assert each.amount == Money(0, "EUR")
        else:
            hours = Fraction(each.billed // MICROSECOND, 3_600_000_000)
            assert each.amount == each.hourly.scaled(hours)


@given(billed_worlds())
def test_a_late_entry_equals_one_in_order(world: BilledWorld) -> None:
    early = tuple(attrs.evolve(each, recorded=each.end) for each in world.logs)
    assert world.charged() == attrs.evolve(world, logs=early).charged()


@given(billed_worlds(), st.data())
def test_what_is_recorded_later_is_left_out(world: BilledWorld, data: st.DataObject) -> None:
    known = data.draw(st.sampled_from([each.recorded for each in world.logs] or [None]))
    if known is not None:
        before = tuple(
            each for each in world.logs if each.recorded is not None and each.recorded <= known
        )
        assert world.charged(known) == attrs.evolve(world, logs=before).charged()


@given(billed_worlds(), st.data())
def test_a_retracted_log_leaves_no_trace(world: BilledWorld, data: st.DataObject) -> None:
    if world.logs:
        gone = data.draw(st.sampled_from(world.logs))
        assert gone.recorded is not None
        back = attrs.evolve(gone, retracted=True, recorded=gone.recorded + HOUR)
        rest = tuple(each for each in world.logs if each is not gone)
        retracted = attrs.evolve(world, logs=(*world.logs, back))
        assert retracted.charged() == attrs.evolve(world, logs=rest).charged()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+01:00")


def euros(amount: int | str) -> Money:
    return Money(amount, "EUR")


CASE = ChargedCase(id="R-1", contract="C-1", line="main")
FLAT = RateCard(
    id="flat", currency="EUR", zone="Europe/Berlin", rates=[Rate(id="all", hourly=euros(60))]
)
NIGHT = AfterHours(hours="desk", multiplier=Decimal(2))
DAY_AND_NIGHT = attrs.evolve(FLAT, rates=[Rate(id="all", hourly=euros(60), after_hours=NIGHT)])
TERMS = WorkTerms(
    contract="C-1",
    line="main",
    zone="Europe/Berlin",
    start=FIRST,
    basis="time_and_materials",
    rates=FLAT,
)


def charge_main(
    logs: list[WorkLog], cases: list[ChargedCase], terms: WorkTerms
) -> tuple[ChargeLine, ...]:
    return charge_work(logs, cases, [terms], calendars=CALENDARS, currency="EUR")


def log(start: str, end: str, id: str = "W-1", **fields: object) -> WorkLog:
    stated = {"case": "R-1", "agent": "ada"} | fields
    return WorkLog(id=id, start=at(start), end=at(end), **stated)  # type: ignore[arg-type]


def amounts(*logs: WorkLog, **terms: object) -> list[str]:
    lines = charge_main(list(logs), [CASE], attrs.evolve(TERMS, **terms))
    return [str(each.amount).removesuffix(" EUR") for each in lines]


# Gorelo: entries of 45, 45 and 5 minutes with a minimum and an increment of an hour
@pytest.mark.parametrize(("per", "hours"), [("entry", 3), ("case", 2), ("day", 2)])
def test_three_entries_are_rounded_by_entry_case_or_day(per: str, hours: int) -> None:
    lines = charge_main(
        [
            log("26T09:00", "26T09:45", "W-1"),
            log("26T10:00", "26T10:45", "W-2"),
            log("26T11:00", "26T11:05", "W-3"),
        ],
        [CASE],
        attrs.evolve(TERMS, rounding=Rounding(increment=HOUR, minimum=HOUR, per=per)),
    )
    assert sum((each.billed for each in lines), NOTHING) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("26T16:00", "26T17:00", ["60.00"], id="up to closing"),
        pytest.param("26T17:00", "26T18:00", ["120.00"], id="from closing on"),
        pytest.param("26T16:30", "26T17:30", ["30.00", "60.00"], id="over closing"),
        pytest.param("26T08:00", "26T18:00", ["120.00", "480.00", "120.00"], id="over a day"),
        pytest.param("28T23:00", "29T01:00", ["120.00"], id="a night shift over midnight"),
        # On the 29th the clock goes from 2 to 3, so 22:00 to 06:00 has seven hours
        pytest.param("28T21:00", "29T07:00", ["120.00", "420.00", "240.00"], id="a clock change"),
    ],
)
def test_an_entry_is_split_where_its_hours_change(
    start: str, end: str, expected: list[str]
) -> None:
    assert amounts(log(start, end), rates=DAY_AND_NIGHT) == expected


def test_a_day_with_a_clock_change_ends_at_midnight() -> None:
    by_day = attrs.evolve(TERMS, rounding=Rounding(increment=HOUR, per="day"))
    lines = charge_main([log("29T20:00", "30T02:00")], [CASE], by_day)
    # `at` gives winter time: it is nine in the evening, and three hours to midnight
    assert [each.billed for each in lines] == [3 * HOUR, 3 * HOUR]


def test_an_hourly_price_after_hours_is_not_rounded() -> None:
    night = AfterHours(hours="desk", multiplier=Decimal("1.5"))
    rate = Rate(id="odd", hourly=Money("99.99", "EUR"), after_hours=night)
    card = RateCard(id="odd", currency="EUR", zone="Europe/Berlin", rates=[rate])
    # 149.985 an hour; 149.99 an hour would be 299.98
    assert amounts(log("26T18:00", "26T20:00"), rates=card) == ["299.97"]


def test_the_time_is_cut_before_it_is_rounded_and_the_rest_goes_to_the_last_part() -> None:
    rounding = Rounding(increment=timedelta(minutes=30))
    found = amounts(log("26T16:40", "26T17:10"), rates=DAY_AND_NIGHT, rounding=rounding)
    assert found == ["20.00", "20.00"]
    found = amounts(log("26T16:40", "26T17:20"), rates=DAY_AND_NIGHT, rounding=rounding)
    assert found == ["20.00", "80.00"]


def test_what_rounding_takes_away_is_taken_from_the_end() -> None:
    rounding = Rounding(increment=HOUR, direction="down")
    logs = [log("26T09:00", "26T10:10"), log("26T11:00", "26T11:20", "W-2")]
    assert amounts(*logs, rounding=rounding) == ["60.00", "0.00"]


def grant(id: str, minutes: int, start: str = "25T01:00", **fields: object) -> Grant:
    return Grant(id=id, unit="minutes", amount=minutes, effective=at(start), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param([grant("a", 30)], ["0.00", "30.00"], id="half is prepaid"),
        pytest.param([grant("a", 60)], ["0.00"], id="all is prepaid"),
        pytest.param([grant("a", 30), grant("b", 20)], ["0.00", "0.00", "10.00"], id="two grants"),
        pytest.param([grant("a", 60, "26T09:00")], ["0.00"], id="from its first instant"),
        pytest.param([grant("a", 60, "26T09:01")], ["60.00"], id="not before"),
        pytest.param([grant("a", 60, expires=at("26T09:00"))], ["60.00"], id="not at its expiry"),
        pytest.param([grant("a", 60, expires=at("26T09:01"))], ["0.00"], id="until then"),
        pytest.param([grant("a", 0, over_use="cap", cap=20)], ["20.00", "40.00"], id="a cap"),
        pytest.param([grant("a", 0, over_use="allow_with_consent")], ["60.00"], id="no consent"),
    ],
)
def test_grants_pay_for_what_starts_while_they_are_in_force(
    grants: list[Grant], expected: list[str]
) -> None:
    assert amounts(log("26T09:00", "26T10:00"), grants=grants) == expected


def test_the_grant_that_expires_first_is_used_first() -> None:
    lines = charge_main(
        [log("26T09:00", "26T09:10")],
        [CASE],
        attrs.evolve(TERMS, grants=[grant("a", 60), grant("b", 60, expires=at("27T00:00"))]),
    )
    assert [each.grant for each in lines] == ["b"]


def test_overage_has_its_own_price_and_needs_consent() -> None:
    terms = attrs.evolve(
        TERMS, grants=[grant("a", 30, over_use="allow_with_consent")], overage_hourly=euros(90)
    )
    agreed = attrs.evolve(CASE, consent=True)
    lines = charge_main([log("26T09:00", "26T10:00")], [agreed], terms)
    assert [(each.kind, str(each.amount)) for each in lines] == [
        (LineKind.PREPAID, "0.00 EUR"),
        (LineKind.OVERAGE, "45.00 EUR"),
    ]


# OpenMeter's tests: 25 over, then a grant of 100 shows 50 after 25 more
@pytest.mark.parametrize(("payment", "left"), [("next_grant", 50), ("billed", 75)])
def test_overage_stays_or_is_paid_by_the_next_grant(payment: str, left: int) -> None:
    first = grant("a", 0, over_use="cap", cap=100, expires=at("27T00:00"))
    terms = attrs.evolve(TERMS, grants=[first, grant("b", 100, "27T00:00")], overage=payment)
    logs = [log("26T09:00", "26T09:25"), log("27T09:00", "27T09:25", "W-2")]
    lines = charge_main(logs, [CASE], terms)
    used = sum(each.units for each in lines if each.kind is LineKind.PREPAID)
    assert 100 - used == left


def test_overage_is_paid_by_one_later_grant_and_not_again_by_the_next() -> None:
    first = grant("a", 0, over_use="cap", cap=100, expires=at("27T00:00"))
    later = [grant("b", 100, "27T00:00"), grant("c", 100, "28T00:00")]
    terms = attrs.evolve(TERMS, grants=[first, *later], overage="next_grant")
    logs = [log("26T09:00", "26T09:30"), log("28T09:00", "28T09:10", "W-2")]
    assert [each.grant for each in charge_main(logs, [CASE], terms)] == ["b", "b"]


def test_a_grant_that_cannot_pay_for_all_overage_pays_for_a_part() -> None:
    first = grant("a", 0, over_use="cap", cap=100, expires=at("27T00:00"))
    terms = attrs.evolve(TERMS, grants=[first, grant("b", 10, "27T00:00")], overage="next_grant")
    logs = [log("26T09:00", "26T09:30"), log("27T09:00", "27T09:05", "W-2")]
    lines = charge_main(logs, [CASE], terms)
    assert [(each.kind.value, each.units, str(each.amount)) for each in lines] == [
        ("prepaid", 10, "0.00 EUR"),
        ("overage", 20, "20.00 EUR"),
        ("time_and_materials", 0, "5.00 EUR"),
    ]


# HaloPSA: one hour on site takes two; Autotask: an intern takes half
@pytest.mark.parametrize(("factor", "units"), [(2, 40), (Decimal("0.5"), 10)])
def test_a_kind_of_work_takes_more_or_fewer_units(factor: Decimal | int, units: int) -> None:
    terms = attrs.evolve(TERMS, grants=[grant("a", 60)], unit_factors={"on_site": factor})
    (line,) = charge_main([log("26T09:00", "26T09:20", kind="on_site")], [CASE], terms)
    assert (line.kind, line.units) == (LineKind.PREPAID, units)


def test_nothing_is_lost_between_two_grants() -> None:
    # 100 minutes that take 7/10 are 70: ten of one grant and sixty of the other, to the microsecond
    site = {"site": Decimal("0.7")}
    terms = attrs.evolve(TERMS, grants=[grant("a", 10), grant("b", 99)], unit_factors=site)
    lines = charge_main([log("26T09:00", "26T10:40", kind="site")], [CASE], terms)
    assert [(each.grant, each.units) for each in lines] == [("a", 10), ("b", 60)]


def test_the_rest_of_a_minute_that_was_taken_pays_for_the_next_work_on_the_case() -> None:
    seconds = [log("26T09:00:00", "26T09:00:20"), log("26T09:30:00", "26T09:30:50", "W-2")]
    lines = charge_main(seconds, [CASE], attrs.evolve(TERMS, grants=[grant("a", 60)]))
    assert [(each.source, each.units) for each in lines] == [("W-1", 1), ("W-2", 0), ("W-2", 1)]


@pytest.mark.parametrize(
    ("case", "fields", "expected"),
    [
        ({"follow_up_of": "R-0"}, {}, ("included", "follow_up")),
        ({"prepaid_by": "incidents"}, {}, ("prepaid", "case_prepaid")),
        ({}, {"billable": False}, ("included", "not_billable")),
        ({}, {}, ("time_and_materials", "no_allowance")),
    ],
)
def test_a_line_says_why_it_costs_what_it_costs(
    case: dict[str, object], fields: dict[str, object], expected: tuple[str, str]
) -> None:
    (line,) = charge_main(
        [log("26T09:00", "26T10:00", **fields)], [attrs.evolve(CASE, **case)], TERMS
    )
    assert (line.kind, line.reason) == expected


@pytest.mark.parametrize(
    ("grants", "reason"), [([], LineReason.FEE), ([grant("a", 0)], LineReason.OVERAGE_NOT_AGREED)]
)
def test_a_fee_includes_what_nothing_else_pays_for(grants: list[Grant], reason: LineReason) -> None:
    terms = attrs.evolve(TERMS, basis="included", rates=None, grants=grants)
    (line,) = charge_main([log("26T09:00", "26T10:00")], [CASE], terms)
    assert (line.kind, line.reason) == (LineKind.INCLUDED, reason)


def charge(**given: object) -> Callable[[], object]:
    arguments: dict[str, object] = {
        "logs": [log("26T09:00", "26T10:00")],
        "cases": [CASE],
        "terms": [TERMS],
        "calendars": CALENDARS,
        "currency": "EUR",
    }
    return lambda: charge_work(**arguments | given)  # type: ignore[arg-type]


DOLLARS = RateCard(id="d", currency="USD", zone="UTC", rates=[Rate(id="r", hourly=Money(1, "USD"))])
SITE_ONLY = attrs.evolve(FLAT, rates=[Rate(id="s", hourly=euros(1), kinds=["on_site"])])
ELSEWHERE = attrs.evolve(
    FLAT, rates=[Rate(id="s", hourly=euros(1), after_hours=attrs.evolve(NIGHT, hours="dsk"))]
)


LATER, SOONER = attrs.evolve(TERMS, start=at("26T09:30")), attrs.evolve(TERMS, end=at("26T09:30"))
YEN = attrs.evolve(TERMS, overage_hourly=Money(1, "JPY"), rates=None)


def with_rates(rates: RateCard | None) -> list[WorkTerms]:
    return [attrs.evolve(TERMS, rates=rates)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (charge(cases=[]), UnknownIdError, r"work_logs\[W-1\].case: no case has the id `R-1`"),
        (charge(terms=[]), UnknownIdError, r"cases\[R-1\]: no contract line has the id `main`"),
        (charge(terms=[LATER]), InvalidValueError, "before the contract"),
        (charge(terms=[SOONER]), InvalidValueError, "after the contract"),
        (charge(terms=with_rates(None)), InvalidValueError, "it has no rates"),
        (charge(terms=with_rates(SITE_ONLY)), InvalidValueError, "no rate for `work` by `ada`"),
        (charge(terms=with_rates(ELSEWHERE)), UnknownIdError, "did you mean `desk`"),
        (charge(terms=with_rates(DOLLARS)), InvalidValueError, "charged in `USD`"),
        (charge(terms=[YEN]), InvalidValueError, "charged in `JPY`"),
        (charge(currency="EURO"), InvalidValueError, "is not a currency"),
        (charge(cases=[CASE, attrs.evolve(CASE, consent=True)]), DuplicateIdError, "case"),
        (charge(terms=[TERMS, LATER]), DuplicateIdError, "contract line"),
        (charge(logs=["W-1"]), InvalidValueError, "is not a work log"),
    ],
)
def test_bad_input_is_refused_as_a_whole(
    call: Callable[[], object], error: type[EntitlementsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_contract_may_end_with_the_work() -> None:
    terms = attrs.evolve(TERMS, start=at("26T09:00"), end=at("26T10:00"))
    assert len(charge_main([log("26T09:00", "26T10:00")], [CASE], terms)) == 1


FIRST_TERMS = attrs.evolve(TERMS, start=at("25T00:00"), end=at("26T10:00"))
SECOND_TERMS = attrs.evolve(
    TERMS, start=at("26T10:00"), end=at("27T00:00"), overage_hourly=None, basis="included"
)


def test_work_is_charged_by_the_terms_in_which_it_begins_and_shares_the_grants() -> None:
    shared = [grant("a", 30)]
    terms = [attrs.evolve(each, grants=shared) for each in (FIRST_TERMS, SECOND_TERMS)]
    logs = [
        log("26T09:00", "26T09:20", id="W-1"),
        log("26T09:30", "26T11:00", id="W-2"),
        log("26T11:00", "26T12:00", id="W-3"),
    ]
    lines = charge_work(logs, [CASE], terms, calendars=CALENDARS, currency="EUR")
    assert [(each.source, each.kind.value, each.units) for each in lines] == [
        ("W-1", "prepaid", 20),
        ("W-2", "prepaid", 10),
        ("W-2", "time_and_materials", 0),
        ("W-3", "included", 0),
    ]


def test_work_in_a_gap_between_terms_is_refused() -> None:
    later = attrs.evolve(SECOND_TERMS, start=at("26T11:00"))
    for start, end in (("26T10:10", "26T10:20"), ("26T09:00", "26T11:10")):
        with pytest.raises(InvalidValueError, match="after the contract at"):
            charge_work(
                [log(start, end)], [CASE], [later, FIRST_TERMS], calendars=CALENDARS, currency="EUR"
            )
