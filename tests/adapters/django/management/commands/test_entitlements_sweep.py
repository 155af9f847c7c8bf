from __future__ import annotations

from io import StringIO
from typing import Any

from django.core.management import call_command
from tests.adapters.django.host import admission
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.django import desk, message_committed
from entitlements.adapters.django.desks import default_store


def swept(**options: Any) -> str:
    out = StringIO()
    call_command("entitlements_sweep", stdout=out, **options)
    return out.getvalue()


def test_a_sweep_processes_what_is_due_and_sends_what_waits(alias: str) -> None:
    """The case of March has been late for long."""
    del alias
    desk().execute(admission(), MONDAY)
    assert swept(tenant=["other"]) == "0 changed, 0 set aside, 0 messages sent\n"
    assert swept() == "1 changed, 0 set aside, 0 messages sent\n"
    with default_store().begin(TENANT) as work:
        topics = [each.topic for each in work.outbox.pending()]
    assert topics[0] == "case.granted"
    assert topics.count("clock.breach") == 2
    heard: list[str] = []

    def receive(message: Any, **_: Any) -> None:
        heard.append(message.topic)

    message_committed.connect(receive)
    assert swept() == f"0 changed, 0 set aside, {len(topics)} messages sent\n"
    message_committed.disconnect(receive)
    assert heard == topics
