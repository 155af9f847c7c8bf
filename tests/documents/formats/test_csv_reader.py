from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.documents.formats.csv_reader import read_csv
from entitlements.documents.formats.json_reader import read_json
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode
from entitlements.documents.formats.problems import Problem
from entitlements.kernel.errors import DocumentError

CELLS = st.text(st.sampled_from('ab 1,"\n=-'), max_size=4)
NAMES = ("id", "case", "kind")


def plain(node: Node | None) -> object:
    match node:
        case ListNode(items=items):
            return [plain(each) for each in items]
        case MappingNode(entries=entries):
            return {name: plain(each) for name, each in entries.items()}
        case ScalarNode(text=text):
            return text
        case None:
            return []


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELLS)), max_size=4))
def test_a_table_is_read_as_the_same_list_in_json(rows: list[dict[str, str]]) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, NAMES)
    writer.writeheader()
    writer.writerows(rows)
    written = [{name: cell.strip() for name, cell in row.items() if cell.strip()} for row in rows]
    kept = [row for row, given in zip(written, rows, strict=True) if any(given.values())]
    problems: list[Problem] = []
    found = plain(read_csv(buffer.getvalue(), "work.csv", problems).root)
    assert found == plain(read_json(json.dumps(kept), "work.json", []).root)
    assert problems == []


def test_a_cell_over_two_lines_moves_the_next_row_down() -> None:
    root = read_csv('id,case\n"W\n1",R-1\n\nW-2,R-2\n', "work.csv", []).root
    assert isinstance(root, ListNode)
    assert [each.line for each in root.items] == [2, 5]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("id,id\n", "work.csv:1: column `id` is repeated", id="repeated"),
        pytest.param("id;case\n", "work.csv:1: cells are separated by `;`", id="semicolons"),
        pytest.param("\n\n", "work.csv: the table is empty", id="empty"),
        pytest.param("id\nW-1,R-1\n", "work.csv:2: the row has 2 cells", id="too many cells"),
        pytest.param('id\n\n"W-1\n', "work.csv:3: the table is not valid", id="open quote"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_csv(text, "work.csv", [])
    assert refused.value.problems[0].startswith(problem)
