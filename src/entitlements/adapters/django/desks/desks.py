"""Desks of a Django project: one for each tenant and thread, over the store of the settings."""

from __future__ import annotations

import threading
from functools import cache
from typing import final

from django.core.exceptions import ImproperlyConfigured

from entitlements.adapters.django.desks.outbox import send_committed
from entitlements.adapters.django.desks.store import DjangoStore
from entitlements.adapters.django.settings import adapter_settings
from entitlements.service.desk import Desk


@final
class _Desks(threading.local):
    def __init__(self) -> None:
        self.by_tenant: dict[str, Desk] = {}


_DESKS = _Desks()


@cache
def default_store() -> DjangoStore:
    """Return the store of the database that the settings name, one for the process."""
    made: DjangoStore = DjangoStore(
        adapter_settings().database, relays=lambda tenant: send_committed(made, tenant)
    )
    return made


def desk(tenant: str | None = None) -> Desk:
    """Return the desk of a tenant for this thread; its commands join the open transaction.

    Args:
        tenant: Id of the tenant; that of the settings if None.

    Raises:
        ImproperlyConfigured: Neither the call nor the settings name a tenant.
    """
    name = tenant_of(tenant)
    found = _DESKS.by_tenant.get(name)
    if found is None or found.context.store is not default_store():
        found = _DESKS.by_tenant[name] = Desk(default_store(), name, rules=adapter_settings().rules)
    return found


def tenant_of(tenant: str | None) -> str:
    """Return the id of a tenant, that of the settings if None.

    Raises:
        ImproperlyConfigured: Neither the call nor the settings name a tenant.
    """
    name = tenant or adapter_settings().tenant
    if name is None:
        raise ImproperlyConfigured("name the tenant in ENTITLEMENTS['TENANT'], or pass it")
    return name
