"""A Django project for tests, with SQLite as its default database and PostgreSQL beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django import conf
from django.db import connections
from sqlalchemy.engine import make_url
from tests.adapters.django import host
from tests.databases import drop_database, new_database
from tests.service.desks import settle

from entitlements.adapters.django import DjangoStore

collect_ignore = ["urls.py"]  # needs the settings


@pytest.fixture(scope="session")
def project(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[dict[str, str]]:
    """Set Django up and migrate both databases; the alias of each kind."""
    url = new_database(postgres_server)
    place = make_url(url)
    postgres = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": place.database,
        "USER": place.username,
        "HOST": place.query["host"],
    }
    host.set_up(
        {
            "default": host.sqlite(tmp_path_factory.mktemp("django") / "host.db"),
            "postgres": postgres,
            "prepared": {**postgres, "OPTIONS": {"prepare_threshold": 0}},
        }
    )
    from django.core.management import call_command  # noqa: PLC0415 - needs the settings

    for alias in ("default", "postgres"):
        conf.settings.ENTITLEMENTS["DATABASE"] = alias
        call_command("migrate", database=alias, verbosity=0)
        with connections[alias].cursor() as cursor:
            cursor.execute("CREATE TABLE tickets (id VARCHAR(40) PRIMARY KEY)")
    conf.settings.ENTITLEMENTS["DATABASE"] = "default"
    yield {"sqlite": "default", "postgres": "postgres"}
    connections.close_all()
    drop_database(postgres_server, url)


@pytest.fixture(params=["sqlite", "postgres"])
def alias(request: pytest.FixtureRequest, project: dict[str, str]) -> Iterator[str]:
    """The alias of a database in which nothing is stored but a settled tenant."""
    name = project[request.param]
    host.empty(name)
    settle(DjangoStore(name))
    conf.settings.ENTITLEMENTS["DATABASE"] = name
    yield name
    conf.settings.ENTITLEMENTS["DATABASE"] = "default"
    connections[name].close()
