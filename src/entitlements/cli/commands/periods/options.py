"""Options of the commands about a period: the period, its zone, the format and the output."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from entitlements.calendars.timeline.zones import zone_name
from entitlements.cli.arguments import Parser
from entitlements.cli.databases import DATABASE_HELP
from entitlements.cli.files.sources import FILES_HELP
from entitlements.cli.files.written_files import write_file
from entitlements.contracts.dates.day_boundaries import add_days, add_months
from entitlements.kernel.data.schema import located
from entitlements.kernel.errors import InvalidValueError

PERIOD_HELP: Final = "2026-03, 2026-Q1, or two days: 2026-03-01/2026-03-15"
_ENDINGS: Final = {".txt": "text", ".json": "json", ".csv": "csv", ".html": "html"}
FORMATS: Final = tuple(sorted({*_ENDINGS.values()}))
PICTURES: Final = ("png", "svg")
_PERIOD: Final = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))"
    r"|(?P<first>\d{4}-\d{2}-\d{2})(?:/|\.\.| )(?P<last>\d{4}-\d{2}-\d{2})",
    re.ASCII,
)
_QUARTER: Final = 3


def parse_period(text: str) -> tuple[date, date]:
    """Return the first day of a period, and the first day after it.

    >>> [str(each) for each in parse_period("2026-Q1")]
    ['2026-01-01', '2026-04-01']
    >>> [str(each) for each in parse_period("2026-03-10/2026-03-15")]
    ['2026-03-10', '2026-03-16']

    Raises:
        InvalidValueError: It is not a month, a quarter, or two days of which the first comes first.
    """
    found = _PERIOD.fullmatch(text)
    try:
        if found is not None and found["first"]:
            first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
            if first <= last:
                return first, add_days(last, 1)
        elif found is not None:
            months = 1 if found["month"] else _QUARTER
            month = int(found["month"] or (int(found["quarter"]) - 1) * _QUARTER + 1)
            start = date(int(found["year"]), month, 1)
            return start, add_months(start, months)
    except ValueError:
        pass
    raise InvalidValueError(
        f"`{text}` is not a period",
        hint="write `2026-03`, `2026-Q1`, or the first and the last day: `2026-03-01/2026-03-15`",
        path="--period",
    )


def parse_zone(text: str) -> str:
    """Return the name of a time zone.

    Raises:
        InvalidValueError: There is no such zone.
    """
    try:
        return zone_name(text)
    except InvalidValueError as error:
        raise located(error, "--zone") from None


def format_of(stated: str | None, output: str | None, *, pictures: bool = False) -> str:
    """Return the format that is stated, or else named by the ending of the output file.

    Args:
        stated: The format, if it is stated.
        output: The output file, if there is one.
        pictures: Whether pictures are among the formats.

    Raises:
        InvalidValueError: The ending names no format.
    """
    if stated is not None or output is None:
        return stated or "text"
    ending = Path(output).suffix.lower()
    known = _ENDINGS | ({f".{each}": each for each in PICTURES} if pictures else {})
    if ending not in known:
        raise InvalidValueError(
            f"`{output}` does not end in {', '.join(known)}",
            hint="add `--format`",
            path="--output",
        )
    return known[ending]


def write_output(output: str | None, content: str | bytes) -> None:
    """Write text or a picture into a file, or to standard output.

    Raises:
        InvalidValueError: The file cannot be written.
    """
    if output is None and isinstance(content, bytes):
        sys.stdout.buffer.write(content)
    elif output is None:
        sys.stdout.write(str(content))
    else:
        write_file(output, content)
        sys.stderr.write(f"wrote {output}\n")


def add_source(parser: Parser) -> None:
    """Add the arguments that say where the facts are: in files, or in a database."""
    parser.add_argument("files", nargs="*", metavar="FILE", help=FILES_HELP)
    parser.add_argument("--database", metavar="URL", help=f"in place of files: {DATABASE_HELP}")
    parser.add_argument("--tenant", metavar="ID", help="default: the only one in the database")


def check_source(
    asked: Namespace, of_files: Mapping[str, str], of_databases: Mapping[str, str]
) -> None:
    """Raise unless the facts are either in files or in a database, and all options are for that.

    Args:
        asked: The arguments.
        of_files: Options that belong to files, by the name of the argument.
        of_databases: Those that belong to a database.

    Raises:
        InvalidValueError: They are not.
    """
    if bool(asked.files) is (asked.database is not None):
        raise InvalidValueError(
            "the facts are in files or in a database", hint="name files, or `--database URL`"
        )
    others, where = (of_databases, "files") if asked.files else (of_files, "a database")
    for name, option in others.items():
        if getattr(asked, name):
            raise InvalidValueError(f"`{option}` is not for {where}", path=option)
