"""The plugin collects promise files, and costs nothing where there are none."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import attrs
from tests.testing.fixtures.test_comparison import ASKED, AT, engine
from tests.testing.fixtures.test_desks import DOCUMENT
from tests.testing.promises.test_read import FACTS, FIRST_LINE

from entitlements.testing.pytest_plugin import pytest_assertrepr_compare

KEPT = "  - {name: kept, ask: {severity: high}, expect: granted}\n"
BROKEN = "  - {name: broken, ask: {severity: low}, expect: granted}\n"


def run(folder: Path, *options: str, alone: bool = False) -> str:
    """Run pytest, without its other plugins if `alone`: to load them takes as long as a test."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]
    known = dict(os.environ)
    if alone:
        command += ["-p", "entitlements.testing.pytest_plugin"]
        known["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=known
    )
    return done.stdout + done.stderr


def test_promises_are_tests_with_the_difference_in_words(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n{KEPT}{BROKEN}")
    told = run(tmp_path, alone=True)
    assert "1 failed, 1 passed" in told
    assert "decision: expected granted, but it is denied: severity_not_in_right" in told
    assert "Traceback" not in told


def test_promises_run_beside_one_another_and_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n{KEPT}{KEPT}")
    assert "2 passed" in run(tmp_path, "-p", "xdist.plugin", "-n", "2", alone=True)
    assert "no tests ran" in run(tmp_path, "-p", "no:entitlements")


def test_a_finding_in_a_file_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n  - {{expct: granted}}\n")
    place = f"gold.promises.yaml:{FIRST_LINE}"
    assert f"{place}: promises[0].expct: `expct` is not a key here" in run(tmp_path, alone=True)


def test_a_project_without_promises_imports_nothing_for_them(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    ours = sorted(name for name in sys.modules if name.startswith('entitlements'))\n"
        "    assert ours == ['entitlements', 'entitlements.kernel',\n"
        "                    'entitlements.kernel.on_demand',\n"
        "                    'entitlements.kernel.on_demand.lazy', 'entitlements.testing',\n"
        "                    'entitlements.testing.pytest_plugin'], ours\n"
        "    assert 'pendulum' not in sys.modules and 'attrs' not in sys.modules\n"
    )
    assert "1 passed" in run(tmp_path)


USED = f"""
import pytest
from entitlements import Engine, Request
from entitlements.documents import parse_facts
from entitlements.service.commands.commands import AdmitRequest

FACTS = {DOCUMENT!r}
ASKED = Request(
    id="R-1", customer="acme", contact="dana", product="db", severity="high", channel="phone"
)

def test_memory(memory_desk, entitlements_clock):
    desk = memory_desk(FACTS)
    assert desk.execute(AdmitRequest(id="k", request=ASKED)).accepted
    entitlements_clock.advance("2h")
    assert desk.clocks("R-1")["first_response"].state == "missed"

def test_builder(memory_desk, entitlements_facts):
    sold = entitlements_facts.products("db").plan(
        "gold", reaches="dba", by="phone", answers={{"high": "1h"}}
    )
    desk = memory_desk(sold.agents("ada", of="dba").sold("gold", to="acme", contacts="dana"))
    assert desk.execute(AdmitRequest(id="k", request=ASKED)).accepted

def test_sqlite(sqlite_desk, tmp_path):
    assert sqlite_desk(FACTS).execute(AdmitRequest(id="k", request=ASKED)).accepted
    assert (tmp_path / "entitlements.db").exists()

def test_postgres(postgres_desk):
    assert postgres_desk(FACTS).execute(AdmitRequest(id="k", request=ASKED)).accepted

def test_words(entitlements_clock):
    engine = Engine(parse_facts(FACTS))
    one = engine.assess(ASKED, entitlements_clock())
    assert one == engine.assess(ASKED, entitlements_clock.advance("30m"))

@pytest.mark.promise
@pytest.mark.parametrize("minutes", [0, 5])
def test_golden(entitlements_clock, minutes):
    return Engine(parse_facts(FACTS)).assess(ASKED, entitlements_clock.advance(f"{{minutes}}m"))
"""


def test_other_values_are_compared_as_pytest_does() -> None:
    assert pytest_assertrepr_compare("==", ASKED, attrs.evolve(ASKED, id="R-2")) is None
    answer, later = (engine().assess(ASKED, at) for at in (AT, AT + timedelta(hours=1)))
    assert pytest_assertrepr_compare("==", answer, later.decision) is None
    assert pytest_assertrepr_compare("!=", answer, later) is None
    told = pytest_assertrepr_compare("==", answer, later)
    assert told is not None
    assert told[1] == "at: 2026-03-02T09:00:00Z, not 2026-03-02T10:00:00Z, 1h earlier"


def test_fixtures_words_and_golden_answers(tmp_path: Path, postgres_server: str) -> None:
    test, settings = tmp_path / "test_used.py", tmp_path / "pytest.ini"
    test.write_text(USED)
    settings.write_text(f"[pytest]\nentitlements_postgres_url = {postgres_server}\n")
    told = run(tmp_path, "--strict-markers", "--promise-update", "-W", "error", alone=True)
    assert "1 failed, 6 passed" in told
    assert "the Assessment differs (found, not expected):" in told
    assert "at: 2026-03-02T09:00:00Z, not 2026-03-02T09:30:00Z, 30m earlier" in told
    stored = sorted((tmp_path / "test_used.promises").iterdir())
    assert [each.name for each in stored] == ["test_golden-0.txt", "test_golden-5.txt"]
    assert "dba" in stored[0].read_text()
    settings.unlink()
    test.write_text(USED.replace("first_response: 1h", "first_response: 4h"))
    told = run(tmp_path, "-k", "golden or postgres", "-rs", alone=True)
    assert "2 failed, 1 skipped" in told
    assert f"the answer differs from {stored[0]} (-), and is (+)" in told
    assert "no PostgreSQL: set entitlements_postgres_url" in told
    assert "Traceback" not in told
