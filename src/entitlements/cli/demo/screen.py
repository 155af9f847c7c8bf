"""The demo on a terminal: tables, explanations and one drawing.

A terminal without Unicode gets ASCII; output that is not a terminal gets no colours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table

from entitlements.access.reasons import reason_sentence
from entitlements.cli.demo.story import DrawnAnswer, Story
from entitlements.cli.demo.summary import Summary
from entitlements.cli.demo.timeline import PLAIN, PRETTY, draw
from entitlements.cli.screens.tables import Screen, head, table
from entitlements.engine import Assessment

MAX_COLUMNS: Final = 110


def show(story: Story, file: TextIO | None = None) -> None:
    """Print `story` on standard output, or into `file`."""
    console = Screen(file=file, highlight=False)
    width = min(console.width, MAX_COLUMNS)
    summary = story.summary
    days = (story.end - story.start).days
    head(console, f"{summary.answered} requests in {days} days from {story.start:%d %B %Y}")
    console.print(_decisions(summary, plain=console.options.ascii_only))
    if summary.reasons:
        console.print(_reasons(summary, plain=console.options.ascii_only))
    for name, answer in (
        ("Granted", story.granted),
        ("Deferred", story.deferred),
        ("Denied", story.denied),
    ):
        if answer is not None:
            head(console, f"{name}, explained: {answer.request.id}")
            _lines(console, explained(answer, width))
    if story.drawn is not None:
        head(console, f"Across a weekend: {_titled(story.drawn)}")
        marks = PLAIN if console.options.ascii_only else PRETTY
        _lines(console, draw(story.drawn.timeline, width=width, marks=marks))
    head(console, "Load of each expert group")
    console.print(_load(summary, plain=console.options.ascii_only))
    _lines(console, textwrap.wrap(_next_steps(story), width))


def explained(answer: Assessment, width: int) -> Iterator[str]:
    """Yield the explanation wrapped to `width`, with its indents."""
    for line in answer.explain().splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        yield from textwrap.wrap(
            line.strip(), width, initial_indent=indent, subsequent_indent=f"{indent}    "
        )


def _lines(console: Console, lines: Iterator[str] | list[str]) -> None:
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _decisions(summary: Summary, *, plain: bool) -> Table:
    made = table("decision", "requests", "share", plain=plain)
    for name in ("granted", "deferred", "denied"):
        count = getattr(summary, name)
        made.add_row(name, str(count), f"{count / summary.answered:.1%}")
    return made


def _reasons(summary: Summary, *, plain: bool) -> Table:
    made = table("denied because (a denial may have several reasons)", "requests", plain=plain)
    for reason, count in summary.reasons:
        made.add_row(reason_sentence(reason), str(count))
    return made


def _load(summary: Summary, *, plain: bool) -> Table:
    columns = ("group", "all", "at once", "queued", "later", "waiting", "most")
    made = table(*columns, plain=plain)
    made.columns[-1].justify = "left"
    for each in summary.groups:
        counts = (each.total, each.at_once, each.queued, each.later, each.waiting)
        most = "{} {}".format(*each.agents[0]) if each.agents else ""
        made.add_row(each.group, *map(str, counts), most)
    return made


def _titled(drawn: DrawnAnswer) -> str:
    request = drawn.answer.request
    severity = "" if request.severity is None else f", severity {request.severity}"
    return f"{request.id}, {request.product}{severity}"


def _next_steps(story: Story) -> str:
    return (
        f"Seed {story.seed}. The same as data: `entitlements demo --json`. To change the document: "
        "`entitlements demo --write my.yaml`, then `entitlements demo my.yaml`."
    )
