from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.cli.commands.periods.options import format_of, parse_period, write_output
from entitlements.kernel.errors import InvalidValueError


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        pytest.param("2028-02", "2028-02-01", "2028-03-01", id="leap month"),
        pytest.param("2026-12", "2026-12-01", "2027-01-01", id="end of a year"),
        pytest.param("2026-Q4", "2026-10-01", "2027-01-01", id="quarter"),
        pytest.param("2026-03-10/2026-03-10", "2026-03-10", "2026-03-11", id="a day"),
        pytest.param("2026-03-10..2026-04-09", "2026-03-10", "2026-04-10", id="dots"),
    ],
)
def test_a_period_is_a_month_a_quarter_or_two_days(text: str, first: str, after: str) -> None:
    assert [each.isoformat() for each in parse_period(text)] == [first, after]


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-Q5", "0000-01", "2026-02-30/2026-03-01", "2026-03-02/2026-03-01", "٢٠٢٦-٠٣"],
)
def test_a_period_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="is not a period"):
        parse_period(text)


def test_the_ending_names_the_format_unless_one_is_stated(tmp_path: Path) -> None:
    assert [format_of(None, each) for each in (None, "x.csv", "x.HTML")] == ["text", "csv", "html"]
    assert format_of("json", "x.pdf") == "json"
    with pytest.raises(InvalidValueError, match="does not end in"):
        format_of(None, "x.pdf")
    write_output(str(tmp_path / "x.txt"), "how it went")
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "how it went"
