from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import override_settings
from tests.service.desks import TENANT

from entitlements.adapters.django import desk
from entitlements.adapters.django.desks import default_store
from entitlements.service import Desk


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
