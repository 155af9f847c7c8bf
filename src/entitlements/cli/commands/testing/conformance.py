"""Command `conformance`: the corpus, asked of this library, of a command or of a service."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any, Final

from entitlements.cli.arguments import Parser
from entitlements.cli.files.written_files import write_file
from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.conformance import (
    ConformanceResult,
    answer_questions,
    read_corpus,
)
from entitlements.testing.conformance.check import compare_replies
from entitlements.testing.conformance.transports import ask_command, ask_url
from entitlements.testing.promises import junit_xml

FINDINGS: Final = 1
MAX_SHOWN: Final = 20
"""How many cases that differ are shown as text; all are in JUnit XML and JSON."""

MAX_SECONDS: Final = 3_600


def run(words: Sequence[str]) -> int:
    """Check an implementation; return 1 if an answer differs from the corpus."""
    asked = _parser().read(words)
    if asked.questions:
        sys.stdout.writelines(f"{_line(each.questions)}\n" for each in read_corpus())
        return 0
    if asked.answer:
        return _answer()
    if not 1 <= asked.timeout <= MAX_SECONDS:
        hint = f"from 1 to {MAX_SECONDS} seconds"
        raise InvalidValueError(f"`{asked.timeout}` seconds", hint=hint, path="--timeout")
    groups = read_corpus()
    questions = [each.questions for each in groups]
    results = compare_replies(groups, _replies(asked, questions))
    sys.stdout.write(f"{_data(results) if asked.format == 'json' else _text(results)}\n")
    if asked.junit:
        write_file(asked.junit, junit_xml(results))
    return 0 if all(each.holds for each in results) else FINDINGS


def _parser() -> Parser:
    about = "Check an implementation: questions to it, and the answers of oracles and sources."
    parser = Parser("conformance", about)
    which = parser.add_mutually_exclusive_group()
    parser.options += ["--command", "--url", "--answer", "--questions"]
    which.add_argument(
        "--command", metavar="COMMAND", help="a program that answers lines of standard input"
    )
    which.add_argument("--url", metavar="URL", help="a service that answers what is posted to it")
    which.add_argument(
        "--answer", action="store_true", help="answer the lines of standard input with this library"
    )
    which.add_argument("--questions", action="store_true", help="print the questions, and ask none")
    parser.add_argument(
        "--timeout", type=int, default=60, metavar="SECONDS", help="how long to wait; default: 60"
    )
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="how to print the results"
    )
    return parser


def _replies(asked: Namespace, questions: Sequence[dict[str, Any]]) -> list[Any]:
    if asked.command is not None:
        return ask_command(asked.command, questions, asked.timeout)
    if asked.url is not None:
        return ask_url(asked.url, questions, asked.timeout)
    return [answer_questions(each) for each in questions]


def _answer() -> int:
    for line in sys.stdin:
        try:
            reply = answer_questions(json.loads(line))
        except (ValueError, RecursionError) as error:
            reply = {"error": f"the line is not JSON: {error}"}
        sys.stdout.write(f"{_line(reply)}\n")
        sys.stdout.flush()
    return 0


def _line(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def _text(results: Sequence[ConformanceResult]) -> str:
    different = [each for each in results if not each.holds]
    lines = [each.explain() for each in different[:MAX_SHOWN]]
    if len(different) > MAX_SHOWN:
        lines.append(f"and {len(different) - MAX_SHOWN} more")
    lines += [f"{group}: {wrong} of {count} differ" for group, wrong, count in _counts(results)]
    skipped = [each for each in results if each.skipped]
    lines += [each.explain() for each in skipped[:MAX_SHOWN]]
    equal = len(results) - len(different) - len(skipped)
    also = f", {len(skipped)} are not supported" if skipped else ""
    lines.append(f"{equal} of {len(results)} answers are as expected{also}")
    return "\n".join(lines)


def _counts(results: Sequence[ConformanceResult]) -> Iterator[tuple[str, int, int]]:
    for group in dict.fromkeys(each.suite for each in results):
        cases = [each for each in results if each.suite == group]
        wrong = sum(not each.holds for each in cases)
        if wrong:
            yield group, wrong, len(cases)


def _data(results: Sequence[ConformanceResult]) -> str:
    found = [
        {
            "group": each.suite,
            "name": each.name,
            "source": each.source,
            "holds": each.holds,
            "skipped": each.skipped,
            "differences": list(each.differences),
        }
        for each in results
    ]
    return json.dumps({"cases": found}, indent=2, ensure_ascii=False)
