"""The sender against real receivers on this machine: good ones, and as bad as they come."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import jsonschema
import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.webhooks import WebhookSender, verify_signature
from entitlements.kernel.errors import DeliveryError, InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.ports import Message
from entitlements.service import CloudEvent, cloud_event, relay

NINE = utc("2026-03-02T09:00Z")
SECRET = "whsec_" + "A" * 32
BODY = '{"case":"R-1","by":null}'
EVENT = cloud_event("t", Message(number=1, topic="case.resolved", at=NINE, body=BODY, case="R-1"))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Behaviour = Callable[[socket.socket, bytes], None]


def answering(text: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(text)


def status(code: int, *headers: str) -> Behaviour:
    lines = "".join(f"{each}\r\n" for each in headers)
    return answering(f"HTTP/1.1 {code} X\r\n{lines}Content-Length: 0\r\n\r\n".encode())


def request_of(connection: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += some_of(connection)
    head, _, body = found.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += some_of(connection)
    return head + b"\r\n\r\n" + body


def some_of(connection: socket.socket) -> bytes:
    if found := connection.recv(65_536):
        return found
    raise ConnectionResetError


@contextmanager
def receiver(behaviour: Behaviour) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the port of a receiver, and the requests that it gets."""
    seen: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    seen.append(request_of(connection))
                    behaviour(connection, seen[-1])
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], seen
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=5)


def sender(port: int, seconds: float = 5.0) -> WebhookSender:
    return WebhookSender(
        f"http://hooks.local:{port}/in?x=1",
        [SECRET],
        allow=["hooks.local"],
        timeout=timedelta(seconds=seconds),
        now=lambda: NINE,
        resolve=lambda *_: ["127.0.0.1"],
    )


def test_a_message_is_one_signed_post() -> None:
    with receiver(answering(OK)) as (port, seen):
        sender(port)(EVENT)
    (request,) = seen
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    assert first == "POST /in?x=1 HTTP/1.1"
    assert headers["host"] == f"hooks.local:{port}"
    assert headers["content-type"] == "application/cloudevents+json"
    assert body == EVENT.to_json()
    assert verify_signature([SECRET], headers, body, NINE) == "t/1"


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(code: int) -> None:
    with receiver(status(code)) as (port, _):
        sender(port)(EVENT)


@pytest.mark.parametrize(
    ("behaviour", "why", "after", "final"),
    [
        pytest.param(status(500), "answered `500`", None, False, id="failure"),
        pytest.param(status(404), "answered `404`", None, False, id="not found"),
        pytest.param(status(410), "answered `410`", None, True, id="gone"),
        pytest.param(
            status(503, "Retry-After: 120"), "503", timedelta(minutes=2), False, id="slow down"
        ),
        pytest.param(
            status(429, "Retry-After: 99999999999"), "429", timedelta(days=1), False, id="for years"
        ),
        pytest.param(status(429, "Retry-After: soon"), "429", None, False, id="some time"),
        pytest.param(answering(b"nonsense\r\n\r\n"), "did not answer", None, False, id="nonsense"),
        pytest.param(lambda *_: None, "did not answer", None, False, id="closes"),
    ],
)
def test_other_answers_are_errors(
    behaviour: Behaviour,
    why: str,
    after: timedelta | None,
    final: bool,  # noqa: FBT001 - of a table
) -> None:
    with receiver(behaviour) as (port, _), pytest.raises(DeliveryError, match=why) as caught:
        sender(port)(EVENT)
    assert (caught.value.after, caught.value.final) == (after, final)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(code: int) -> None:
    with receiver(answering(OK)) as (other, seen):
        away = status(code, f"Location: http://127.0.0.1:{other}/")
        with (
            receiver(away) as (port, _),
            pytest.raises(DeliveryError, match="redirects, which"),
        ):
            sender(port)(EVENT)
    assert seen == []


def hang(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def drip(connection: socket.socket, _: bytes) -> None:
    for each in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000:
        connection.sendall(bytes([each]))
        time.sleep(0.02)


def flood(connection: socket.socket, _: bytes) -> None:
    connection.sendall(OK[:-2] + b"X: y\r\n" * 100_000)


def endless_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize("behaviour", [hang, drip, flood])
def test_a_receiver_that_hangs_drips_or_floods_is_left_in_time(behaviour: Behaviour) -> None:
    with receiver(behaviour) as (port, _):
        begun = time.monotonic()
        with pytest.raises(DeliveryError, match="did not answer"):
            sender(port, 0.3)(EVENT)
        assert time.monotonic() - begun < 3


def test_the_body_of_an_answer_is_not_read() -> None:
    with receiver(endless_body) as (port, _):
        sender(port)(EVENT)


def test_nothing_is_sent_to_an_address_that_is_not_public() -> None:
    with receiver(answering(OK)) as (port, seen):
        for url in (f"https://127.0.0.1:{port}/", f"https://localhost:{port}/"):
            with pytest.raises(DeliveryError, match="which is not public"):
                WebhookSender(url, [SECRET])(EVENT)
    assert seen == []


def test_the_name_is_resolved_once_and_the_checked_address_is_used() -> None:
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with receiver(answering(OK)) as (port, seen):
        url = f"http://a.example:{port}/"
        WebhookSender(url, [SECRET], allow=["a.example"], resolve=rebinding)(EVENT)
    assert (asked, len(seen)) == (["a.example"], 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "example.com",
        "https://",
        "https://me:secret@example.com/",
        "https://example.com:99999/",
        "https://example.com/a b",
        "https://example.com/\r\nx: y",
        "https://ex\u00e4mple.com/",
        "",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidValueError, match="URL"):
        WebhookSender(url, [SECRET])


def test_nonsense_is_refused() -> None:
    for more in ({"timeout": timedelta()}, {"timeout": 5}, {"secrets": ["x"]}, {"secrets": []}):
        given: dict[str, object] = {"url": "https://example.com/", "secrets": [SECRET], **more}
        with pytest.raises(InvalidValueError):
            WebhookSender(**given)  # type: ignore[arg-type]


def test_tls_checks_the_name_of_the_receiver_and_not_its_address() -> None:
    with receiver(hang) as (port, _), pytest.raises(DeliveryError, match="did not answer"):
        WebhookSender(
            f"https://a.example:{port}/",
            [SECRET],
            allow=["a.example"],
            timeout=timedelta(seconds=0.5),
            resolve=lambda *_: ["127.0.0.1"],
        )(EVENT)


def test_the_envelope_fits_the_published_shape_of_cloud_events() -> None:
    shape = {
        "type": "object",
        "required": ["id", "source", "specversion", "type"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
            "specversion": {"const": "1.0"},
            "type": {"type": "string", "minLength": 1},
            "time": {"type": "string", "format": "date-time"},
            "subject": {"type": "string", "minLength": 1},
            "dataschema": {"type": "string", "format": "uri"},
        },
        "propertyNames": {"pattern": "^[a-z0-9]+$"},
    }
    jsonschema.validate(EVENT.to_dict(), shape)


def test_a_relay_sends_webhooks() -> None:
    store = MemoryStore()
    with store.begin("t") as work:
        work.outbox.put("case.resolved", BODY, NINE, "R-1")
        work.commit()
    with receiver(answering(OK)) as (port, seen):
        assert relay(store, "t", sender(port)).delivered == ("t/1",)
    assert len(seen) == 1


def test_a_message_is_a_value() -> None:
    assert isinstance(EVENT, CloudEvent)
    assert EVENT.data == {"case": "R-1", "by": None}
