"""The plugin collects promise files, and costs nothing where there are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.testing.promises.test_read import FACTS, FIRST_LINE

KEPT = "  - {name: kept, ask: {severity: high}, expect: granted}\n"
BROKEN = "  - {name: broken, ask: {severity: low}, expect: granted}\n"


def run(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_promises_are_tests_with_the_difference_in_words(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n{KEPT}{BROKEN}")
    told = run(tmp_path)
    assert "1 failed, 1 passed" in told
    assert "decision: expected granted, but it is denied: severity_not_in_right" in told
    assert "Traceback" not in told


def test_promises_run_beside_one_another_and_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n{KEPT}{KEPT}")
    assert "2 passed" in run(tmp_path, "-n", "2")
    assert "no tests ran" in run(tmp_path, "-p", "no:entitlements")


def test_a_finding_in_a_file_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "gold.promises.yaml").write_text(f"{FACTS}\npromises:\n  - {{expct: granted}}\n")
    place = f"gold.promises.yaml:{FIRST_LINE}"
    assert f"{place}: promises[0].expct: `expct` is not a key here" in run(tmp_path)


def test_a_project_without_promises_imports_nothing_for_them(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    ours = sorted(name for name in sys.modules if name.startswith('entitlements'))\n"
        "    assert ours == ['entitlements', 'entitlements.kernel', 'entitlements.kernel.lazy',\n"
        "                    'entitlements.testing', 'entitlements.testing.pytest_plugin'], ours\n"
        "    assert 'pendulum' not in sys.modules and 'attrs' not in sys.modules\n"
    )
    assert "1 passed" in run(tmp_path)
