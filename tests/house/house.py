"""Where the source stands and what it says: shared by the tests of the house."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache, cached_property
from pathlib import Path
from typing import Any, final

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "entitlements"
CORE = (
    *("kernel", "calendars", "contracts"),
    *("access", "sla", "routing", "billing", "aftersales", "engine"),
)

FLOORS = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}


@final
class Module:
    """One file of the source: its dotted name, its text and its syntax tree."""

    def __init__(self, path: Path) -> None:
        self.path = path
        parts = ["entitlements", *path.relative_to(SOURCE).with_suffix("").parts]
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)

    @cached_property
    def text(self) -> str:
        """The source as it is written."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The source as Python reads it."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def floor(self) -> str:
        """The package below `entitlements` that holds the module, or nothing."""
        return "".join(self.name.split(".")[1:2])

    def where(self, node: ast.AST) -> str:
        """Say where `node` stands, as an editor can open it."""
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


#: Models of Django and what imports them: they are imported by a project that is set up.
IN_A_PROJECT = {f"entitlements.adapters.django.{name}" for name in ("admin", "models")}
MODULES = tuple(Module(path) for path in sorted(SOURCE.rglob("*.py")))


@cache
def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def kept_files() -> list[Path]:
    """Return the files of the repository: those git keeps, or all outside a checkout."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached"],  # noqa: S607 - git is where the developer has it
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if answer.returncode == 0 and answer.stdout:
        found = [ROOT / each for each in answer.stdout.decode().split("\0") if each]
        return [path for path in found if path.is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
