"""The demo on a terminal: tables, explanations and one drawing.

A terminal without Unicode gets ASCII; output that is not a terminal gets no colours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final, TextIO, final

from rich import box
from rich.console import Console
from rich.table import Table

from entitlements.access.reasons import reason_sentence
from entitlements.cli.demo.story import DrawnAnswer, Story
from entitlements.cli.demo.summary import Summary
from entitlements.cli.demo.timeline import PLAIN, PRETTY, draw
from entitlements.engine import Assessment

MAX_COLUMNS: Final = 110


@final
class Screen(Console):
    """Console that raises on a broken pipe instead of exiting."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled; `main` decides the exit code."""
        raise  # noqa: PLE0704 - called while it is handled


def show(story: Story, file: TextIO | None = None) -> None:
    """Print `story` on standard output, or into `file`."""
    console = Screen(file=file, highlight=False)
    width = min(console.width, MAX_COLUMNS)
    summary = story.summary
    days = (story.end - story.start).days
    _head(console, f"{summary.answered} requests in {days} days from {story.start:%d %B %Y}")
    console.print(_decisions(summary, plain=console.options.ascii_only))
    if summary.reasons:
        console.print(_reasons(summary, plain=console.options.ascii_only))
    for name, answer in (
        ("Granted", story.granted),
        ("Deferred", story.deferred),
        ("Denied", story.denied),
    ):
        if answer is not None:
            _head(console, f"{name}, explained: {answer.request.id}")
            _lines(console, explained(answer, width))
    if story.drawn is not None:
        _head(console, f"Across a weekend: {_titled(story.drawn)}")
        marks = PLAIN if console.options.ascii_only else PRETTY
        _lines(console, draw(story.drawn.timeline, width=width, marks=marks))
    _head(console, "Load of each expert group")
    console.print(_load(summary, plain=console.options.ascii_only))
    _lines(console, textwrap.wrap(_next_steps(story), width))


def explained(answer: Assessment, width: int) -> Iterator[str]:
    """Yield the explanation wrapped to `width`, with its indents."""
    for line in answer.explain().splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(
            line.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}    "
        )


def _head(console: Console, title: str) -> None:
    console.print()
    console.print(title, style="bold", markup=False)


def _lines(console: Console, lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _table(*columns: str, plain: bool) -> Table:
    table = Table(box=box.ASCII2 if plain else box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", no_wrap=True)
    return table


def _decisions(summary: Summary, *, plain: bool) -> Table:
    table = _table("decision", "requests", "share", plain=plain)
    for name in ("granted", "deferred", "denied"):
        count = getattr(summary, name)
        table.add_row(name, str(count), f"{count / summary.answered:.1%}")
    return table


def _reasons(summary: Summary, *, plain: bool) -> Table:
    table = _table("denied because (a denial may have several reasons)", "requests", plain=plain)
    for reason, count in summary.reasons:
        table.add_row(reason_sentence(reason), str(count))
    return table


def _load(summary: Summary, *, plain: bool) -> Table:
    columns = ("group", "all", "at once", "queued", "later", "waiting", "most")
    table = _table(*columns, plain=plain)
    table.columns[-1].justify = "left"
    for each in summary.groups:
        counts = (each.total, each.at_once, each.queued, each.later, each.waiting)
        most = "{} {}".format(*each.agents[0]) if each.agents else ""
        table.add_row(each.group, *map(str, counts), most)
    return table


def _titled(drawn: DrawnAnswer) -> str:
    request = drawn.answer.request
    return f"{request.id}, {request.product}, severity {request.severity}"


def _next_steps(story: Story) -> str:
    return (
        f"Seed {story.seed}. The same as data: `entitlements demo --json`. To change the document: "
        "`entitlements demo --write my.yaml`, then `entitlements demo my.yaml`."
    )
