from __future__ import annotations

import io

import pytest
from rich.console import Console

from entitlements.cli.screens.tables import Screen, head, table


def drawn(*, plain: bool) -> str:
    file = io.StringIO()
    made = table("name", "count", plain=plain)
    made.add_row("a", "5")
    Console(file=file, width=40).print(made)
    return file.getvalue()


def test_a_table_has_its_names_on_the_left_and_its_numbers_on_the_right() -> None:
    header, _, row = [line for line in drawn(plain=False).splitlines() if line.strip()]
    assert row.index("a") == header.index("name")
    assert row.rstrip().index("5") == header.rstrip().index("count") + len("count") - 1


def test_a_plain_table_is_ascii() -> None:
    assert drawn(plain=True).isascii()
    assert not drawn(plain=False).isascii()


def test_a_title_follows_an_empty_line() -> None:
    file = io.StringIO()
    head(Console(file=file), "[b]title")
    assert file.getvalue() == "\n[b]title\n"


def test_a_closed_pipe_is_an_error_for_the_caller() -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Screen(file=Closed()).print("x")
