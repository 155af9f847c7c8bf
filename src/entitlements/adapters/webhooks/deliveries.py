"""Deliveries for several tenants until nothing is left to send now, and secrets in a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from entitlements.kernel.errors import InvalidValueError
from entitlements.ports.store import Store
from entitlements.service.messages.relay import (
    DEFAULT_POLICY,
    Publish,
    RelayPolicy,
    RelayRound,
    relay,
)


def deliver_waiting(
    store: Store,
    tenants: Iterable[str] | None,
    publish: Publish,
    *,
    policy: RelayPolicy = DEFAULT_POLICY,
    source: str | None = None,
) -> RelayRound:
    """Deliver what can be delivered now, batch by batch, and return the sum.

    Args:
        store: Where the messages are.
        tenants: Ids of the tenants; None for all tenants of the store.
        publish: Delivers one message, such as a `WebhookSender`.
        policy: The rules.
        source: URI of the sender in the envelopes; one for each tenant if None.

    Raises:
        StorageError: The store failed; what was delivered may be delivered again.
    """
    total = RelayRound()
    for tenant in store.tenants() if tenants is None else tenants:
        more = True
        while more:
            done = relay(store, tenant, publish, policy=policy, source=source)
            total += done
            more = done.more
    return total


def read_secrets(file: str, *, path: str = "") -> tuple[str, ...]:
    """Return the secrets in a file, one a line; empty lines and those with `#` are left out.

    Args:
        file: The file.
        path: What names it, for errors.

    Raises:
        InvalidValueError: The file cannot be read, or has no secret.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise InvalidValueError(f"`{file}` cannot be read", hint=why.lower(), path=path) from None
    found = tuple(each.strip() for each in lines if each.strip() and each.strip()[0] != "#")
    if not found:
        raise InvalidValueError(f"`{file}` has no secret", hint="one `whsec_...` a line", path=path)
    return found
