"""Addresses of receivers: which ones a webhook may be sent to.

A URL that somebody else has chosen must not reach the machines of the sender's own network. So a
name is resolved once, its addresses are checked, and the connection is made to one of them.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeAlias

from entitlements.kernel.errors import DeliveryError

Address: TypeAlias = tuple[str, int]
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, as text."""

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
_LAST_32: Final = 2**32 - 1


def system_addresses(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host by the resolver of the system.

    Raises:
        OSError: There are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def checked_addresses(
    host: str,
    port: int,
    *,
    allowed: AbstractSet[str] = frozenset(),
    seconds: float = 5.0,
    resolve: Resolve = system_addresses,
) -> tuple[Address, ...]:
    """Return the addresses of a host to which a webhook may be sent.

    Args:
        host: Name or address, in small letters.
        port: The port.
        allowed: Hosts whose addresses may be anywhere.
        seconds: How long to wait for the resolver.
        resolve: The resolver.

    Raises:
        DeliveryError: The host has no address, or one that is not public: private, loopback,
            link-local, reserved, or such an address inside one of IPv6.
    """
    found = _resolved(host, port, seconds, resolve)
    if host not in allowed:
        for each in found:
            if not is_public(each):
                raise DeliveryError(
                    f"`{host}` has the address `{each}`, which is not public",
                    hint=allowing(host),
                )
    return tuple((each, port) for each in found)


def allowing(host: str) -> str:
    """Return the hint that says how to allow a host, in Python and for a command."""
    return f"if the host is yours, pass `allow=['{host}']`, or `--allow {host}` to the command"


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet.

    >>> is_public("93.184.215.14"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = _embedded(found) if isinstance(found, ipaddress.IPv6Address) else None
    if inside is not None:
        return is_public(str(inside))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the address of IPv4 to which a packet for this one may be sent in the end."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & _LAST_32)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _resolved(host: str, port: int, seconds: float, resolve: Resolve) -> Sequence[str]:
    answers: queue.Queue[Any] = queue.Queue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        raise DeliveryError(f"`{host}` was not resolved in `{seconds:g}` seconds") from None
    if isinstance(found, Exception):
        raise DeliveryError(f"`{host}` cannot be resolved", hint=str(found)) from found
    if not found:
        raise DeliveryError(f"`{host}` has no address")
    addresses: Sequence[str] = found
    return addresses
