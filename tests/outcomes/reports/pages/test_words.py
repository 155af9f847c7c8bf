from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.kernel import utc
from entitlements.outcomes import Figure, Interval, Share, report
from entitlements.outcomes.reports.pages.words import percent_text, period_text, value_text


@given(st.integers(1, 10**15).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_only_all_is_100_percent_and_only_none_is_0(counts: tuple[int, int]) -> None:
    n, of = counts
    shown = Decimal(percent_text(Share(n, of)))
    assert (shown == 100) is (n == of)
    assert (shown == 0) is (n == 0)
    assert abs(Fraction(shown) - Fraction(100 * n, of)) <= Fraction(1, 100)


@pytest.mark.parametrize(
    ("section", "value", "text"),
    [
        ("attainment", Share(19, 20), "95.00 % (19 of 20)"),
        ("attainment", Share(0, 0), "not known"),
        ("availability", Share(1999, 2000), "99.95 %"),
        ("waiting", None, "not known"),
        ("waiting", timedelta(minutes=90), "1h30m"),
        ("satisfaction", Fraction(-1, 4), "-0.25"),
        ("satisfaction", Interval(-0.5, 0.125), "-0.50 to 0.12"),
        ("flow", 0, "0"),
    ],
)
def test_figures_as_people_read_them(section: str, value: object, text: str) -> None:
    figure = Figure(section=section, name="x", measure="m", value=value)  # type: ignore[arg-type]
    assert value_text(figure) == text


def test_the_interval_of_a_share_is_in_percent() -> None:
    share = Figure(
        section="satisfaction",  # type: ignore[arg-type]
        name="csat",
        measure="interval",
        value=Interval(0.125, 0.5),
    )
    assert value_text(share) == "12.50 to 50.00 %"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-02-28T23:00Z", "2026-03-31T22:00Z", "2026-03-01 to 2026-03-31 (Europe/Berlin)"),
        ("2026-02-28T23:00Z", "2026-03-01T23:00Z", "2026-03-01 (Europe/Berlin)"),
        ("2026-03-01T00:00Z", "2026-03-01T23:00Z", "2026-03-01T00:00:00Z to 2026-03-01T23:00:00Z"),
    ],
)
def test_a_period_is_named_by_its_days_in_the_zone(start: str, end: str, words: str) -> None:
    found = report([], utc(start), utc(end), zone="Europe/Berlin")
    assert period_text(found).startswith(f"{words}, all customers")
