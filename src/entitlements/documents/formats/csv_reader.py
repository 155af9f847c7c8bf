"""CSV reader: a table with a header as a list of mappings, with line numbers.

Each row is a mapping from the names in the header to its cells. An empty cell is left out.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Final

from entitlements.documents.formats.nodes import ScalarKind
from entitlements.documents.formats.problems import Problem, document_error
from entitlements.documents.formats.tree_builder import TreeBuilder

_SEPARATORS: Final = (";", "\t", "|")


def read_csv(text: str, file: str, problems: list[Problem]) -> TreeBuilder:
    """Return a builder with the whole table.

    Raises:
        DocumentError: The text is not CSV, has no header, or a row has more cells than the header
            has names.
    """
    builder = TreeBuilder(file, problems)
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    header: Sequence[str] | None = None
    line = 1
    try:
        for cells in rows:
            first, line = line, rows.line_num + 1
            if not any(cells):
                continue
            if header is None:
                header = _header(cells, file, first)
                builder.open(first, keyed=False)
                continue
            _add_row(builder, header, cells, first)
    except csv.Error as error:
        raise document_error(file, line, f"the table is not valid: {error}") from None
    if header is None:
        raise document_error(file, 0, "the table is empty; its first line names the columns")
    builder.close()
    return builder


def _header(cells: Sequence[str], file: str, line: int) -> Sequence[str]:
    names = [each.strip() for each in cells]
    repeated = next((each for each in names if names.count(each) > 1), None)
    if repeated is not None:
        raise document_error(file, line, f"column `{repeated}` is repeated")
    other = next((each for each in _SEPARATORS if each in names[0]), None)
    if other is not None:
        raise document_error(file, line, f"cells are separated by `{other}`, not by commas")
    return names


def _add_row(builder: TreeBuilder, header: Sequence[str], cells: Sequence[str], line: int) -> None:
    if len(cells) > len(header):
        message = f"the row has {len(cells)} cells, and the header {len(header)} names"
        raise document_error(builder.file, line, message)
    builder.open(line, keyed=True)
    for name, cell in zip(header, cells, strict=False):
        if cell.strip():
            builder.scalar(ScalarKind.TEXT, name, line)
            builder.scalar(ScalarKind.TEXT, cell.strip(), line)
    builder.close()
