"""Command `deliver`: a real receiver gets signed messages, and every mistake is named."""

from __future__ import annotations

import json
import os
import signal
import socket
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
    capsys.readouterr()
    assert main(["deliver", "--database", url, "--dead"]) == 0
    first, *others = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["id"], first["topic"], first["case"]) == ("tenant/1", "case.granted", "R-0")
    assert (first["tenant"], first["endpoint"], first["attempts"]) == (TENANT, None, 1)
    assert "410" in first["error"]
    assert len(others) == 2
    with receiver(status(200)) as (port, seen):
        assert delivered(url, secret, port) == 0
        assert not seen
        assert delivered(url, secret, port, "--again") == 0
    assert [json.loads(each)["delivered"] for each in capsys.readouterr().out.splitlines()] == [
        0, 3,
    ]  # fmt: skip


def test_each_endpoint_gets_its_topics_and_none_waits_for_another(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with receiver(status(503)) as (down, _), receiver(status(200)) as (up, seen):
        assert delivered(url, secret, down, "--endpoint", "crm") == 0
        ours = ["--endpoint", "ours", "--topic", "case.*", "--topic", "queue.full"]
        assert delivered(url, secret, up, *ours) == 0
        assert not seen, "it gets what happens from its registration"
        store = SqlStore.open(url)
        admitted(desk(store), request("R-9"))
        assert delivered(url, secret, up, "--endpoint", "ours") == 0
        with store.begin(TENANT) as work:
            (topics,) = [each.topics for each in work.outbox.endpoints() if each.id == "ours"]
        assert topics == {"case.*", "queue.full"}, "they stay if none are named"
        store.close()
        assert delivered(url, secret, up) == 2
        assert delivered(url, secret, up, "--endpoint", "ours", "--topic", "case.grantd") == 2
        assert delivered(url, secret, up, "--endpoint", "ours", "--topic", "ca*") == 2
        assert delivered(url, secret, up, "--topic", "case.*") == 2
    assert len(seen) == 1
    assert main(["deliver", "--database", url, "--endpoint", "crm", "--remove"]) == 0
    assert main(["deliver", "--database", url, "--endpoint", "crm", "--remove"]) == 2
    out, err = capsys.readouterr()
    counts = [json.loads(each) for each in out.splitlines()]
    assert [(each.get("delivered"), each.get("failed")) for each in counts] == [
        (0, 3), (0, 0), (1, 0), (None, None),
    ]  # fmt: skip
    assert counts[3] == {"removed": [TENANT]}
    for each in (
        "go to its endpoints (name one of `crm`, `ours`)",
        "--topic: no topic has the id `case.grantd` (did you mean `case.granted`?)",
        "--topic: `ca*` is no topic of an endpoint",
        "--topic: name the endpoint (--endpoint)",
        "--endpoint: no endpoint has the id `crm`",
    ):
        assert each in err


def test_a_receiver_in_the_own_network_is_allowed_by_an_option(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["deliver", "--database", url, "--secret-file", secret, "--once", "--to"]
    assert main([*words, "http://localhost:9/"]) == 2
    assert "`--allow localhost`" in capsys.readouterr().err
    assert main([*words, "https://127.0.0.1:9/"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["failed"] == 3
    line = "tenant/1: `127.0.0.1` has the address `127.0.0.1`, which is not public (if the host"
    assert err.startswith(line)
    assert err.count("`--allow 127.0.0.1`") == 3


def test_after_a_signal_the_present_message_is_finished_and_the_others_wait(
    url: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopping(connection: socket.socket, _: bytes) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    to = ["--allow", "localhost", "--secret-file", secret]
    before = signal.getsignal(signal.SIGTERM)
    with receiver(stopping) as (port, _):
        to += ["--to", f"http://localhost:{port}/"]
        assert main(["deliver", "--database", url, *to]) == 0
    with receiver(status(200)) as (port, _):
        assert delivered(url, secret, port) == 0
    counts = [json.loads(each)["delivered"] for each in capsys.readouterr().out.splitlines()]
    assert counts == [1, 2]
    assert signal.getsignal(signal.SIGTERM) is before


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
        pytest.param({"--tenant": "acmee"}, "--tenant: no tenant has the id `acmee`", id="tenant"),
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
