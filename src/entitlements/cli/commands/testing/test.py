"""Command `test`: promise files, each case with its difference, and what no case has asked for."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from entitlements.cli.arguments import Parser
from entitlements.cli.files.written_files import write_file
from entitlements.engine import Facts
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import DocumentError, InvalidValueError
from entitlements.testing.promises import (
    CoverageCount,
    PromiseFile,
    PromiseResult,
    check_promises,
    junit_xml,
    promise_coverage,
    promise_data,
    promise_report,
    read_promises,
)
from entitlements.testing.promises.read import SUFFIXES

FINDINGS: Final = 1
PAUSE: Final = 0.3
"""Seconds between two looks at the files, with `--watch`."""


def run(words: Sequence[str]) -> int:
    """Check promise files; return 1 if a promise does not hold, or a file has a finding."""
    asked = _parser().read(words)
    if not asked.watch:
        return _check(asked)
    while True:  # ends by an interrupt
        before = _times(asked.files)
        with suppress(InvalidValueError):  # a file that is being written comes back
            _check(asked)
        sys.stdout.flush()
        while _times(asked.files) == before:
            time.sleep(PAUSE)
        sys.stdout.write("\n")


def _parser() -> Parser:
    parser = Parser("test", "Check promises: questions with the answers that customers rely on.")
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="promise files (*.promises.yaml), or folders"
    )
    parser.add_argument("--coverage", action="store_true", help="list what no case has asked for")
    parser.add_argument("--junit", metavar="FILE", help="also write JUnit XML to this file")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print the results"
    )
    parser.add_argument("--watch", action="store_true", help="check again after every change")
    return parser


def _check(asked: Namespace) -> int:
    read: list[PromiseFile] = []
    problems: list[str] = []
    for path in _promise_files(asked.files):
        try:
            read.append(read_promises(path, holidays=public_holidays))
        except DocumentError as error:
            problems += error.problems
    for each in problems:
        sys.stderr.write(f"{each}\n")
    results = [(file, check_promises(file)) for file in read]
    every = [result for _, found in results for result in found]
    coverage = tuple(_coverage(results)) if asked.coverage else ()
    if asked.format == "json":
        text = json.dumps(promise_data(every, coverage), indent=2, ensure_ascii=False)
    else:
        text = promise_report(every, coverage)
    sys.stdout.write(f"{text}\n")
    if asked.junit:
        write_file(asked.junit, junit_xml(every, coverage))
    broken = problems or any(not each.holds for each in every)
    return FINDINGS if broken else 0


def _coverage(
    results: Iterable[tuple[PromiseFile, tuple[PromiseResult, ...]]],
) -> Iterator[CoverageCount]:
    """Yield the coverage of each set of facts; files with the same facts count together."""
    groups: list[tuple[Facts, list[PromiseResult]]] = []
    for file, found in results:
        known = next((cases for facts, cases in groups if facts == file.facts), None)
        if known is None:
            groups.append((file.facts, list(found)))
        else:
            known += found
    for facts, cases in groups:
        yield from promise_coverage(facts, cases)


def _promise_files(paths: Sequence[str]) -> list[Path]:
    """Return the files, and those of folders, at any depth."""
    found: list[Path] = []
    for each in map(Path, paths):
        if each.is_dir():
            inside = sorted(p for p in each.rglob("*") if p.name.endswith(SUFFIXES))
            if not inside:
                raise InvalidValueError(
                    f"there is no promise file in `{each}`", hint="its name ends in .promises.yaml"
                )
            found += inside
        else:
            found.append(each)
    return found


def _times(paths: Sequence[str]) -> dict[Path, float]:
    """Return when each document in the folders of the files was changed last."""
    folders = {path if path.is_dir() else path.parent for path in map(Path, paths)}
    times: dict[Path, float] = {}
    for folder in folders:
        for path in folder.rglob("*.*"):
            if path.suffix in {".yaml", ".yml", ".json"}:
                with suppress(OSError):  # a file that was removed meanwhile
                    times[path] = path.stat().st_mtime
    return times
