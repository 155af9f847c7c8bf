"""No ghost is left by a process that is killed between two statements of a request."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from tests.databases import drop_database, new_database
from tests.house.house import ROOT

pytestmark = pytest.mark.browser


def killed(url: str) -> int:
    """Return how often a request was killed; the module itself can do it more often."""
    words = [sys.executable, "-m", "tests.examples.helpdesk_kills", "--stride", "40", "--url", url]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.fullmatch(r"(\d+) kills, no ghost\n", run.stdout)
    assert found is not None, run.stderr[-2_000:]
    return int(found[1])


def test_a_request_that_is_killed_leaves_no_ghost_on_sqlite() -> None:
    assert killed("") >= 6


def test_a_request_that_is_killed_leaves_no_ghost_on_postgres(postgres_server: str) -> None:
    url = new_database(postgres_server)
    assert killed(url) >= 6
    drop_database(postgres_server, url)
