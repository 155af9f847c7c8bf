"""The host of the tests: its settings, its table of tickets, and what is stored at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
from django import conf
from django.db import connections
from tests.service.desks import TENANT, request

from entitlements.adapters.django.desks.desks import _DESKS, default_store
from entitlements.adapters.django.desks.store import DjangoStore
from entitlements.adapters.sql.tables import define_tables
from entitlements.service import AdmitRequest, ChainIntact, Desk

APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "entitlements.adapters.django",
]


def sqlite(place: Path) -> dict[str, Any]:
    begin = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(place),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": begin},
    }


def set_up(databases: dict[str, Any]) -> None:
    """Set Django up, once in this process."""
    if conf.settings.configured:
        return
    conf.settings.configure(
        SECRET_KEY="tests",  # noqa: S106 - of tests
        USE_TZ=True,
        TIME_ZONE="UTC",
        ALLOWED_HOSTS=["*"],
        DATABASES=databases,
        INSTALLED_APPS=APPS,
        ROOT_URLCONF="tests.adapters.django.urls",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        ENTITLEMENTS={"TENANT": TENANT},
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()


def empty(alias: str) -> None:
    """Remove all rows of the library and all tickets, and forget what was cached."""
    with connections[alias].cursor() as cursor:
        for table in reversed(define_tables().metadata.sorted_tables):
            cursor.execute(f"DELETE FROM {table.name}")  # noqa: S608 - names of our own
        cursor.execute("DELETE FROM tickets")
    default_store.cache_clear()
    _DESKS.by_tenant.clear()


def ticket(alias: str, id: str = "R-1") -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("INSERT INTO tickets VALUES (%s)", [id])


def tickets(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT id FROM tickets ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def admission(number: int = 1, customer: str = "opening") -> AdmitRequest:
    return AdmitRequest(id=f"A-{number}", request=request(f"R-{number}", customer))


def cases(alias: str, customer: str = "opening") -> list[str]:
    """Return the customer's cases, and check that ledger, chain and outbox agree with them."""
    store = DjangoStore(alias)
    with store.begin(TENANT) as work:
        found = [each.id for each in work.cases.of(customer)]
        account = work.accounts.account(customer)
        assert account is not None
        assert sorted(each.id for each in account.cases) == sorted(found)
        granted = [each for each in work.outbox.pending() if each.topic == "case.granted"]
        assert len(granted) == work.decisions.head().number == len(found)
    assert all(each.same for each in Desk(store, TENANT).replay_all())
    assert isinstance(Desk(store, TENANT).verify(), ChainIntact)
    return sorted(found)
