"""How another implementation is asked: as a program by lines of JSON, or as a service by HTTP."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.conformance.corpus import Data

_SHOWN: Final = 200
"""How many characters of an answer that cannot be read are shown."""


def ask_command(command: str, questions: Sequence[Data], timeout: float) -> list[Any]:
    """Run a program once, and return its reply to the questions of each group.

    The program reads one line of JSON for each group of questions, and writes one line for each.

    Args:
        command: The program and its arguments, as in a shell, but without one.
        questions: The questions of all groups.
        timeout: After how many seconds the program is stopped.

    >>> ask_command("echo '{}'", [{}, {}], 10)
    [{}, {'error': 'the command has written 1 of 2 lines'}]

    Raises:
        InvalidValueError: The program cannot be started.
    """
    lines = "".join(f"{json.dumps(each)}\n" for each in questions)
    written, why = _run(command, lines, timeout)
    replies = [_read(each) for each in written.splitlines() if each.strip()][: len(questions)]
    missing = f"the command has written {len(replies)} of {len(questions)} lines{why}"
    return replies + [{"error": missing}] * (len(questions) - len(replies))


def _run(command: str, lines: str, timeout: float) -> tuple[str, str]:
    """Return what a program has written, and why it has ended early."""
    try:
        words = shlex.split(command)
        if not words:
            raise InvalidValueError("the command is empty", path="--command")
        done = subprocess.run(  # noqa: S603 - the caller's own command, without a shell
            words, input=lines.encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        text = (error.stdout or b"").decode("utf-8", "replace")
        return text, f", and was stopped after {timeout:g} seconds"
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidValueError):
            raise
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise InvalidValueError(f"`{command}` cannot be started: {why}", path="--command") from None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = f": {said[-1]:.{_SHOWN}}" if said else ""
    code = f", and ended with {done.returncode}{last}" if done.returncode else ""
    return done.stdout.decode("utf-8", "replace"), code


def ask_url(url: str, questions: Sequence[Data], timeout: float) -> list[Any]:
    """Post the questions of each group to a service, and return its replies.

    Args:
        url: The address, by HTTP or HTTPS.
        questions: The questions of all groups.
        timeout: How many seconds to wait for each reply.

    Raises:
        InvalidValueError: The address is not one of HTTP, or the service cannot be reached.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        hint = "such as `http://localhost:8000/conformance`"
        raise InvalidValueError(f"`{url}` is not the address of a service", hint=hint, path="--url")
    return [_post(url, each, timeout) for each in questions]


def _post(url: str, questions: Data, timeout: float) -> Any:
    posted = HttpRequest(  # noqa: S310 - HTTP or HTTPS, as checked by the caller
        url, json.dumps(questions).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urlopen(posted, timeout=timeout) as reply:  # noqa: S310 - as above
            return _read(reply.read().decode("utf-8", "replace"))
    except HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        return {"error": f"the service has answered {error.code}: {text:.{_SHOWN}}"}
    except (OSError, HTTPException, ValueError) as error:
        why = str(getattr(error, "reason", error)).lower()
        raise InvalidValueError(f"`{url}` does not answer: {why}", path="--url") from None


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"error": f"`{text:.{_SHOWN}}` is not JSON"}
