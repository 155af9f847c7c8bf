"""Sending of notices through a port, each of them once: from a register, or from an outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from entitlements.aftersales.notices import Notice, NoticeRegister
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.data.records import Record
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import instant_of
from entitlements.ports.rules.arguments import function_of
from entitlements.service.messages.cloud_events import PREFIX, CloudEvent
from entitlements.service.messages.relay import Publish
from entitlements.service.records.record_bodies import NoticeSentBody

_SENT: Final = f"{PREFIX}notice.sent"
_BODY: Final = Record(NoticeSentBody)


@runtime_checkable
class NoticeSender(Protocol):
    """What brings a notice to a customer: a letter, a mail, a row of an outbox."""

    def send(self, notice: Notice) -> None:
        """Send a notice, or raise.

        The id of the notice is an idempotency key: after a crash between sending and recording it
        is sent again with the same id.
        """
        ...


def send_notices(
    due: Iterable[Notice], register: NoticeRegister, sender: NoticeSender, at: datetime
) -> tuple[NoticeRegister, FrozenMap[str, str]]:
    """Send what is due and not in the register; return the register after that.

    A notice that could not be sent is not in the register, so that it is due again, and it stops
    no other one.

    Args:
        due: The notices.
        register: What was sent before.
        sender: Brings them to the customers.
        at: The instant of sending.

    Returns:
        The register, and the reason for each notice that could not be sent, by its id.
    """
    found, now = instance_of(NoticeRegister, register), instant_of(at)
    failed: dict[str, str] = {}
    for notice in tuple_of(Notice, due):
        if notice in found:
            continue
        try:
            sender.send(notice)
        except Exception as error:  # noqa: BLE001 - whatever a sender raises, the others go out
            failed[notice.id] = f"{type(error).__name__}: {error}"
        else:
            found = found.with_sent([notice], now)
    return found, FrozenMap(failed)


def notice_publisher(sender: NoticeSender, others: Publish) -> Publish:
    """Return what a relay delivers messages with: notices through a sender.

    A notice is delivered again, with the same id, if the relay was stopped before it could note
    that it was sent.

    >>> from entitlements.service import relay
    >>> from entitlements.adapters.memory import MemoryStore
    >>> class Letters:
    ...     def send(self, notice: Notice) -> None:
    ...         print(notice.id)
    >>> publish = notice_publisher(Letters(), others=lambda event: None)
    >>> relay(MemoryStore(), "my company", publish).delivered
    ()

    Args:
        sender: Brings notices to the customers.
        others: Delivers all other messages.
    """
    if not callable(getattr(sender, "send", None)):
        raise InvalidValueError(f"`{sender!r:.100}` sends no notices", hint="it needs `send`")
    function_of(others, "others")

    def publish(event: CloudEvent) -> None:
        if event.type == _SENT:
            sender.send(_BODY.read(event.data, "").notice)
        else:
            others(event)

    return publish
