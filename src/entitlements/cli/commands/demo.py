"""Command `demo`: a thousand requests under published support plans, answered."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from entitlements.cli.arguments import Parser
from entitlements.cli.databases import DATABASE_HELP, shown, store_at
from entitlements.cli.demo.replay import answer_in_order
from entitlements.cli.demo.stored_run import StoryClock, store_run
from entitlements.cli.demo.story import Story, story
from entitlements.cli.demo.traffic import generated_requests
from entitlements.cli.files.sources import FILES_HELP, facts_from
from entitlements.cli.files.written_files import write_file
from entitlements.documents import parse_facts
from entitlements.engine import Assessment, Facts
from entitlements.kernel.errors import InvalidValueError

DOCUMENT: Final = "demo.yaml"
MORE_PLANS: Final = "published_plans.yaml"
"""Further published plans, which the demo does not play."""

PROMISES: Final = "demo.promises.yaml"
"""What the plans of the demo promise, as questions with answers."""

START: Final = datetime(2026, 3, 23, tzinfo=UTC)
"""Clocks change in Europe on 29 March 2026 and in Sydney on 5 April."""

LENGTH: Final = timedelta(days=14)
MAX_REQUESTS: Final = 100_000
FEW: Final = 200


def run(words: Sequence[str]) -> int:
    """Print the summary of two weeks of requests, or write the demo's document."""
    asked = _parser().read(words)
    for wanted, name in (
        (asked.document, DOCUMENT), (asked.plans, MORE_PLANS), (asked.promises, PROMISES),
    ):  # fmt: skip
        if wanted:
            sys.stdout.write(document(name))
            return 0
    if asked.write is not None:
        return _write(asked.write)
    if asked.requests is None:
        asked.requests = 1_000 if asked.database is None else FEW
    if not 1 <= asked.requests <= MAX_REQUESTS:
        raise InvalidValueError(
            f"`{asked.requests}` requests", hint=f"from 1 to {MAX_REQUESTS}", path="--requests"
        )
    _need(*(["yaml"] if asked.json else ["rich", "yaml"]))
    facts = facts_from(asked.files) if asked.files else parse_facts(document(), name=DOCUMENT)
    if asked.database is not None:
        return _store(facts, asked)
    demo = demo_story(facts, seed=asked.seed, count=asked.requests)
    if asked.json:
        sys.stdout.write(json.dumps(demo.to_dict(), indent=2, ensure_ascii=False) + "\n")
        return 0
    from entitlements.cli.demo.screen import show  # noqa: PLC0415 - rich is an extra

    show(demo)
    return 0


def demo_story(facts: Facts, *, seed: int = 2026, count: int = 1000) -> Story:
    """Return the summary of two weeks with `count` requests; the same for the same seed."""
    asked = generated_requests(facts, seed=seed, count=count, start=START, end=START + LENGTH)
    answers = list(_with_progress(answer_in_order(facts, asked), len(asked)))
    return story(facts, answers, seed=seed, start=START, end=START + LENGTH)


def _store(facts: Facts, asked: Namespace) -> int:
    """Run the requests through a desk with a database, and print what is stored there."""
    clock = StoryClock(START)
    url = asked.database or f"sqlite:///{Path(mkdtemp(prefix='entitlements-')) / 'demo.db'}"
    requests = generated_requests(
        facts, seed=asked.seed, count=asked.requests, start=START, end=START + LENGTH
    )
    with store_at(url, make=True, clock=clock) as store:
        stored = store_run(store, clock, facts, requests)
    if asked.json:
        sys.stdout.write(json.dumps({"database": shown(url), **stored.to_dict()}, indent=2) + "\n")
    else:
        sys.stdout.write(stored.sentences(shown(url)))
    return 0 if stored.good else 1


def document(name: str = DOCUMENT) -> str:
    """Return the text of the demo's document, or of another that is shipped with it."""
    return files("entitlements.cli").joinpath("shipped", name).read_text(encoding="utf-8")


def _parser() -> Parser:
    about = "Answer a thousand requests in two weeks with a clock change, and explain some of them."
    parser = Parser("demo", about)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help=f"{FILES_HELP}; default: the shipped one"
    )
    parser.add_argument("--seed", type=int, default=2026, help="seed of the generated requests")
    parser.add_argument("--requests", type=int, help="how many; default: 1000, or 200 if stored")
    parser.add_argument(
        "--database", nargs="?", const="", metavar="URL",
        help=f"store the run and replay it: {DATABASE_HELP}; default: a temporary file",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument("--write", metavar="FILE", help="write the demo's document to a new file")
    parser.add_argument("--document", action="store_true", help="print the demo's document")
    parser.add_argument("--plans", action="store_true", help="print nine more published plans")
    parser.add_argument(
        "--promises", action="store_true", help="print what the plans promise, for `test`"
    )
    return parser


def _need(*packages: str) -> None:
    missing = [f"`{each}`" for each in packages if find_spec(each) is None]
    if missing:
        raise InvalidValueError(
            f"the demo needs {' and '.join(missing)}, which is not installed",
            hint="install `entitlements[cli]`",
        )


def _with_progress(answers: Iterator[Assessment], count: int) -> Iterator[Assessment]:
    """Yield `answers`, with a progress bar on a terminal."""
    if not sys.stderr.isatty() or find_spec("rich") is None:
        return answers
    from rich.console import Console  # noqa: PLC0415 - rich is an extra
    from rich.progress import track  # noqa: PLC0415 - rich is an extra

    console = Console(stderr=True)
    return iter(track(answers, "answering", total=count, console=console, transient=True))


def _write(path: str) -> int:
    write_file(path, document(), new=True)
    sys.stderr.write(f"wrote {path}; change a number in it, then `entitlements demo {path}`\n")
    return 0
