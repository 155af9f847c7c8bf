"""Deliveries for all tenants, with retries later and no endless loop; secrets in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.webhooks.deliveries import deliver_waiting, read_secrets, reported
from entitlements.kernel.errors import DeliveryError, InvalidValueError
from entitlements.kernel.instants import utc
from entitlements.service import CloudEvent, RelayPolicy

NINE = utc("2026-03-02T09:00Z")


def test_every_tenant_is_delivered_and_what_fails_waits_for_later() -> None:
    store = MemoryStore(lambda: NINE)
    for tenant in ("acme", "blox"):
        with store.begin(tenant) as work:
            work.outbox.put_all([("case.reopened", "{}", f"R-{n}") for n in range(5)], NINE)
            work.commit()
    sent: list[str] = []

    def publish(event: CloudEvent) -> None:
        if event.subject == "R-3":
            raise ConnectionError
        sent.append(event.source)

    done = deliver_waiting(store, ["acme", "blox"], publish, policy=RelayPolicy(batch=2))
    assert [len(done.delivered), len(done.failed), len(done.dead)] == [8, 2, 0]
    assert sent == ["urn:entitlements:acme"] * 4 + ["urn:entitlements:blox"] * 4
    again = deliver_waiting(store, ["acme", "blox"], publish)
    assert (again.delivered, again.failed) == ((), ()), "it is not tried again at once"


def test_each_delivery_that_fails_is_reported_with_its_reason() -> None:
    store, lines = MemoryStore(lambda: NINE), list[str]()
    with store.begin("acme") as work:
        work.outbox.put_all([("case.reopened", "{}", f"R-{n}") for n in range(2)], NINE)
        work.commit()

    def publish(event: CloudEvent) -> None:
        if event.subject == "R-1":
            raise DeliveryError("`example.com` did not answer", hint="too slow")

    done = deliver_waiting(store, None, reported(publish, lines.append))
    assert (done.delivered, done.failed) == (("acme/1",), ("acme/2",))
    assert lines == ["acme/2: `example.com` did not answer (too slow)\n"]


@pytest.mark.parametrize("content", [b"", b"# none\n\n", b"\xff\xfe"])
def test_a_file_without_secrets_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_bytes(content)
    with pytest.raises(InvalidValueError) as refused:
        read_secrets(str(file), path="--secret-file")
    assert refused.value.path == "--secret-file"
    file.write_bytes(b" whsec_a \n#no\nwhsec_b")
    assert read_secrets(str(file)) == ("whsec_a", "whsec_b")
