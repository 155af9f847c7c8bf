"""Command `show`: the plans of documents as tables, the price list as people know it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from entitlements.cli.arguments import Parser, check_known
from entitlements.cli.files.sources import FILES_HELP, facts_from
from entitlements.cli.files.written_files import write_file
from entitlements.documents import PlanTable, plan_tables
from entitlements.documents.tables.html import tables_as_html
from entitlements.documents.tables.markdown import tables_as_markdown
from entitlements.documents.tables.plan_table import table_as_dict
from entitlements.documents.tables.svg import tables_as_svg
from entitlements.kernel.data.schema import located
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.instants import utc

_ENDINGS: Final = {
    ".md": "markdown",
    ".txt": "markdown",
    ".html": "html",
    ".svg": "svg",
    ".png": "png",
    ".json": "json",
}


def run(words: Sequence[str]) -> int:
    """Print the tables on standard output, or write them into a file."""
    asked = _parser().read(words)
    week = _week(asked.week)
    facts = facts_from(asked.files)
    for plan in asked.plan:
        check_known("plan", plan, (each.id for each in facts.catalog.plans), "--plan")
    tables = [each for each in plan_tables(facts) if not asked.plan or each.plan in asked.plan]
    if not tables:
        raise InvalidValueError("the documents have no plan", hint="add a section `plans`")
    format = asked.format or _format_of(asked.output)
    if format == "text" and asked.output is None:
        _print(tables, week)
        return 0
    content = _rendered(tables, week, format)
    if asked.output is not None:
        write_file(asked.output, content)
        sys.stderr.write(f"wrote {asked.output}\n")
    elif format == "png" and sys.stdout.isatty():
        raise InvalidValueError("a terminal cannot show PNG", hint="add `--output plans.png`")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    return 0


def _parser() -> Parser:
    parser = Parser("show", "Show plans as tables: severities by milestone, hours, channels.")
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES_HELP)
    parser.add_argument(
        "--plan", action="append", default=[], metavar="ID", help="only this plan; may be repeated"
    )
    parser.add_argument(
        "--format",
        choices=["text", "markdown", "html", "svg", "png", "json"],
        help="how to show them; default: text, or what the ending of --output names",
    )
    parser.add_argument("--week", metavar="DATE", help="a date of the week drawn; default: today")
    parser.add_argument("--output", metavar="FILE", help="write into this file")
    return parser


def _week(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()  # noqa: TID251 - the command line reads the clock
    try:
        day = date.fromisoformat(text)
        utc(datetime.combine(day, time(), UTC))  # within the years of the library
    except LimitExceededError as error:
        raise located(error, "--week") from None
    except ValueError:
        raise InvalidValueError(
            f"`{text}` is not a date", hint="write it as `2026-03-23`", path="--week"
        ) from None
    return day


def _format_of(output: str | None) -> str:
    if output is None:
        return "text"
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        endings = ", ".join(f"`{each}`" for each in _ENDINGS)
        raise InvalidValueError(
            f"the ending of `{output}` names no format",
            hint=f"use {endings}, or add `--format`",
            path="--output",
        )
    return _ENDINGS[ending]


def _rendered(tables: Sequence[PlanTable], week: date, format: str) -> bytes:
    match format:
        case "html":
            text = tables_as_html(tables, week)
        case "svg":
            text = tables_as_svg(tables, week)
        case "png":
            from entitlements.cli.files.png import png_of  # noqa: PLC0415 - an extra

            return png_of(tables_as_svg(tables, week))
        case "json":
            data = [table_as_dict(each) for each in tables]
            text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        case _:
            text = tables_as_markdown(tables, week)
    return text.encode()


def _print(tables: Sequence[PlanTable], week: date) -> None:
    if find_spec("rich") is None:
        raise InvalidValueError(
            "tables need `rich`, which is not installed",
            hint="install `entitlements[cli]`, or use `--format markdown`",
        )
    from entitlements.cli.screens.plan_screen import show_tables  # noqa: PLC0415 - rich is an extra

    show_tables(tables, week)
