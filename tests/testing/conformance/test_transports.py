"""Programs and services are asked; one that fails, hangs or says nonsense is reported as such."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.testing.conformance import answer_questions, read_corpus
from entitlements.testing.conformance.check import compare_replies
from entitlements.testing.conformance.transports import ask_command, ask_url

GROUPS = read_corpus()[:3]
QUESTIONS = [each.questions for each in GROUPS]


def python(code: str) -> str:
    return f'{sys.executable} -c "{code}"'


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("pass", "the command has written 0 of 3 lines"),
        ("print(1); raise SystemExit(3)", "written 1 of 3 lines, and ended with 3"),
        ("raise ValueError(7)", "ended with 1: ValueError: 7"),
        ("print('hello')", "`hello` is not JSON"),
        ("print('{}', flush=True); import time; time.sleep(9)", "stopped after 0.5 seconds"),
    ],
    ids=["silent", "ends early", "fails", "nonsense", "hangs"],
)
def test_a_program_that_does_not_answer_is_reported(code: str, why: str) -> None:
    replies = ask_command(python(code), QUESTIONS, 0.5 if "sleep" in code else 30)
    assert len(replies) == len(QUESTIONS)
    assert any(why in str(each) for each in replies)


@pytest.mark.parametrize(("command", "why"), [("no-such-program", "no such file"), ("", "empty")])
def test_a_program_that_cannot_be_started_is_a_mistake(command: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        ask_command(command, QUESTIONS, 1)


class Service(BaseHTTPRequestHandler):
    """A service that answers with this library, or refuses."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.path == "/conformance"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(answer_questions(asked)).encode() if found else b"not here")

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_service_is_asked_by_http() -> None:
    with service() as address:
        replies = ask_url(f"{address}/conformance", QUESTIONS, 30)
        assert all(each.holds for each in compare_replies(GROUPS, replies))
        refused = ask_url(f"{address}/elsewhere", QUESTIONS[:1], 30)
        assert refused == [{"error": "the service has answered 404: not here"}]


@pytest.mark.parametrize("url", ["file:///etc/hosts", "localhost:80", "http://", "http://[", ""])
def test_an_address_that_is_not_of_a_service_is_a_mistake(url: str) -> None:
    with pytest.raises(InvalidValueError, match="is not the address of a service"):
        ask_url(url, QUESTIONS, 1)


def test_a_service_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(InvalidValueError, match="does not answer"):
        ask_url("http://127.0.0.1:1/conformance", QUESTIONS, 1)
