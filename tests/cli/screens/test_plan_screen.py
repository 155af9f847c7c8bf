from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from tests.documents.tables.texts import tables

from entitlements.cli.screens.plan_screen import show_tables


def test_names_with_brackets_are_printed_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    out = StringIO()
    show_tables(tables(), date(2026, 3, 25), out)
    text = out.getvalue()
    assert "Gold & <b>*more*</b>" in text
    assert "<desk>|1 a<b" in text


def test_a_calendar_without_known_holidays_says_so_instead_of_a_picture() -> None:
    out = StringIO()
    show_tables(tables(), date(2026, 3, 25), out)
    assert "the holidays of `unknown` are not known at `2026-03-23T00:00:00Z`" in out.getvalue()
