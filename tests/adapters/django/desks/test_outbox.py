from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import transaction
from tests.adapters.django.host import admission, ticket, tickets
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.django import desk, message_committed, send_committed
from entitlements.adapters.django.desks.desks import default_store
from entitlements.adapters.django.desks.outbox import SIGNAL_ENDPOINT
from entitlements.ports import Endpoint
from entitlements.service import ResolveCase


class LostError(RuntimeError):
    """What a receiver raises."""


@contextmanager
def receiving(receive: Any) -> Iterator[None]:
    message_committed.connect(receive)
    try:
        yield
    finally:
        message_committed.disconnect(receive)


def waiting() -> list[str]:
    with default_store().begin(TENANT) as work:
        return [each.topic for each in work.outbox.pending()]


def test_messages_are_sent_after_the_commit_and_never_after_a_rollback(alias: str) -> None:
    heard: list[tuple[str, str]] = []

    def receive(tenant: str, message: Any, **_: Any) -> None:
        heard.append((tenant, message.topic))

    with receiving(receive):
        with transaction.atomic(using=alias):
            desk().execute(admission(1), MONDAY)
            assert heard == []
        assert heard == [(TENANT, "case.granted")]
        with suppress(LostError), transaction.atomic(using=alias):
            desk().execute(admission(2), MONDAY)
            raise LostError
    assert heard == [(TENANT, "case.granted")]
    assert waiting() == []


def test_messages_stay_where_nobody_receives_them(alias: str) -> None:
    del alias
    desk().execute(admission(), MONDAY)
    assert send_committed(default_store(), TENANT) == 0
    assert waiting() == ["case.granted"]


def test_a_message_whose_receiver_fails_is_sent_again_with_all_after_it(
    alias: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What the receiver wrote before it failed is rolled back with it."""
    fails = [True]

    def receive(message: Any, **_: Any) -> None:
        ticket(alias, f"{message.topic} {message.number}")
        if fails[0]:
            raise LostError("the receiver is down")

    with receiving(receive):
        desk().execute(admission(1), MONDAY)
        desk().execute(admission(2), MONDAY)
        assert tickets(alias) == []
        assert "was not delivered" in caplog.text
        assert waiting() == ["case.granted"] * 2
        fails[0] = False
        assert send_committed(default_store(), TENANT) == 2
        assert send_committed(default_store(), TENANT) == 0
    assert [each.split()[0] for each in tickets(alias)] == ["case.granted"] * 2


def test_a_message_that_fails_holds_back_its_own_case_only(alias: str) -> None:
    del alias
    heard: list[str] = []

    def receive(message: Any, **_: Any) -> None:
        if message.case == admission(1).case:
            raise LostError("not this one")
        heard.append(message.topic)

    with receiving(receive):
        desk().execute(admission(1), MONDAY)
        desk().execute(ResolveCase(id="r1", case=admission(1).case), MONDAY)
        desk().execute(admission(2), MONDAY)
    assert heard == ["case.granted"]
    assert waiting() == ["case.granted", "work.cancelled", "case.resolved"]


def test_a_receiver_may_give_commands(alias: str) -> None:
    del alias
    topics: list[str] = []

    def receive(message: Any, **_: Any) -> None:
        topics.append(message.topic)
        if message.topic == "case.granted":
            desk().process_due(MONDAY.replace(hour=10))

    with receiving(receive):
        desk().execute(admission(), MONDAY)
    assert topics == ["case.granted", "clock.warning", "clock.breach"]


def test_receivers_of_the_signal_are_one_of_several_endpoints(alias: str) -> None:
    del alias
    topics: list[str] = []
    with default_store().begin(TENANT) as work:
        work.outbox.save_endpoint(Endpoint(id="crm"))
        work.commit()
    with receiving(lambda message, **_: topics.append(message.topic)):
        desk().execute(admission(1), MONDAY)
        assert topics == []
        with default_store().begin(TENANT) as work:
            work.outbox.save_endpoint(Endpoint(id=SIGNAL_ENDPOINT))
            work.commit()
        desk().execute(admission(2), MONDAY)
    assert topics == ["case.granted"] * 2
    with default_store().begin(TENANT) as work:
        assert len(work.outbox.claim(MONDAY, MONDAY, endpoint="crm")) == 2
