"""Command `deliver`: a real receiver gets signed messages, and every mistake is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.adapters.webhooks.test_sender import receiver, status
from tests.service.desks import TENANT, admitted, desk, request, settle

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.adapters.webhooks import verify_signature
from entitlements.cli.main import main
from entitlements.kernel.instants import from_micros

SECRET = "whsec_" + "A" * 32


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'messages.db'}"
    migrate(made)
    store = SqlStore.open(made)
    settle(store)
    for number in range(3):
        admitted(desk(store), request(f"R-{number}"))
    store.engine.dispose()
    return made


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret"
    file.write_text(f"# of the receiver\n\n{SECRET}\n", encoding="utf-8")
    return str(file)


def delivered(url: str, secret: str, port: int, *more: str) -> int:
    to = ["--to", f"http://localhost:{port}/hook", "--allow", "localhost", "--secret-file", secret]
    return main(["deliver", "--database", url, "--once", *to, *more])


def test_every_message_arrives_signed_and_once(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiver(status(200)) as (port, seen):
        assert delivered(url, secret, port) == 0
        assert json.loads(capsys.readouterr().out) == {"delivered": 3, "failed": 0, "dead": 0}
        assert delivered(url, secret, port, "--tenant", TENANT) == 0
    assert len(seen) == 3
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = [each.decode().split(": ", 1) for each in head.split(b"\r\n")[1:]]
    headers = {name.lower(): value for name, value in lines}
    sent, signed = json.loads(body), from_micros(int(headers["webhook-timestamp"]) * 1_000_000)
    assert verify_signature([SECRET], headers, body, at=signed) == sent["id"]
    assert sent["type"] == "entitlements.case.granted"


def test_a_receiver_that_wants_no_more_leaves_dead_letters_that_can_be_sent_again(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiver(status(410)) as (port, _):
        assert delivered(url, secret, port) == 1
    with receiver(status(200)) as (port, seen):
        assert delivered(url, secret, port) == 0
        assert not seen
        assert delivered(url, secret, port, "--again") == 0
    assert [json.loads(each)["delivered"] for each in capsys.readouterr().out.splitlines()] == [
        0, 0, 3,
    ]  # fmt: skip


def test_a_receiver_that_fails_keeps_its_messages_for_later(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiver(status(307, "Location: http://169.254.169.254/")) as (port, _):
        assert delivered(url, secret, port) == 0
    assert json.loads(capsys.readouterr().out) == {"delivered": 0, "failed": 3, "dead": 0}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"--to": "http://example.com/"}, "--to: `http://example.com/`", id="plain"),
        pytest.param({"--to": "ftp://example.com/"}, "--to: ", id="no URL of a receiver"),
        pytest.param({"--secret-file": "missing"}, "--secret-file: `missing`", id="no file"),
        pytest.param({"--poll": "0"}, "--poll: `0.0` seconds", id="no pause"),
        pytest.param({"--timeout": "1e9"}, "--timeout: ", id="for ever"),
    ],
)
def test_a_mistake_is_named(
    changed: dict[str, str], why: str, url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"--database": url, "--to": "https://example.com/", "--secret-file": secret}
    words = [word for pair in (options | changed).items() for word in pair]
    assert main(["deliver", "--once", *words]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(("text", "why"), [("", "has no secret"), ("whsec_?", "--secret-file")])
def test_a_file_without_secrets_is_refused(
    text: str, why: str, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "empty"
    file.write_text(text, encoding="utf-8")
    to = ["--to", "https://example.com/", "--secret-file", str(file)]
    assert main(["deliver", "--once", "--database", url, *to]) == 2
    assert why in capsys.readouterr().err
