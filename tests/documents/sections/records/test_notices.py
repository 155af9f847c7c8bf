from __future__ import annotations

import pytest

from entitlements.aftersales import NoticePeriod
from entitlements.documents import parse_facts, write_facts
from entitlements.kernel.errors import DocumentError

TEXT = """
calendars: [{name: office, zone: Europe/Berlin, week: "Mo-Fr 09:00-17:00"}]
notice_clauses: [%s]
"""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12 months", NoticePeriod(months=12)),
        ("1 year", NoticePeriod(months=12)),
        ("2w", NoticePeriod(days=14)),
        (
            "{days: 9, transit: 3, shift: earlier}",
            NoticePeriod(days=9, transit=3, shift="earlier"),
        ),
    ],
)
def test_a_period_is_a_text_or_its_parts(written: str, meant: NoticePeriod) -> None:
    facts = parse_facts(TEXT % f"{{kind: renewal, period: {written}}}")
    assert facts.notice_clauses[0].period == meant
    assert parse_facts(write_facts(facts)) == facts


def test_business_days_are_counted_by_a_calendar_of_the_document() -> None:
    clause = "{kind: expiry, period: {business_days: 10, calendar: office}}"
    facts = parse_facts(TEXT % clause)
    (found,) = facts.notice_clauses
    assert found.period is not None
    assert found.period.calendar == facts.catalog.calendars["office"]
    assert "calendar: office" in write_facts(facts)


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        (
            "{kind: renewal, period: 12 moons}",
            ".period: `12 moons` is not a period",
        ),
        ("{kind: renewal}", "notice_clauses[0]: `renewal` has no period"),
        ("{kind: hint, period: 9d}", "notice_clauses[0].kind"),
        ("{kind: expiry, period: 9d, plans: gold}", "no plan has the name `gold`"),
    ],
)
def test_a_clause_that_cannot_be_kept_is_a_problem_with_its_place(
    clause: str, problem: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_facts(TEXT % clause)
    assert problem in "\n".join(caught.value.problems)
