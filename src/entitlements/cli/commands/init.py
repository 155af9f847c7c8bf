"""Command `init`: a first document, from six answers or flags."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, final

import attrs

from entitlements.calendars import Calendar
from entitlements.cli.arguments import Parser
from entitlements.cli.document_template import FirstAnswers, question_words, template_text
from entitlements.cli.files.written_files import write_file
from entitlements.documents import parse_facts
from entitlements.kernel.errors import DocumentError, EntitlementsError, InvalidValueError
from entitlements.kernel.ids import identifier, identifiers

FILE: Final = "support.yaml"
_DEFAULT_RESPONSES: Final = ("1h always", "4h", "1 business day", "none")


@final
@attrs.frozen
class Question:
    """One of the six questions.

    Attributes:
        flag: The option with the same answer.
        text: The question.
        default: The answer if there is none; None where it depends on earlier answers.
        check: Raises an `EntitlementsError` for an answer that cannot be used.
    """

    flag: str
    text: str
    default: str | None
    check: Callable[[str], object]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _check_severities(text: str) -> None:
    names = _words(text)
    if not names:
        raise InvalidValueError("there is no severity", hint="write `urgent, high, low`")
    if len(set(names)) < len(names):
        raise InvalidValueError("a severity is listed twice", hint="remove one of them")
    identifiers(names)


QUESTIONS: Final = (
    Question("--plan", "Name of the plan?", "gold", identifier),
    Question(
        "--zone",
        "Time zone of the desk?",
        "Europe/Berlin",
        lambda text: Calendar(zone=text, week="24/7"),
    ),
    Question(
        "--hours",
        "Opening hours?",
        "Mo-Fr 09:00-17:00",
        lambda text: Calendar(zone="UTC", week=text),
    ),
    Question(
        "--severities", "Severities, worst first?", "urgent, high, normal, low", _check_severities
    ),
    Question("--first-response", "First response to each of them?", None, _words),
    Question("--customer", "First customer?", "acme", identifier),
)


def run(words: Sequence[str]) -> int:
    """Write a document into a new file; ask on a terminal for what no option says."""
    asked = _parser().read(words)
    path = Path(asked.file)
    if path.exists():
        raise InvalidValueError(f"`{path}` already exists", hint="choose another name")
    today = datetime.now(UTC).date()  # noqa: TID251 - the command line reads the clock
    answers = _answers(asked, today)
    text = template_text(answers, path.name)
    _check_document(text)
    write_file(path, text, new=True)
    question = " ".join(
        f'"{word}"' if " " in word else word for word in question_words(answers, str(path))
    )
    sys.stderr.write(f"wrote {path}; now try\n  entitlements check {path}\n  {question}\n")
    return 0


def _parser() -> Parser:
    parser = Parser("init", "Write a first document of facts, from six answers.")
    parser.add_argument("file", nargs="?", default=FILE, help=f"the new file; default: {FILE}")
    for each in QUESTIONS:
        what = each.text.rstrip("?").lower()
        default = f"; default: {each.default}" if each.default else ""
        parser.add_argument(each.flag, help=f"{what}{default}")
    parser.add_argument("--yes", action="store_true", help="ask nothing; use the defaults")
    return parser


def _answers(asked: Namespace, today: date) -> FirstAnswers:
    may_ask = sys.stdin.isatty() and not asked.yes
    found: dict[str, str] = {}
    for each in QUESTIONS:
        name = each.flag.lstrip("-").replace("-", "_")
        default = each.default or _default_responses(_words(found["severities"]))
        given = getattr(asked, name)
        if given is not None:
            found[name] = _checked(each, given, found)
        else:
            found[name] = _ask(each, default, found) if may_ask else default
    return FirstAnswers(
        plan=found["plan"],
        zone=found["zone"],
        week=found["hours"],
        severities=_words(found["severities"]),
        responses=_words(found["first_response"]),
        customer=found["customer"],
        start=today,
    )


def _checked(question: Question, answer: str, found: dict[str, str]) -> str:
    try:
        question.check(answer)
        if question.flag == "--first-response":
            _check_responses(answer, _words(found["severities"]))
    except EntitlementsError as error:
        raise InvalidValueError(error.message, hint=error.hint, path=question.flag) from None
    return answer


def _ask(question: Question, default: str, found: dict[str, str]) -> str:
    """Ask on the terminal until the answer can be used; an empty one is the default."""
    while True:
        sys.stderr.write(f"{question.text} [{default}] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise InvalidValueError("the input ended", hint="use `--yes` for the defaults")
        try:
            return _checked(question, line.strip() or default, found)
        except InvalidValueError as error:
            hint = f" ({error.hint})" if error.hint else ""
            sys.stderr.write(f"  {error.message}{hint}\n")


def _default_responses(severities: Sequence[str]) -> str:
    last = len(_DEFAULT_RESPONSES) - 1
    return ", ".join(_DEFAULT_RESPONSES[min(index, last)] for index in range(len(severities)))


def _check_responses(answer: str, severities: Sequence[str]) -> None:
    responses = _words(answer)
    if len(responses) != len(severities):
        raise InvalidValueError(
            f"there are {len(severities)} severities and {len(responses)} first responses",
            hint="write one for each, with commas: `1h always, 4h, 1 business day, none`",
        )
    example = FirstAnswers(
        plan="plan",
        zone="UTC",
        week="Mo-Fr 09:00-17:00",
        severities=tuple(severities),
        responses=responses,
        customer="customer",
        start=date(2026, 1, 1),
    )
    _check_document(template_text(example))


def _check_document(text: str) -> None:
    try:
        parse_facts(text)
    except DocumentError as error:
        _, _, message = error.problems[0].partition(": ")
        raise InvalidValueError(message) from None
