"""Signatures of webhooks, by Standard Webhooks: HMAC-SHA256 over id, timestamp and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from entitlements.kernel.converters import as_text, as_tuple
from entitlements.kernel.errors import InvalidValueError, SignatureError
from entitlements.kernel.instants import text_of, to_micros

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = timedelta(minutes=5)
PREFIX: Final = "whsec_"
_VERSION: Final = "v1,"
_SECOND: Final = 1_000_000
_SHORTEST: Final = 24
_LONGEST: Final = 64


def signed_headers(secrets: Iterable[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that sign a webhook.

    Args:
        secrets: `whsec_` and 24 to 64 bytes in base64; several while a secret is replaced.
        id: Id of the message, the same for each try; without a full stop, which separates what is
            signed.
        at: Instant of this try.
        body: The body, byte for byte as it is sent.

    Raises:
        InvalidValueError: There is no secret, or one is none; or the id has a full stop.

    >>> from entitlements.kernel.instants import utc
    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> at = utc("2021-02-25T15:02:10Z")
    >>> signed_headers([secret], "msg_1", at, b"{}")["webhook-timestamp"]
    '1614265330'
    """
    if "." in as_text(id):
        # Its end could be moved into the timestamp, and that into the body.
        raise InvalidValueError(
            f"`{id:.200}` is not the id of a webhook", hint="it has a full stop"
        )
    stamp = str(to_micros(at) // _SECOND)
    found = [_signature(each, id, stamp, body) for each in _keys(secrets)]
    return {ID: id, TIMESTAMP: stamp, SIGNATURE: " ".join(found)}


def verify_signature(
    secrets: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
    *,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of a webhook that one of the secrets has signed a moment ago.

    Args:
        secrets: The secrets that are valid now.
        headers: Headers of the request, in any letter case.
        body: The body, byte for byte as it came.
        at: The present instant.
        tolerance: How much earlier or later than `at` it may have been signed.

    Raises:
        SignatureError: A header is missing, the signature is of none of the secrets, or it is too
            old or too new. Answer 400, and do nothing with the body.
        InvalidValueError: There is no secret, or one is none.

    >>> from entitlements.kernel.instants import utc
    >>> secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", utc("2021-02-25T15:02:10Z")
    >>> headers = signed_headers([secret], "msg_1", at, b"{}")
    >>> verify_signature([secret], headers, b"{}", at)
    'msg_1'
    """
    keys, given = _keys(secrets), {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not given.get(name)]
    if missing:
        raise SignatureError(f"the webhook has no header `{missing[0]}`")
    stamp = given[TIMESTAMP]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("9999999999")):
        raise SignatureError("the timestamp of the webhook is no number of seconds")
    signed = given[SIGNATURE].split()
    wanted = [_signature(each, given[ID], stamp, body) for each in keys]
    if not any(_equal(one, other) for one in signed for other in wanted):
        raise SignatureError("the webhook was not signed with this secret, or has been changed")
    age = to_micros(at) - int(stamp) * _SECOND
    if abs(age) > tolerance / timedelta(microseconds=1):
        raise SignatureError(
            f"the webhook was signed at `{text_of(int(stamp) * _SECOND)}`",
            hint=f"at most {tolerance} from now; somebody may have sent it again",
        )
    return given[ID]


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _signature(key: bytes, id: str, stamp: str, body: bytes) -> str:
    digest = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(digest).decode()


def _keys(secrets: Iterable[str]) -> list[bytes]:
    given = [secrets] if isinstance(secrets, str) else as_tuple(secrets)
    found = [_key(each) for each in given]
    if not found:
        raise InvalidValueError("a webhook needs a secret", hint="`whsec_` and base64")
    return found


def _key(secret: str) -> bytes:
    # No message names the secret: messages end up in logs.
    text = as_text(secret)
    try:
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not text.startswith(PREFIX) or not _SHORTEST <= len(found) <= _LONGEST:
        hint = f"`{PREFIX}` and {_SHORTEST} to {_LONGEST} bytes in base64"
        raise InvalidValueError("the secret of a webhook is none", hint=hint)
    return found
