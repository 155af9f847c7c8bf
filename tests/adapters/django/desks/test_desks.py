from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import attrs
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test.utils import override_settings
from tests.adapters.django.desks.test_outbox import LostError
from tests.adapters.django.host import admission
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.django import desk
from entitlements.adapters.django.desks.desks import default_store
from entitlements.ports import CaseFilter
from entitlements.service import AdoptCase, AssignCase, Desk, SyncCase
from entitlements.sla import Event


def test_a_thread_has_one_desk_for_each_tenant(alias: str) -> None:
    assert desk() is desk(TENANT)
    assert desk().tenant == TENANT
    assert desk("other") is not desk()
    assert default_store().using == alias
    others: list[Desk] = []
    thread = threading.Thread(target=lambda: others.append(desk()))
    thread.start()
    thread.join()
    assert others[0] is not desk()
    assert others[0].context.store is desk().context.store


def test_a_desk_needs_a_tenant(alias: str) -> None:
    del alias
    with override_settings(ENTITLEMENTS={}), pytest.raises(ImproperlyConfigured, match="TENANT"):
        desk()


def test_the_verbs_of_a_helpdesk_join_the_transaction_of_the_host(alias: str) -> None:
    case, later = admission(1).case, MONDAY + timedelta(minutes=5)
    commands = [
        AssignCase(id="a", case=case, agent="ada"),
        SyncCase(id="s", case=case, state="pending"),
        AdoptCase(
            id="t",
            request=attrs.evolve(admission(2).request, id="old"),
            events=[Event.opened(MONDAY, severity="S1")],
            contract=f"C-{admission(2).request.customer}",
            line="1",
        ),
    ]
    with suppress(LostError), transaction.atomic(using=alias):
        desk().execute(admission(1), MONDAY)
        desk().do_all(commands, later)
        raise LostError
    assert desk().list_cases().cases == ()
    with transaction.atomic(using=alias):
        desk().execute(admission(1), MONDAY)
        desk().do_all(commands, later)
    found = {each.id: each for each in desk().list_cases(CaseFilter(agent="ada")).cases}
    assert {id: each.status.value for id, each in found.items()} == {case: "paused"}
    assert [each.id for each in desk().list_cases(most=1).cases] in ([case], ["old"])
