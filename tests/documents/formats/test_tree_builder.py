from __future__ import annotations

import pytest

from entitlements.documents.formats.nodes import MappingNode, ScalarKind
from entitlements.documents.formats.problems import Problem
from entitlements.documents.formats.tree_builder import MAX_DEPTH, TreeBuilder
from entitlements.kernel.errors import DocumentError


def test_nodes_have_path_and_line() -> None:
    builder = TreeBuilder("f", [])
    builder.open(1, keyed=True)
    builder.scalar(ScalarKind.TEXT, "plans", 1)
    builder.open(2, keyed=False)
    builder.scalar(ScalarKind.TEXT, "a", 3)
    builder.scalar(ScalarKind.TEXT, "b", 4)
    builder.close()
    builder.close()
    root = builder.root
    assert isinstance(root, MappingNode)
    items = root.entries["plans"].items  # type: ignore[union-attr]
    assert [(each.path, each.line) for each in items] == [("plans[0]", 3), ("plans[1]", 4)]


def test_the_first_of_two_equal_keys_counts_and_the_second_is_a_problem() -> None:
    found: list[Problem] = []
    builder = TreeBuilder("f", found)
    builder.open(1, keyed=True)
    for line, text in ((1, "one"), (2, "two")):
        builder.scalar(ScalarKind.TEXT, "a", line)
        builder.scalar(ScalarKind.TEXT, text, line)
    builder.close()
    assert builder.root.entries["a"].text == "one"  # type: ignore[union-attr]
    assert [str(each) for each in found] == ["f:2: a: key `a` is repeated (first on line 1)"]


def test_depth_is_limited() -> None:
    builder = TreeBuilder("f", [])
    for _ in range(MAX_DEPTH):
        builder.open(1, keyed=False)
    with pytest.raises(DocumentError, match="nested more than 32 deep"):
        builder.open(7, keyed=False)


def test_the_length_of_paths_is_limited() -> None:
    builder = TreeBuilder("f", [])
    for _ in range(MAX_DEPTH):
        builder.open(1, keyed=True)
        builder.scalar(ScalarKind.TEXT, "k" * 1_000, 1)
    builder.scalar(ScalarKind.TEXT, "x", 1)
    for _ in range(MAX_DEPTH):
        builder.close()
    node = builder.root
    while isinstance(node, MappingNode):
        node = next(iter(node.entries.values()))
    assert len(node.path) < 300  # type: ignore[union-attr]
