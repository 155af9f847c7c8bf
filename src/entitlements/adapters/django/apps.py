"""Application of Django: `entitlements.adapters.django` in `INSTALLED_APPS`."""

from __future__ import annotations

import os
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created

from entitlements.adapters.django.desks.store import PROCESS


class EntitlementsConfig(AppConfig):
    """The application: registers system checks, and notes which process opens a connection."""

    name = "entitlements.adapters.django"
    label = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        """Register what works in the background."""
        from entitlements.adapters.django import checks as ours  # noqa: PLC0415 - needs the apps

        checks.register(ours.check_settings)
        checks.register(ours.check_database)
        checks.register(ours.check_schema, checks.Tags.database)
        connection_created.connect(_note_process, dispatch_uid="entitlements.process")


def _note_process(connection: Any, **_: Any) -> None:
    setattr(connection, PROCESS, os.getpid())
