"""Every module has its tests and its place, and every package exports what it says."""

from __future__ import annotations

import ast
import importlib

from tests.house.house import FLOORS, MODULES, ROOT, SOURCE, Module


def has_no_test_file_of_its_own(module: Module) -> bool:
    # The test kit is tested by what is tested with it; migrations by the tables they end in.
    names = set(module.path.relative_to(SOURCE).parts)
    return module.is_package or not names.isdisjoint({"__main__.py", "testing", "migrations"})


def exported(module: Module) -> list[str]:
    """Return the names in `__all__`, as they are written."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def test_every_module_has_its_test_file() -> None:
    missing = []
    for each in MODULES:
        inside = each.path.relative_to(SOURCE)
        wanted = ROOT / "tests" / inside.parent / f"test_{inside.stem.lstrip('_')}.py"
        if not has_no_test_file_of_its_own(each) and not wanted.is_file():
            missing.append(str(wanted.relative_to(ROOT)))
    assert missing == []


def test_every_module_opens_with_a_sentence() -> None:
    silent = [each.name for each in MODULES if not ast.get_docstring(each.tree)]
    assert silent == []


def test_every_module_opens_with_a_plain_statement() -> None:
    opening = {
        each.name: (ast.get_docstring(each.tree) or "").partition("\n")[0] for each in MODULES
    }
    assert [name for name, line in opening.items() if "?" in line] == []


def test_a_folder_holds_about_a_dozen_entries() -> None:
    inside: dict[str, set[str]] = {}
    for each in MODULES:
        if not each.is_package or each.path.parent != SOURCE:
            entry = each.path.parent if each.is_package else each.path
            inside.setdefault(str(entry.parent.relative_to(SOURCE)), set()).add(entry.name)
    full = {name: len(names) for name, names in inside.items() if len(names) > 12}
    assert full.pop(".", 0) <= len(FLOORS) + 1  # one package a floor, and `__main__`
    assert full == {}


def lazy_table(module: Module) -> dict[str, list[str]]:
    """Return the modules and names in the call of `lazy_exports`, or nothing."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lazy_exports":
            table = ast.literal_eval(node.args[1])
            return {f"{module.name}.{key}": sorted(names) for key, names in table.items()}
    return {}


def type_checked_imports(module: Module) -> dict[str, list[str]]:
    """Return the modules and names that a package imports for type checkers."""
    return {
        node.module or "": sorted(alias.asname or alias.name for alias in node.names)
        for block in module.tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }


def test_a_folder_says_what_it_holds_and_nothing_else() -> None:
    found = []
    for each in MODULES:
        if not each.is_package or "migrations" in each.path.parts or exported(each):
            continue
        found += [each.where(node) for node in each.tree.body[1:]]
    assert found == []


def test_a_package_exports_the_same_names_to_type_checkers_and_at_run_time() -> None:
    wrong = {}
    for each in MODULES:
        if not each.is_package or not (names := exported(each)):
            continue
        table, imports = lazy_table(each), type_checked_imports(each)
        offered = sorted(name for several in table.values() for name in several)
        if table != imports or offered != sorted(names):
            wrong[each.name] = sorted(set(offered) ^ set(names)) or [table, imports]
    assert wrong == {}


def test_no_exported_name_hides_a_file_or_folder_of_its_package() -> None:
    hidden = {}
    for each in MODULES:
        entries = {path.stem for path in each.path.parent.iterdir()}
        if each.is_package and (same := entries & set(exported(each))):
            hidden[each.name] = same
    assert hidden == {}


def test_a_public_name_has_one_import_path_beside_the_front_door() -> None:
    homes: dict[str, list[str]] = {}
    for each in MODULES:
        if each.is_package and each.name != "entitlements":
            package = importlib.import_module(each.name)
            for name in exported(each):
                thing = getattr(package, name)
                key = f"{getattr(thing, '__module__', '')}.{name}"
                homes.setdefault(key, []).append(each.name)
    assert {name: at for name, at in homes.items() if len(at) > 1} == {}


def test_tests_build_values_and_mock_nothing() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(each.name for each in node.names)]
        if name.partition(".")[0] in {"mock", "freezegun", "time_machine"} or "mock" in name
    ]
    assert found == []
