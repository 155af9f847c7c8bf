"""Sender of webhooks: one signed POST for each message, to an address that was checked.

It follows no redirects, reads no more than a little of an answer, and ends in time, whatever the
receiver does.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, final
from urllib.parse import SplitResult, urlsplit

from entitlements.adapters.webhooks.addresses import (
    Address,
    Resolve,
    allowing,
    checked_addresses,
    system_addresses,
)
from entitlements.adapters.webhooks.signatures import signed_headers
from entitlements.kernel.converters import as_text, as_tuple, instance_of
from entitlements.kernel.errors import DeliveryError, InvalidValueError
from entitlements.service.messages.cloud_events import CONTENT_TYPE, CloudEvent

TIMEOUT: Final = timedelta(seconds=10)
MAX_WAIT: Final = timedelta(days=1)
_GONE: Final = 410
_SLOW_DOWN: Final = frozenset({429, 502, 503, 504})


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the age of a signature is by the sender's clock


@final
class WebhookSender:
    """Sends messages to one URL; pass it to `relay` as `publish`.

    Args:
        url: Where to: `https`, or `http` for hosts that are allowed.
        secrets: Secrets of Standard Webhooks, `whsec_...`; each message is signed with all.
        allow: Hosts, by name, that may have addresses that are not public.
        timeout: The longest time for a message, from resolving the name to the answer; shorter
            than the timeout of the relay's policy.
        context: Settings of TLS; those of the system if None.
        now: Returns the present instant, for the signature.
        resolve: The resolver of names.

    >>> WebhookSender("https://example.com/hook", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]).host
    'example.com'

    Raises:
        InvalidValueError: The URL or a secret is none.
    """

    __slots__ = (
        "_allowed", "_context", "_now", "_resolve", "_secrets", "_target", "_timeout",
        "host", "port", "url",
    )  # fmt: skip

    def __init__(
        self,
        url: str,
        secrets: Iterable[str],
        *,
        allow: Iterable[str] = (),
        timeout: timedelta = TIMEOUT,
        context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _now,
        resolve: Resolve = system_addresses,
    ) -> None:
        self.url, parts = url, _parts(url)
        secure, self.host = parts.scheme == "https", (parts.hostname or "").rstrip(".")
        self._allowed = frozenset(as_text(each).lower() for each in as_tuple(allow))
        if not secure and self.host not in self._allowed:
            raise InvalidValueError(
                f"`{url}` is not a URL with `https`",
                hint=allowing(self.host),
                path="url",
            )
        self.port = parts.port or (443 if secure else 80)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secrets = tuple([secrets] if isinstance(secrets, str) else as_tuple(secrets))
        signed_headers(self._secrets, "x", now(), b"")
        if instance_of(timedelta, timeout) <= timedelta():
            raise InvalidValueError(f"a timeout of `{timeout}` is not more than 0", path="timeout")
        self._timeout = timeout.total_seconds()
        self._context = (context or ssl.create_default_context()) if secure else None
        self._now, self._resolve = now, resolve

    def __call__(self, event: CloudEvent) -> None:
        """Send a message.

        Raises:
            DeliveryError: The receiver did not answer with a status from 200 to 299 in time. It is
                final if the receiver answered 410.
        """
        end, body = time.monotonic() + self._timeout, event.to_json()
        headers = {
            **signed_headers(self._secrets, event.id, self._now(), body),
            "content-type": CONTENT_TYPE,
            "user-agent": "entitlements",
            "connection": "close",
        }
        addresses = checked_addresses(
            self.host,
            self.port,
            allowed=self._allowed,
            seconds=self._timeout,
            resolve=self._resolve,
        )
        connection = _PinnedConnection(self.host, self.port, addresses, self._context, end)
        try:
            status, again = connection.post(self._target, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = f"{type(error).__name__}: {error}" if time.monotonic() < end else "too slow"
            raise DeliveryError(f"`{self.host}` did not answer", hint=why) from error
        _check(self.host, status, again)


def _parts(url: str) -> SplitResult:
    try:
        found = urlsplit(as_text(url))
        has_host, _ = bool(found.hostname), found.port
    except ValueError:
        has_host, found = False, urlsplit("")
    known = found.scheme in {"https", "http"} and has_host and url.isascii()
    if not known or found.username is not None or not url.isprintable() or " " in url:
        hint = "such as `https://example.com/hook`, without a password"
        raise InvalidValueError(f"`{url!s:.200}` is not the URL of a receiver", hint=hint)
    return found


def _check(host: str, status: int, retry_after: str | None) -> None:
    ok = range(200, 300)
    if status in ok:
        return
    if status in range(300, 400):
        hint = "register the URL that it redirects to"
        raise DeliveryError(f"`{host}` redirects, which is not followed", hint=hint)
    after = None
    if status in _SLOW_DOWN and retry_after and retry_after.isascii() and retry_after.isdigit():
        after = min(timedelta(seconds=int(retry_after[:6])), MAX_WAIT)
    raise DeliveryError(f"`{host}` answered `{status}`", after=after, final=status == _GONE)


@final
class _PinnedConnection(http.client.HTTPConnection):
    """A connection to one of the addresses that were checked, ended by force when its time is up.

    A limit for each read alone would not do: a receiver may send a byte now and then for ever.
    """

    def __init__(
        self,
        host: str,
        port: int,
        addresses: tuple[Address, ...],
        context: ssl.SSLContext | None,
        end: float,
    ) -> None:
        super().__init__(host, port)
        self._addresses = addresses
        self._tls = context
        self._end = end
        self.sock = None

    def post(self, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
        """Return the status of the answer, and when to try again, if it says so."""
        timer = threading.Timer(self._left(), self._stop)
        timer.daemon = True
        timer.start()
        try:
            self.request("POST", target, body, headers)
            answer = self.getresponse()  # the rest of it is not read, however long it is
            self._left()  # an answer that was cut off looks like a short one
            return answer.status, answer.getheader("retry-after")
        finally:
            timer.cancel()
            self.close()

    def connect(self) -> None:
        """Connect to the first address that accepts it."""
        last: OSError = DeliveryError("there is no address")
        for address in self._addresses:
            try:
                raw = socket.create_connection(address, timeout=self._left())
            except OSError as error:
                last = error
                continue
            self.sock = raw
            if self._tls is not None:
                secure = self._tls.wrap_socket(
                    raw, server_hostname=self.host, do_handshake_on_connect=False
                )
                self.sock = secure
                secure.do_handshake()
            return
        raise last

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeliveryError("time is up")
        return left

    def _stop(self) -> None:
        sock: socket.socket | None = self.sock
        if sock is not None:
            with suppress(OSError):
                # It wakes the thread that reads. That of TLS would first take its state apart.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
