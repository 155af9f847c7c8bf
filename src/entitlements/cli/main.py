"""Entry point of the command line: commands, exit codes, streams.

Data goes to standard output and messages to standard error. Exit codes: 0 for an answer, 1 for
findings, 2 for a mistake in the arguments or input that cannot be read, 130 when interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import Final

from entitlements.kernel.errors import (
    DocumentError,
    EntitlementsError,
    InvalidValueError,
)
from entitlements.kernel.hints import closest_match_hint

COMMANDS: Final = {
    "demo": "answer a thousand requests under published support plans",
    "init": "write a first document of facts, from six answers",
    "check": "list everything that is wrong with documents",
    "show": "show the plans in documents as tables",
    "diff": "list what changes for customers from one document to another",
    "freeze": "write documents as one, with every public holiday and inherited value",
    "bill": "state what a customer owes for a period, line by line",
    "report": "show how a period went: promises, waits, backlog and pauses",
    "decide": "answer one request from the facts in documents, with every reason",
    "test": "check promises: questions with the answers that customers rely on",
    "fuzz": "search documents for answers that were not intended",
    "conformance": "check another implementation against the corpus of questions",
    "load": "bring documents into a database, and show what changes",
    "dump": "write the facts in a database as a document",
    "work": "offer the waiting work of a database, beside other workers",
    "deliver": "send the messages of a database to a URL, as signed webhooks",
    "notices": "send every notice that customers must have by now, once",
    "migrate": "bring the tables of a database to this version",
    "bench": "measure routers on the same worlds, with every choice checked",
    "schema": "print the JSON Schema of documents, answers or messages",
}
_FOLDERS: Final = {
    **dict.fromkeys(("load", "dump", "work", "deliver", "notices", "migrate"), "databases"),
    **dict.fromkeys(("bill", "report"), "periods"),
    **dict.fromkeys(("test", "fuzz", "conformance"), "testing"),
}
USAGE: Final = 2
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one return for each outcome
    """Run one command and return the exit code.

    Args:
        arguments: What follows the program's name; None for those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_streams()
    _replace_unencodable()
    try:
        return _run(words)
    except SystemExit as end:  # `--help` was shown
        return int(end.code or 0)
    except DocumentError as error:
        return _refuse(str(error))
    except EntitlementsError as error:
        return _refuse(f"entitlements: {error}")
    except KeyboardInterrupt:
        sys.stderr.write("entitlements: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()  # the reader has closed the pipe
        return 0
    except OSError as error:
        _discard_output()
        return _refuse(f"entitlements: {(error.strerror or 'the system refused').lower()}")


def _run(words: list[str]) -> int:
    if not words:
        sys.stderr.write(_help())
        return USAGE
    first, rest = words[0], words[1:]
    if first in {"-h", "--help", "help"}:
        sys.stdout.write(_help())
        return 0
    if first in {"-V", "--version"}:
        sys.stdout.write(f"entitlements {version('entitlements')}\n")
        return 0
    if first not in COMMANDS:
        hint = closest_match_hint(first, COMMANDS) or f"commands: {', '.join(COMMANDS)}"
        raise InvalidValueError(f"there is no command `{first}`", hint=hint)
    folder = f"{_FOLDERS[first]}." if first in _FOLDERS else ""
    command = import_module(f"entitlements.cli.commands.{folder}{first}")
    code: int = command.run(rest)
    sys.stdout.flush()
    return code


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: entitlements COMMAND ...",
            "",
            "Decide whether a support contract gives access to experts now, and what it promises.",
            "",
            *lines,
            "",
            "`entitlements COMMAND --help` shows the options of a command.",
            "",
        ]
    )


def _refuse(message: str) -> int:
    with suppress(OSError):  # without standard error, the exit code remains
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    return USAGE


def _discard_output() -> None:
    """Prevent a failing flush of standard output when the interpreter exits."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Replace standard streams that the caller closed by the null device."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - open until the process ends
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the process ends


def _replace_unencodable() -> None:
    """Print `?` for a character that the terminal cannot encode, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
