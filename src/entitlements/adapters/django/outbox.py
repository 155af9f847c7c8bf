"""Relay of the outbox: after each commit its messages are sent to the receivers of a signal.

Receivers run in the transaction that removes the message from the outbox. So what they write to the
same database happens once for each message; what they do elsewhere, at least once.
"""

from __future__ import annotations

import logging
from typing import Final

from django.dispatch import Signal

from entitlements.ports.store import Store

message_committed = Signal()
"""Sent with `tenant` and `message` for each message in the outbox, in their order."""

PAGE: Final = 100
_LOG: Final = logging.getLogger(__name__)


def relay(store: Store, tenant: str) -> int:
    """Send the messages that wait in a tenant's outbox, and return how many were sent.

    Each message has its own transaction. If a receiver raises an exception, it is logged, that
    message and all after it stay in the outbox, and the next call begins with it. Without receivers
    nothing is sent.

    Args:
        store: Where the messages are; a `DjangoStore`, for receivers that write to its database.
        tenant: Id of the tenant.

    Raises:
        StorageError: The store failed.
    """
    sent = 0
    while message_committed.has_listeners():
        with store.begin(tenant) as work:
            waiting = work.outbox.pending(1)
            if not waiting:
                break
            try:
                message_committed.send(sender=relay, tenant=tenant, message=waiting[0])
            except Exception:
                _LOG.exception("message %s of %s was not delivered", waiting[0].number, tenant)
                break
            work.outbox.delivered([waiting[0].number])
            work.commit()
            sent += 1
    return sent
