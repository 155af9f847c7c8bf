"""Deliveries for several tenants until nothing is left to send now, and secrets in a file.

This is what `entitlements deliver` and the command of Django have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from entitlements.kernel.errors import DeliveryError, InvalidValueError, UnknownIdError
from entitlements.kernel.instants import text_of
from entitlements.ports.deliveries import Delivery, Endpoint
from entitlements.ports.store import Store
from entitlements.service.messages.cloud_events import CloudEvent, cloud_event
from entitlements.service.messages.relay import (
    DEFAULT_POLICY,
    Publish,
    RelayPolicy,
    RelayRound,
    relay,
)

_PAGE: Final = 100


def deliver_waiting(
    store: Store,
    tenants: Iterable[str] | None,
    publish: Publish,
    *,
    endpoint: Endpoint | None = None,
    policy: RelayPolicy = DEFAULT_POLICY,
    source: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> RelayRound:
    """Deliver what can be delivered now, batch by batch, and return the sum.

    Args:
        store: Where the messages are.
        tenants: Ids of the tenants; None for all tenants of the store.
        publish: Delivers one message, such as a `WebhookSender`.
        endpoint: The endpoint whose messages these are, which is registered for tenants that do not
            know it; None for tenants without endpoints.
        policy: The rules.
        source: URI of the sender in the envelopes; one for each tenant if None.
        stopped: Returns whether to stop after the present message.

    Raises:
        InvalidValueError: A tenant has endpoints, and none is named.
        StorageError: The store failed; what was delivered may be delivered again.

    >>> from entitlements.adapters.memory import MemoryStore
    >>> from entitlements.kernel.instants import utc
    >>> nine = utc("2026-03-02T09:00Z")
    >>> store = MemoryStore(lambda: nine)
    >>> with store.begin("acme") as work:
    ...     number = work.outbox.put("case.reopened", '{"case":"R-1"}', nine, "R-1")
    ...     work.commit()
    >>> deliver_waiting(store, None, lambda event: print(event.subject)).delivered
    R-1
    ('acme/1',)
    """
    total, name = RelayRound(), "" if endpoint is None else endpoint.id
    for tenant in store.tenants() if tenants is None else tenants:
        if endpoint is not None:
            register_endpoint(store, [tenant], endpoint, change=False)
        more = True
        while more and not stopped():
            done = relay(
                store, tenant, publish,
                endpoint=name, policy=policy, source=source, stopped=stopped,
            )  # fmt: skip
            total += done
            more = done.more
    return total


def reported(publish: Publish, write: Callable[[str], object]) -> Publish:
    """Return what delivers a message, and writes a line about each that fails."""

    def deliver(event: CloudEvent) -> None:
        try:
            publish(event)
        except DeliveryError as error:
            write(f"{event.id}: {error}\n")
            raise

    return deliver


def register_endpoint(
    store: Store, tenants: Iterable[str], endpoint: Endpoint, *, change: bool = True
) -> None:
    """Register an endpoint for tenants.

    Args:
        store: Where the tenants are.
        tenants: Ids of the tenants.
        endpoint: The endpoint.
        change: Whether an endpoint of this id that has other topics gets these.
    """
    for tenant in tenants:
        with store.begin(tenant) as work:
            known = {each.id: each for each in work.outbox.endpoints()}
            if known.get(endpoint.id) != endpoint and (change or endpoint.id not in known):
                work.outbox.save_endpoint(endpoint)
                work.commit()


def remove_endpoint(store: Store, tenants: Iterable[str], id: str) -> tuple[str, ...]:
    """Remove an endpoint with all that waits for it; return the tenants that had it.

    Raises:
        UnknownIdError: None of the tenants has it.
    """
    found, others = list[str](), set[str]()
    for tenant in tenants:
        with store.begin(tenant) as work:
            known = {each.id for each in work.outbox.endpoints()}
            if id in known:
                work.outbox.remove_endpoint(id)
                work.commit()
                found.append(tenant)
            others |= known
    if not found:
        raise UnknownIdError("endpoint", id, known=others, path="--endpoint")
    return tuple(found)


def requeue_all(store: Store, tenants: Iterable[str], endpoint: str = "") -> None:
    """Have all dead letters delivered again, those of an endpoint or those without one."""
    for tenant in tenants:
        with store.begin(tenant) as work:
            while letters := work.outbox.dead_letters(most=_PAGE, endpoint=endpoint):
                work.outbox.requeue((each.number for each in letters), endpoint)
            work.commit()


def dead_letters(store: Store, tenants: Iterable[str]) -> Iterator[dict[str, object]]:
    """Yield what is known of each dead letter, as data that JSON can hold."""
    for tenant in tenants:
        with store.begin(tenant) as work:
            endpoints = ["", *(each.id for each in work.outbox.endpoints())]
        for name in endpoints:
            found: Sequence[Delivery] = ()
            while found := _page(store, tenant, name, found[-1].number if found else 0):
                yield from (_shown(tenant, each) for each in found)


def _page(store: Store, tenant: str, endpoint: str, after: int) -> Sequence[Delivery]:
    with store.begin(tenant) as work:
        return work.outbox.dead_letters(after, _PAGE, endpoint)


def _shown(tenant: str, letter: Delivery) -> dict[str, object]:
    message = letter.message
    return {
        "tenant": tenant,
        "endpoint": letter.endpoint or None,
        "id": cloud_event(tenant, message).id,
        "topic": message.topic,
        "case": message.case or None,
        "time": text_of(message.at),
        "attempts": letter.attempts,
        "error": letter.error,
    }


def read_secrets(file: str, *, path: str = "") -> tuple[str, ...]:
    r"""Return the secrets in a file, one a line; empty lines and those with `#` are left out.

    Args:
        file: The file.
        path: What names it, for errors.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "secrets")
    ...     _ = file.write_text("# the next one comes first\nwhsec_bmV4dA==\nwhsec_b2xk\n")
    ...     read_secrets(str(file))
    ('whsec_bmV4dA==', 'whsec_b2xk')

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
