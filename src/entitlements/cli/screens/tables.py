"""Tables on a terminal; one without Unicode gets ASCII, and a closed pipe raises."""

from __future__ import annotations

from typing import final

from rich import box
from rich.console import Console
from rich.table import Table


@final
class Screen(Console):
    """Console that raises on a broken pipe instead of exiting."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled; `main` decides the exit code."""
        raise  # noqa: PLE0704 - called while it is handled


def head(console: Console, title: str) -> None:
    """Print a title after an empty line."""
    console.print()
    console.print(title, style="bold", markup=False, soft_wrap=True)


def table(*columns: str, plain: bool) -> Table:
    """Return an empty table; all columns but the first are for numbers."""
    made = Table(box=box.ASCII2 if plain else box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        made.add_column(
            column,
            justify="left" if index == 0 else "right",
            no_wrap=True,
            overflow="crop" if plain else "ellipsis",
        )
    return made
