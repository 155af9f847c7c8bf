"""The floors hold, importing is cheap and every module can be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.house.house import CORE, IN_A_PROJECT, MODULES, ROOT, SOURCE, project

HEAVY = {
    "alembic", "django", "hypothesis", "numpy", "pandas", "psycopg", "pyarrow", "pytest", "rich",
    "scipy", "sqlalchemy", "yaml",
}  # fmt: skip


def modules_after(statement: str) -> set[str]:
    """Return what an interpreter that ran `statement` with warnings as errors has loaded."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_import_contracts_are_kept() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_floor_of_the_core_is_kept_from_the_world() -> None:
    contracts = {each["name"]: each for each in project()["tool"]["importlinter"]["contracts"]}
    guarded = set(contracts["The core touches no world"]["source_modules"])
    built = {f"entitlements.{floor}" for floor in CORE if (SOURCE / floor).is_dir()}
    assert guarded == built


def test_importing_the_library_loads_nothing_heavy() -> None:
    floors = [f"entitlements.{floor}" for floor in CORE if (SOURCE / floor).is_dir()]
    loaded = modules_after("import entitlements, " + ", ".join(floors))
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


def test_the_test_kit_is_not_loaded_by_the_library() -> None:
    loaded = modules_after("import entitlements")
    assert [name for name in sorted(loaded) if name.startswith("entitlements.testing")] == []


def floors_after(statement: str) -> set[str]:
    """Return the packages below `entitlements` from which `statement` loads modules."""
    names = [name.split(".") for name in modules_after(statement)]
    return {parts[1] for parts in names if parts[0] == "entitlements" and len(parts) > 1}


def test_a_name_loads_the_floors_below_it_and_no_other() -> None:
    assert floors_after("from entitlements import Calendar") == {"kernel", "calendars"}
    assert floors_after("from entitlements import SlaPolicy") <= {"kernel", "calendars", "sla"}
    assert floors_after("from entitlements import Agent") <= {"kernel", "calendars", "routing"}


def test_the_front_door_loads_the_core_and_nothing_of_the_ring() -> None:
    assert floors_after("from entitlements import *") <= set(CORE)


def test_a_calendar_needs_few_modules() -> None:
    loaded = modules_after("from entitlements import Calendar")
    own = [name for name in loaded if name.startswith("entitlements")]
    assert len(own) <= 35


def test_every_module_imports_without_a_warning() -> None:
    found = {each.name for each in MODULES if "migrations" not in each.path.parts}
    names = sorted(found - IN_A_PROJECT)
    assert set(names) - {"entitlements.__main__"} <= modules_after("import " + ", ".join(names))
