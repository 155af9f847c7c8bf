"""What the repository keeps: settings that agree, and nothing that belongs to one machine."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from tests.house.house import ROOT, kept_files, project

# Put together from pieces, so that this file does not find itself.
PATHS = [
    "/" + "work/",
    "/" + "home/",
    "/" + "root/",
    "/" + "opt/",
    "/" + "Users/",
    ".." + "/shared",
]
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "PIP_" + "INDEX_URL", "index" + "-url"]
LARGEST = 1 << 20


def texts() -> list[tuple[str, str]]:
    """Return the name and the text of each file that is text."""
    found = []
    for path in kept_files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found.append((str(path.relative_to(ROOT)), content.decode("utf-8", "replace")))
    return found


@pytest.mark.parametrize("words", [PATHS, REGISTRIES], ids=["machine", "registry"])
def test_no_file_names_a(words: list[str]) -> None:
    # A path of the machine starts a word; `.../home/...` inside an address is none.
    named = re.compile(rf"(?<![\w.\-])(?:{'|'.join(map(re.escape, words))})")
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for name, text in texts()
        for hit in named.finditer(text)
    ]
    assert found == []


def test_files_are_small_enough_to_read() -> None:
    assert [str(path) for path in kept_files() if path.stat().st_size > LARGEST] == []


def test_changelog_fragments_have_a_known_type() -> None:
    types = {each["directory"] for each in project()["tool"]["towncrier"]["type"]}
    names = [path.name for path in (ROOT / "changelog.d").iterdir()]
    fragments = [name for name in names if name not in {"README.md", "template.md.jinja"}]
    assert [name for name in fragments if not fits(name, types)] == []


def fits(name: str, types: set[str]) -> bool:
    match name.split("."):
        case [topic, kind, "md"]:
            return re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", topic) is not None and kind in types
        case _:
            return False


def spelled_out(name: str, lists: dict[str, list[Any]]) -> set[str]:
    """Return the requirements of an extra or of a dependency group, with those it includes."""
    found: set[str] = set()
    for each in lists[name]:
        if isinstance(each, dict):
            found |= spelled_out(each["include-group"], lists)
        elif included := re.fullmatch(r"entitlements\[([\w,]+)\]", each):
            for extra in included[1].split(","):
                found |= spelled_out(extra, lists)
        else:
            found.add(each)
    return found


def test_every_extra_is_a_dependency_group_too() -> None:
    extras = project()["project"]["optional-dependencies"]
    groups = project()["dependency-groups"]
    assert {name: spelled_out(name, extras) for name in extras} == {
        name: spelled_out(name, groups) for name in groups
    }


def test_the_readme_names_the_commands_that_set_everything_up() -> None:
    top = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    commands = [line.strip() for line in top]
    first = "python3 -m venv .venv && .venv/bin/pip install -e '.[cli]' && .venv/bin/entitlements"
    assert f"{first} demo" in commands
    assert ".venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest" in commands


@pytest.mark.parametrize("command", ["pip\" install --quiet -e '.[test]'", 'python" -m pytest'])
def test_continuous_integration_runs_what_the_readme_names(command: str) -> None:
    script = ROOT / ".ci" / "run"
    assert command in script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)


def test_every_rule_that_is_off_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("[tool.ruff.lint]")
    stop = next(i for i in range(start, len(lines)) if lines[i].startswith("[tool.importlinter"))
    rules = [each for each in lines[start:stop] if re.match(r'\s+"[A-Z]+\d*",', each)]
    assert rules
    assert [rule for rule in rules if "#" not in rule] == []


def test_a_silenced_warning_has_its_reason() -> None:
    silenced = [
        f"{name}:{number}"
        for name, text in texts()
        if Path(name).suffix == ".py"
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(r"# noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*\s*$", line)
    ]
    assert silenced == []
