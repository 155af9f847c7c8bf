"""Every module has its tests, and every package says what it answers."""

from __future__ import annotations

import ast
import importlib

from tests.house.house import MODULES, ROOT, SOURCE, Module


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


def test_every_floor_asks_its_question() -> None:
    floors = [each for each in MODULES if each.is_package and each.name.count(".") == 1]
    openings = {each.name: ast.get_docstring(each.tree) or "" for each in floors}
    assert [name for name, text in openings.items() if "?" not in text.partition("\n")[0]] == []


def test_packages_hold_no_code() -> None:
    found = []
    for each in MODULES:
        if not each.is_package or "migrations" in each.path.parts:
            continue
        for node in each.tree.body[1:]:
            is_list = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            if not is_list and not isinstance(node, ast.Import | ast.ImportFrom):
                found.append(each.where(node))
    assert found == []


def test_packages_import_by_name_and_offer_what_they_import() -> None:
    wrong = {}
    for each in MODULES:
        if not each.is_package:
            continue
        imports = [node for node in each.tree.body if isinstance(node, ast.ImportFrom)]
        names = {
            alias.asname or alias.name
            for node in imports
            if node.module != "__future__"
            for alias in node.names
        }
        if names != set(exported(each)) or len(exported(each)) != len(names):
            wrong[each.name] = sorted(names ^ set(exported(each)))
    assert wrong == {}


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
