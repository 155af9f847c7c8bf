"""Admissions inside the transactions of Django: each in an `atomic` block, as in a request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.db import connections, transaction
from sqlalchemy.engine import make_url

from entitlements.adapters.django.desks.store import DjangoStore


def django_store(url: str) -> DjangoStore:
    """Return a store on a connection that Django opens to a database with our tables."""
    if not settings.configured:
        settings.configure(DATABASES={"default": {}}, USE_TZ=True)
        django.setup()
    place = make_url(url)
    alias = place.get_backend_name()
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": place.database,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous = FULL"},
    }
    if alias == "postgresql":
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": place.database,
            "USER": place.username,
            "PASSWORD": place.password or "",
            "HOST": str(place.query.get("host", place.host or "")),
            "PORT": str(place.port or ""),
            "OPTIONS": {"prepare_threshold": 5},
        }
    made = connections.configure_settings({"default": {}, alias: database})
    connections.settings[alias] = made[alias]
    return DjangoStore(alias)


def rate_in_blocks(store: DjangoStore, acts: list[Callable[[], object]]) -> dict[str, float]:
    """Do each in an `atomic` block; return how many a second, and milliseconds of CPU of each."""
    warm = len(acts) // 10
    begun, used = 0.0, 0.0
    for number, act in enumerate(acts):
        if number == warm:
            begun, used = time.perf_counter(), time.process_time()
        with transaction.atomic(using=store.using):
            act()
    count = len(acts) - warm
    return {
        "a second": count / (time.perf_counter() - begun),
        "cpu ms": (time.process_time() - used) / count * 1e3,
    }
