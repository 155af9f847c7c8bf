from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from tests.billing.credits.published_schedules import (
    AVAILABILITY,
    CLOUDBALKAN_AS_PRINTED,
    COCKROACH_AS_PRINTED,
    GITHUB_AS_PRINTED,
    MONGODB_AS_PRINTED,
    Published,
    Tiers,
)

from entitlements.billing import CreditBand, CreditSchedule
from entitlements.documents import parse_facts
from entitlements.kernel import DocumentError, Money

# Months of 28 to 31 days, and the four quarters with the leap year's: January to March has 90 or 91
# days, April to June 91, the two others 92.
DAYS = (28, 29, 30, 31, 90, 91, 92)
MINUTES = {days: days * 24 * 60 for days in DAYS}


def schedule(published: Published) -> CreditSchedule:
    """Return a schedule as vendors print it: below a figure, so much; the best tier first."""
    edges = [Decimal(figure).scaleb(-3) for figure, _ in published.tiers]
    bands = [
        CreditBand(credit=credit, at_least=low, below=edge)
        for (_, credit), edge, low in zip(published.tiers, edges, [*edges[1:], None], strict=True)
    ]
    return CreditSchedule(id=published.service, basis="availability", bands=bands)


def after_downtime(made: CreditSchedule, minutes: int, days: int) -> int:
    up = Fraction(MINUTES[days] - minutes, MINUTES[days])
    credit = made.credit_for(100 * up)
    assert credit.denominator == 1
    return credit.numerator


def owed(tiers: Tiers, down: int, whole: int) -> int:
    """Return the credit by whole numbers: the last tier that the minutes up are below."""
    credit = 0
    for thousandths, percent in tiers:
        if 100_000 * (whole - down) < thousandths * whole:
            credit = percent
    return credit


def test_ten_vendors_are_in_full() -> None:
    assert len({each.vendor for each in AVAILABILITY}) == 10


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("published", AVAILABILITY, ids=lambda one: f"{one.vendor} {one.service}")
def test_published_schedules_are_right_at_each_boundary_of_each_month_and_quarter(
    published: Published, days: int
) -> None:
    made, whole = schedule(published), MINUTES[days]
    for thousandths, _ in published.tiers:
        boundary = whole * (100_000 - thousandths) // 100_000
        for down in (boundary - 1, boundary, boundary + 1, boundary + 2):
            assert after_downtime(made, down, days) == owed(published.tiers, down, whole), down
    assert after_downtime(made, whole, days) == published.tiers[-1][1]
    assert after_downtime(made, 0, days) == 0


def by_name(vendor: str, service: str) -> CreditSchedule:
    return next(
        schedule(each) for each in AVAILABILITY if (each.vendor, each.service) == (vendor, service)
    )


AWS = by_name("AWS", "compute")
MONGODB = by_name("MongoDB", "atlas")
AZURE = by_name("Microsoft", "azure storage")


# The last minute of downtime that keeps a band, and the first that leaves it, worked out by hand:
# 0.01 percent of 43,200 minutes are 4.32, 1 percent are 432, 5 percent are 2,160.
@pytest.mark.parametrize(
    ("made", "days", "steps"),
    [
        (AWS, 28, [(4, 0), (5, 10), (403, 10), (404, 30), (2016, 30), (2017, 100)]),
        (AWS, 29, [(4, 0), (5, 10), (417, 10), (418, 30), (2088, 30), (2089, 100)]),
        (AWS, 30, [(4, 0), (5, 10), (432, 10), (433, 30), (2160, 30), (2161, 100)]),
        (AWS, 31, [(4, 0), (5, 10), (446, 10), (447, 30), (2232, 30), (2233, 100)]),
        (AWS, 90, [(12, 0), (13, 10), (1296, 10), (1297, 30), (6480, 30), (6481, 100)]),
        (AWS, 92, [(13, 0), (14, 10), (1324, 10), (1325, 30), (6624, 30), (6625, 100)]),
        (AZURE, 28, [(40, 0), (41, 10), (403, 10), (404, 25), (40320, 25)]),
        (AZURE, 31, [(44, 0), (45, 10), (446, 10), (447, 25), (44640, 25)]),
        (MONGODB, 28, [(2, 0), (3, 10), (403, 10), (404, 25), (2016, 25), (2017, 100)]),
        (MONGODB, 30, [(2, 0), (3, 10), (432, 10), (433, 25), (2160, 25), (2161, 100)]),
        (MONGODB, 91, [(6, 0), (7, 10), (1310, 10), (1311, 25), (6552, 25), (6553, 100)]),
    ],
)  # fmt: skip
def test_published_schedules_change_at_the_right_minute(
    made: CreditSchedule, days: int, steps: list[tuple[int, int]]
) -> None:
    assert [(minutes, after_downtime(made, minutes, days)) for minutes, _ in steps] == steps


# slack.com, SLA archive of 2024-06-14: ten times what was paid for the time, if less than 99.99
# percent; before 2019 a hundred times (dclsearch.com 2019-09). UpCloud: fifty times.
SLACK = CreditSchedule(
    id="slack",
    basis="availability",
    bands=[CreditBand(times=10, below=Decimal("99.99"))],
)


@pytest.mark.parametrize(
    ("times", "minutes", "days", "cents"),
    [
        (10, 4, 30, 0),  # 99.99 percent of 43,200 minutes are kept with 4.32 down
        (10, 5, 30, 50),  # a fee of 432 dollars is a cent a minute
        (10, 43, 30, 430),
        (10, 4_319, 30, 43_190),
        (10, 4_321, 30, 43_200),  # never more than the fee
        (100, 43, 30, 4_300),
        (50, 43, 30, 2_150),
        (10, 5, 31, 48),  # 50 * 43,200 / 44,640 = 48.4
        (10, 5, 28, 54),  # 50 * 43,200 / 40,320 = 53.6
    ],
)
def test_a_multiple_of_what_was_paid_for_the_time_is_given_back(
    times: int, minutes: int, days: int, cents: int
) -> None:
    made = attrs.evolve(SLACK, bands=[attrs.evolve(SLACK.bands[0], times=times)])
    up = Fraction(MINUTES[days] - minutes, MINUTES[days])
    assert made.credit_amount(100 * up, Money(432, "USD")).minor_units == cents


def test_a_credit_does_not_come_from_a_rounded_percentage() -> None:
    # 99.99074 percent with 4 minutes, and 99.98843 with 5: both are 99.99 if rounded to two digits
    assert [after_downtime(AWS, minutes, 30) for minutes in (4, 5)] == [0, 10]


def test_an_hour_of_a_month_as_atlassian_works_it_out() -> None:
    # 60 of 43,200 minutes are 0.138889 percent: 99.86 percent, which earns 10
    assert after_downtime(by_name("Atlassian", "premium"), 60, 30) == 10


@pytest.mark.parametrize("published", AVAILABILITY, ids=lambda one: f"{one.vendor} {one.service}")
def test_published_schedules_can_be_written_in_a_document(published: Published) -> None:
    rows = ", ".join(
        f"below {Decimal(edge).scaleb(-3)}%: {credit}%" for edge, credit in published.tiers
    )
    window = ""
    if published.days_to_claim is not None:
        window = f", window: {{days: {published.days_to_claim}, after: month}}"
    text = f"{{id: {published.service}, basis: availability, bands: {{{rows}}}{window}}}"
    facts = parse_facts(f"credit_schedules: [{text}]")
    assert facts.prices.credit_schedules[published.service].bands == schedule(published).bands


@pytest.mark.parametrize(
    ("printed", "problem"),
    [
        pytest.param(
            GITHUB_AS_PRINTED,
            "schedule `github` says nothing between the bands `below 99` and `above 99, at most "
            "99.9` (the first figure without a band is 99)",
            id="github has a hole",
        ),
        pytest.param(
            MONGODB_AS_PRINTED,
            "the bands `at least 95, below 99.5` and `at least 99, below 99.995` of schedule "
            "`mongodb` overlap",
            id="mongodb overlaps",
        ),
        pytest.param(
            COCKROACH_AS_PRINTED,
            "schedule `cockroach` says nothing below the band `at least 95, below 97`",
            id="cockroach ends",
        ),
        pytest.param(
            CLOUDBALKAN_AS_PRINTED,
            "schedule `cloudbalkan` says nothing between the bands `at least 2.17, at most 59` and "
            "`at least 60, at most 119` (the first figure without a band is just above 59)",
            id="cloudbalkan has a hole",
        ),
    ],
)
def test_a_published_table_that_is_no_function_is_refused_with_what_is_wrong(
    printed: str, problem: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_facts(f"credit_schedules:{printed}", name="prices.yaml")
    (found,) = caught.value.problems
    assert problem in found
    assert found.startswith("prices.yaml:")
