from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.engine.statements.acme import acme

from entitlements.billing import ChargedCase
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.engine import Promises, PromiseVerdict, statement
from entitlements.engine.statements.earned_credits import promise_verdicts
from entitlements.kernel import EntitlementsError, InvalidValueError, utc
from entitlements.sla import Event, History, SlaPolicy, Target, measure

CASES = [ChargedCase(id="R-1", contract="C-1", line="main")]
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def figure(value: object, start: date = MARCH, **other: str) -> MeasuredFigure:
    named = {"contract": "C-1", "line": "main", "schedule": "gold availability", **other}
    return MeasuredFigure(**named, start=start, figure=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measured", "credit"),
    [
        ([figure(Decimal("99.9"))], []),
        ([figure(Decimal("99.89"))], ["31.00 EUR"]),
        ([figure(Fraction(98999, 1000))], ["77.50 EUR"]),
        ([figure(90, date(2026, 2, 1))], []),  # another month
        ([], []),
    ],
)
def test_a_figure_of_a_month_gives_the_credit_of_its_band(
    measured: list[MeasuredFigure], credit: list[str]
) -> None:
    found = statement(acme(), "acme", MARCH, APRIL, promises=Promises(figures=measured))
    assert [str(each.amount) for each in found.credits] == credit


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (figure(90, line="mian"), "figures[0].line: no contract line has the id `mian`"),
        (figure(90, contract="C-9"), "figures[0].line: no contract line has the id `main`"),
        (
            figure(90, schedule="uptime"),
            "figures[0].schedule: no credit schedule has the id `uptime`",
        ),
        (
            figure(90, schedule="gold missed"),
            "figures[0]: the figure of schedule `gold missed` follows from verdicts",
        ),
        (
            figure(90, date(2026, 3, 2)),
            (
                "figures[0].start: no month of schedule `gold availability` begins on `2026-03-02` "
                "(it begins on `2026-03-01`)"
            ),
        ),
    ],
)
def test_a_figure_that_is_of_nothing_is_refused(wrong: MeasuredFigure, problem: str) -> None:
    with pytest.raises(EntitlementsError) as caught:
        statement(acme(), "acme", MARCH, APRIL, promises=Promises(figures=[wrong]))
    assert problem in f"{caught.value.path}: {caught.value}"


def test_a_block_of_prepaid_time_is_no_fee_of_which_a_credit_gives_back() -> None:
    block = """
billing_accounts:
  - customer: acme
    blocks:
      - {id: ten, contract: C-1, line: main, zone: Europe/Berlin, unit: minutes, amount: 10h,
         price: 950 EUR, start: 2026-03-10, lifetime: quarter}
"""
    known = Promises(figures=[figure(Decimal("99.5"))])
    found = statement(acme(billing=block), "acme", MARCH, APRIL, promises=known)
    assert "950.00 EUR" in found.sheet.explain()
    assert [str(each.amount) for each in found.credits] == ["31.00 EUR"]


def test_two_figures_of_one_month_are_refused() -> None:
    twice = Promises(figures=[figure(99), figure(98)])
    with pytest.raises(InvalidValueError, match="two figures of schedule `gold availability`"):
        statement(acme(), "acme", MARCH, APRIL, promises=twice)


@pytest.mark.parametrize(("missed", "credit"), [(0, []), (1, [5]), (2, [5]), (3, [10])])
def test_missed_promises_are_counted_by_month(missed: int, credit: list[int]) -> None:
    verdicts = [
        PromiseVerdict(case="R-1", milestone=f"m-{number}", at="2026-03-05T09:00Z", kept=False)
        for number in range(missed)
    ]
    others = [
        PromiseVerdict(case="R-1", milestone="kept", at="2026-03-05T09:00Z", kept=True),
        PromiseVerdict(case="R-1", milestone="early", at="2026-02-28T22:59Z", kept=False),
        PromiseVerdict(case="R-9", milestone="strange", at="2026-03-05T09:00Z", kept=False),
    ]
    known = Promises(verdicts=[*verdicts, *others])
    found = statement(acme(), "acme", MARCH, APRIL, cases=CASES, promises=known)
    march = [each for each in found.credits if each.start == utc("2026-03-01T00:00+01:00")]
    assert [int(each.schedule.credit_for(each.figure)) for each in march] == credit


def test_a_promise_is_missed_at_its_due_instant_and_kept_when_it_was_reached() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    policy = SlaPolicy(
        id="p",
        targets=[
            Target(milestone="first_response", within=hour),
            Target(milestone="resolution", within=day),
        ],
    )
    opened = utc("2026-03-02T09:00Z")
    history = History([Event.opened(opened), Event.responded(opened + timedelta(hours=2))])
    measured = measure(policy, history, opened + timedelta(hours=3))
    readings = [measured[name] for name in policy.milestones]
    assert [*promise_verdicts("R-1", readings)] == [
        PromiseVerdict(case="R-1", milestone="first_response", at=opened + hour, kept=False)
    ]
    in_time = History([Event.opened(opened), Event.responded(opened + hour)])
    measured = measure(policy, in_time, opened + day / 2)
    (kept,) = promise_verdicts("R-1", [measured[name] for name in policy.milestones])
    assert (kept.at, kept.kept) == (opened + hour, True)
