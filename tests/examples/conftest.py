"""The helpdesk of the example on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import drop_database, new_database
from tests.examples.helpdesk import Helpdesk


@pytest.fixture(params=["sqlite", "postgres"])
def helpdesk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Helpdesk]:
    """A running helpdesk with an empty list of tickets."""
    if request.param == "sqlite":
        with Helpdesk(tmp_path) as running:
            yield running
        return
    server = request.getfixturevalue("postgres_server")
    url = new_database(server)
    with Helpdesk(tmp_path, url) as running:
        yield running
    drop_database(server, url)
