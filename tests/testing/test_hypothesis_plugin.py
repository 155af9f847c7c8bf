"""Hypothesis draws every public value by its type, and imports nothing of the library before."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

BEFORE = """
import sys
import hypothesis
from entitlements.testing.hypothesis_plugin import register
register()
register()
print(sorted(name for name in sys.modules if name.startswith("entitlements")))
print([name for name in ("attrs", "attr", "pendulum") if name in sys.modules])
print(sum("hypothesis_plugin" in type(each).__module__ for each in sys.meta_path))
"""

AFTER = """
from hypothesis import find, strategies as st
from entitlements.testing.hypothesis_plugin import register
import entitlements.kernel.requests
register()
from entitlements import Calendar, Request
from entitlements.sla import History
import inspect
drawn = find(st.from_type(Request), lambda each: True)
print(drawn.severity, find(st.from_type(Calendar), lambda each: True).zone)
print(st.from_type(History))
import entitlements.kernel.instants as module
print("def to_micros" in inspect.getsource(module))
"""


def run(code: str) -> list[str]:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()


def test_nothing_of_the_library_is_imported_before_a_type_is_asked_for() -> None:
    ours, foreign, finders = run(BEFORE)
    assert ours == str(
        [
            "entitlements",
            "entitlements.kernel",
            "entitlements.kernel.on_demand",
            "entitlements.kernel.on_demand.lazy",
            "entitlements.testing",
            "entitlements.testing.hypothesis_plugin",
        ]
    )
    assert "pendulum" not in foreign
    assert finders == "1"


def test_types_are_drawn_whether_their_modules_were_imported_before_or_after() -> None:
    assert run(AFTER) == ["high UTC", "histories()", "True"]


def test_hypothesis_finds_the_plugin_by_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["hypothesis"] == {
        "entitlements": "entitlements.testing.hypothesis_plugin:register"
    }
