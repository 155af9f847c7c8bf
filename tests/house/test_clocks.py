"""No module up to the engine reads a clock, a disk, the environment or random numbers."""

from __future__ import annotations

import ast

from tests.house.house import CORE, MODULES, Module

CLOCKS = {"now", "utcnow", "today", "local_timezone", "localtime", "travel", "travel_to"}
OWNERS = {"date", "datetime", "DateTime", "Date", "pendulum", "time"}
WORLD = {"breakpoint", "compile", "eval", "exec", "input", "open", "print", "__import__"}
MODULES_OF_THE_WORLD = {
    "asyncio", "ctypes", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "pickle",
    "random", "secrets", "shelve", "signal", "socket", "sqlite3", "subprocess", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip


# Calls that touch nothing, each with the reason why it is there.
HARMLESS = {
    "entitlements.kernel.data.generated exec": (
        "it writes a function from the names of the fields of a class, as attrs does"
    ),
}


def touches_of(module: Module) -> list[str]:
    """Return the places where `module` could read something that is not an argument."""
    found = []
    for node in module.nodes:
        match node:
            case ast.Attribute(attr=name, value=ast.Name(id=owner) | ast.Attribute(attr=owner)):
                if name in CLOCKS and owner in OWNERS:
                    found.append(f"{module.where(node)} {owner}.{name}")
            case ast.Call(func=ast.Name(id=name)) if (
                name in WORLD and f"{module.name} {name}" not in HARMLESS
            ):
                found.append(f"{module.where(node)} {name}()")
            case ast.Import(names=names):
                found += [
                    f"{module.where(node)} import {each.name}"
                    for each in names
                    if each.name.partition(".")[0] in MODULES_OF_THE_WORLD
                ]
            case ast.ImportFrom(module=str() as source, names=names):
                taken = {each.name for each in names}
                if source.partition(".")[0] in MODULES_OF_THE_WORLD or (
                    source.partition(".")[0] == "pendulum" and taken & (CLOCKS | {"parse"})
                ):
                    found.append(f"{module.where(node)} from {source} import {sorted(taken)}")
    return found


def test_the_core_reads_no_clock_and_touches_no_world() -> None:
    assert [where for each in MODULES if each.floor in CORE for where in touches_of(each)] == []
