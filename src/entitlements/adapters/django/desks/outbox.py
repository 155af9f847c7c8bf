"""Relay of the outbox: after each commit its messages are sent to the receivers of a signal.

Receivers run in the transaction that removes the message from the outbox. So what they write to the
same database happens once for each message; what they do elsewhere, at least once.
"""

from __future__ import annotations

import logging
from typing import Final

from django.dispatch import Signal

from entitlements.ports.records import Message
from entitlements.ports.store import Store

message_committed = Signal()
"""Sent with `tenant` and `message` for each message in the outbox, in their order."""

SIGNAL_ENDPOINT: Final = "signals"
"""Id of the endpoint that the receivers of the signal are, for a tenant with endpoints."""

PAGE: Final = 100
_LOG: Final = logging.getLogger(__name__)


def send_committed(store: Store, tenant: str) -> int:
    """Send the messages that wait in a tenant's outbox, and return how many were sent.

    Each message has its own transaction. If a receiver raises an exception, it is logged, that
    message and the later ones of its case stay in the outbox, and the next call begins with it.
    Without receivers nothing is sent. What another relay has claimed, and dead letters, are left
    alone. If the tenant has endpoints, these are the messages of the endpoint `signals`; without
    it, nothing is sent.

    Args:
        store: Where the messages are; a `DjangoStore`, for receivers that write to its database.
        tenant: Id of the tenant.

    Raises:
        StorageError: The store failed.
    """
    sent, failed = 0, set[str]()
    while message_committed.has_listeners():
        with store.begin(tenant) as work:
            now, known = work.now(), [each.id for each in work.outbox.endpoints()]
            if known and SIGNAL_ENDPOINT not in known:
                break
            endpoint = SIGNAL_ENDPOINT if known else ""
            work.outbox.distribute(now, PAGE)
            # A claim for no time: the transaction holds the message, and ends with its receivers.
            claimed = work.outbox.claim(now, now, PAGE if failed else 1, endpoint)
            found = next((each for each in claimed if _line(each.message) not in failed), None)
            if found is None:
                break
            try:
                message_committed.send(sender=send_committed, tenant=tenant, message=found.message)
            except Exception:
                _LOG.exception("message %s of %s was not delivered", found.number, tenant)
                failed.add(_line(found.message))
                continue
            work.outbox.finish([found])
            work.commit()
            sent += 1
    return sent


def _line(message: Message) -> str:
    """Return what a message that fails holds back: its case, or itself alone."""
    return message.case or f"{message.number}"
