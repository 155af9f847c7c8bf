from __future__ import annotations

import os

from django.apps import apps
from django.db import connections

from entitlements.adapters.django.desks.store import PROCESS


def test_the_application_has_a_short_label(alias: str) -> None:
    assert apps.get_app_config("entitlements").name == "entitlements.adapters.django"
    assert connections[alias].vendor in {"sqlite", "postgresql"}


def test_each_new_connection_knows_its_process(alias: str) -> None:
    connections[alias].close()
    connections[alias].ensure_connection()
    assert getattr(connections[alias], PROCESS) == os.getpid()
