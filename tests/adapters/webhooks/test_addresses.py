import threading

import pytest

from entitlements.adapters.webhooks.addresses import (
    checked_addresses,
    is_public,
    system_addresses,
)
from entitlements.kernel.errors import DeliveryError

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::8.8.8.8"]
PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback elsewhere": "127.9.9.9",
    "private 10": "10.0.0.5",
    "private 172": "172.16.1.1",
    "private 192": "192.168.0.1",
    "link-local, where clouds keep credentials": "169.254.169.254",
    "shared": "100.64.0.1",
    "unspecified": "0.0.0.0",  # noqa: S104 - it is refused
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "IPv6 loopback": "::1",
    "IPv6 unspecified": "::",
    "IPv6 link-local": "fe80::1%eth0",
    "IPv6 unique local": "fd00::1",
    "IPv6 multicast": "ff02::1",
    "mapped": "::ffff:10.0.0.1",
    "6to4": "2002:7f00:1::",
    "NAT64": "64:ff9b::127.0.0.1",
    "no address": "localhost",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
    found = checked_addresses("a.example", 443, resolve=lambda *_: [address])
    assert found == ((address, 443),)


@pytest.mark.parametrize("kind", PRIVATE)
def test_addresses_of_the_own_network_are_refused_unless_the_host_is_allowed(kind: str) -> None:
    address = PRIVATE[kind]
    assert not is_public(address)
    with pytest.raises(DeliveryError, match="which is not public"):
        checked_addresses("a.example", 443, resolve=lambda *_: ["8.8.8.8", address])
    allowed = {"a.example"}
    found = checked_addresses("a.example", 80, allowed=allowed, resolve=lambda *_: [address])
    assert found == ((address, 80),)


def test_a_host_without_an_address_is_an_error() -> None:
    with pytest.raises(DeliveryError, match="has no address"):
        checked_addresses("a.example", 443, resolve=lambda *_: [])

    def fails(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(DeliveryError, match=r"cannot be resolved \(no such name\)"):
        checked_addresses("a.example", 443, resolve=fails)


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    done = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        done.wait(5)
        return ["8.8.8.8"]

    with pytest.raises(DeliveryError, match=r"not resolved in `0\.05` seconds"):
        checked_addresses("a.example", 443, seconds=0.05, resolve=hangs)
    done.set()


def test_the_system_resolves_names() -> None:
    assert set(system_addresses("localhost", 80)) <= {"127.0.0.1", "::1"}
