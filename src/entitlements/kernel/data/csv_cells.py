"""CSV cells that no spreadsheet takes for a formula."""

from __future__ import annotations


def csv_cell(value: object) -> object:
    """Return a value as a cell of a CSV file.

    None is an empty cell. Text that a spreadsheet would take for a formula begins with an
    apostrophe.

    >>> csv_cell("=1+1"), csv_cell("-1.5"), csv_cell(None)
    ("'=1+1", '-1.5', '')
    """
    if value is None:
        return ""
    is_formula = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{value}" if is_formula and not _is_number(str(value)) else value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()
