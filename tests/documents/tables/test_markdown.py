from __future__ import annotations

from datetime import date

from tests.documents.tables.texts import tables

from entitlements.documents.tables.markdown import tables_as_markdown

MONDAY = "Mon 23 ··················████████████████··············"


def test_a_plan_is_a_section_with_a_table_terms_and_weeks() -> None:
    lines = tables_as_markdown(tables(), date(2026, 3, 25)).splitlines()
    assert lines[:5] == [
        "## Gold & \\<b\\>\\*more\\*\\</b\\>",
        "",
        "| severity | first response | reached |",
        "| --- | --- | --- |",
        "| high | 4h always | \\<desk\\>\\|1 a\\<b; \\<desk\\>\\|1 unknown |",
    ]
    assert "* named contacts: any number" in lines
    assert "* source: page 3 \\| 4" in lines
    assert lines.count(MONDAY) == 1


def test_a_calendar_without_known_holidays_in_that_week_has_its_text_only() -> None:
    text = tables_as_markdown(tables(), date(2026, 3, 25))
    assert "* hours `unknown`: Mo-Fr 09:00-17:00 UTC, 1 holiday" in text
    assert "```text\nunknown\n" not in text
