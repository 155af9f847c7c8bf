"""How the documentation is built: Sphinx, MyST and Furo; the reference is made from the code."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

import entitlements
from entitlements.kernel import errors

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "entitlements"
author = "The entitlements authors"
copyright = author
release = version = installed_version("entitlements")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "_static", "README.md"]
html_theme = "furo"
html_title = "entitlements"
html_static_path = ["_static"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

default_role = "code"
autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_ivar = True
python_use_unqualified_type_names = True
# Fences that mix statements and `>>>` are run by the tests; the highlighter need not parse them.
suppress_warnings = ["misc.highlighting_failure"]

PACKAGES = Path(__file__).parent / "reference" / "packages"


def setup(app: Sphinx) -> None:
    """Write the generated pages before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: write_reference())


def write_reference() -> None:
    """Write one page for each package that has public names, and the catalogue of errors."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    front, *rooms = public_packages()
    pages = {f"{name}.md": package_page(name) for name in rooms}
    pages |= {f"{front}.md": front_page(front, rooms), "errors.md": error_page()}
    for stale in {each.name for each in PACKAGES.glob("*.md")} - set(pages):
        (PACKAGES / stale).unlink()
    for name, text in pages.items():
        path = PACKAGES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def public_packages() -> list[str]:
    """Return the names of the packages that offer names, the front door first."""
    found = pkgutil.walk_packages(entitlements.__path__, "entitlements.")
    names = ["entitlements", *(each.name for each in found if each.ispkg)]
    return [each for each in names if getattr(importlib.import_module(each), "__all__", None)]


def package_page(name: str) -> str:
    """Return the page that documents what `name` offers."""
    return f"# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"


def front_page(front: str, rooms: list[str]) -> str:
    """Return the page of the front door, which says behind which door each name lives."""
    module = importlib.import_module(front)
    rows = []
    for name in module.__all__:
        thing = getattr(module, name)
        home = next(
            room for room in rooms if getattr(importlib.import_module(room), name, None) is thing
        )
        rows.append(f"| `{name}` | [{home}]({home}.md) | {sentence_of(thing)} |")
    return "\n".join(
        [
            f"# {front}",
            "",
            module.__doc__ or "",
            "| name | lives in | is |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def error_page() -> str:
    """Return the catalogue of errors: code, class, cause and the builtin a stranger would catch."""
    kinds = sorted(subclasses(errors.EntitlementsError), key=lambda kind: kind.code)
    rows = [
        f"| `{kind.code}` | `{kind.__name__}` | {sentence_of(kind)} | `{builtin_of(kind)}` |"
        for kind in kinds
    ]
    return "\n".join(
        [
            "# Errors",
            "",
            "Every exception of the library is an `EntitlementsError`, and also the builtin that a",
            "stranger would catch. Codes are stable; messages are for people and may get better.",
            "Many errors carry a `hint` with the way out, and a `path` to the place in the input.",
            "A refusal is not an error: it is an answer with reasons.",
            "",
            "| code | class | cause | also a |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def subclasses(kind: type[errors.EntitlementsError]) -> list[type[errors.EntitlementsError]]:
    """Return all classes of errors below `kind`."""
    direct = kind.__subclasses__()
    return direct + [below for each in direct for below in subclasses(each)]


def builtin_of(kind: type[BaseException]) -> str:
    """Return the name of the nearest builtin above `kind`."""
    return next(each.__name__ for each in kind.__mro__ if each.__module__ == "builtins")


def sentence_of(thing: object) -> str:
    """Return the sentence that a class or a function is described by."""
    return (inspect.getdoc(thing) or "").partition("\n")[0].replace("|", "\\|")
