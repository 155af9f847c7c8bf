"""The floors hold, importing is cheap and every module can be imported."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from tests.house.house import CORE, IN_A_PROJECT, MODULES, ROOT, SOURCE, project

import entitlements

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


COUNTED = """
import attrs, sys
modules = [each for name, each in sys.modules.items() if name.startswith("entitlements")]
classes = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
own = [each for each in classes if each.__module__.startswith("entitlements.")]
print(len(modules), sum(map(attrs.has, own)))
"""


@pytest.mark.parametrize(
    ("statement", "modules", "classes"),
    [
        ("from entitlements import Calendar", 37, 15),
        ("from entitlements import SlaPolicy", 48, 20),
        ("from entitlements import Agent", 35, 20),
        ("from entitlements import Engine", 124, 100),
        ("from entitlements import *", 141, 110),
    ],
)
def test_an_import_loads_few_modules_and_builds_few_classes(
    statement: str, modules: int, classes: int
) -> None:
    command = [sys.executable, "-c", statement + COUNTED]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded, built = map(int, run.stdout.split())
    assert (loaded <= modules, built <= classes) == (True, True), (loaded, built)


def test_an_import_loads_no_module_of_python_that_is_slow_and_seldom_needed() -> None:
    loaded = modules_after("from entitlements import *")
    assert loaded & {"difflib", "importlib.resources", "tempfile", "zipfile"} == set()


def test_what_is_imported_on_first_use_is_not_loaded_before() -> None:
    loaded = modules_after("from entitlements import *")
    late = {
        "access.decider", "aftersales.notices", "billing.price_book", "contracts.ledger.ledger",
        "engine.explanation.explained", "engine.priced_work", "kernel.data.records",
        "routing.live.roster.roster_index", "routing.policies.policy", "sla.readings.reading",
    }  # fmt: skip
    assert {f"entitlements.{name}" for name in late} <= {each.name for each in MODULES}
    assert {name for name in late if f"entitlements.{name}" in loaded} == set()


def test_the_types_of_public_names_can_be_resolved() -> None:
    # A name that a module imports later is written `package.Name`, which resolves at any time.
    unresolved = []
    for package in (entitlements, *(import_module(f"entitlements.{floor}") for floor in CORE)):
        for name in package.__all__:
            thing = getattr(package, name)
            parts = public_functions(thing) if isinstance(thing, type) else [thing]
            for each in filter(inspect.isfunction, parts):
                try:
                    typing.get_type_hints(each)
                except NameError as error:
                    unresolved.append(f"{name}: {error}")
    assert unresolved == []


def public_functions(kind: type) -> Iterator[object]:
    """Yield the functions of public methods and properties of a class."""
    for name, each in vars(kind).items():
        if not name.startswith("_"):
            yield each.fget if isinstance(each, property) else getattr(each, "__func__", each)


def test_every_module_imports_without_a_warning() -> None:
    found = {each.name for each in MODULES if "migrations" not in each.path.parts}
    names = sorted(found - IN_A_PROJECT)
    assert set(names) - {"entitlements.__main__"} <= modules_after("import " + ", ".join(names))
