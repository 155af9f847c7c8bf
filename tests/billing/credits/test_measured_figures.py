from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from tests.engine.statements.acme import acme

from entitlements.billing import MeasuredFigure
from entitlements.engine import Promises, statement
from entitlements.kernel import ConflictError, InvalidValueError, UnknownIdError, utc

FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))
FIGURE = MeasuredFigure(
    contract="C-1",
    line="main",
    schedule="gold availability",
    start=FEBRUARY,
    figure=Fraction(199, 2),
)
MISSED = "gold missed 2026-02-01 of C-1 main"
STATED = f"""
billing_accounts:
  - customer: acme
    figures:
      - {{contract: C-1, line: main, schedule: gold availability, start: 2026-02-01, figure: 99.5}}
    claims: {{"{MISSED}": 2026-03-20T10:00Z}}
"""


def test_facts_state_figures_and_claims_as_promises_do() -> None:
    promises = Promises(figures=[FIGURE], claims={MISSED: utc("2026-03-20T10:00Z")})
    given = statement(acme(), "acme", FEBRUARY, APRIL, promises=promises)
    assert statement(acme(billing=STATED), "acme", FEBRUARY, APRIL) == given
    assert statement(acme(billing=STATED), "acme", FEBRUARY, APRIL, promises=promises) == given
    assert [(each.id, str(each.amount)) for each in given.credits] == [
        ("gold availability 2026-02-01 of C-1 main", "31.00 EUR")
    ]


def test_a_credit_is_claimed_at_one_instant() -> None:
    other = Promises(claims={MISSED: utc("2026-03-21T10:00Z")})
    with pytest.raises(ConflictError, match="was claimed twice"):
        statement(acme(billing=STATED), "acme", MARCH, APRIL, promises=other)


def test_a_figure_of_an_unknown_schedule_is_refused_by_name() -> None:
    wrong = STATED.replace("gold availability", "silver availability")
    with pytest.raises(UnknownIdError, match="silver availability"):
        statement(acme(billing=wrong), "acme", MARCH, APRIL)
    with pytest.raises(InvalidValueError):
        MeasuredFigure(contract="C-1", line="main", schedule="x", start=MARCH, figure=0.5)  # type: ignore[arg-type]
