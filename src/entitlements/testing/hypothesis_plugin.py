"""Entry point of Hypothesis: `st.from_type` draws every public value of this library.

Hypothesis calls `register` when it is imported, in every project of an environment that has this
library. So nothing of the library is imported here: a finder waits until one of its modules is
imported, and then registers the value classes of that module, each with a function that draws when
it is asked.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy
    from hypothesis.vendor.pretty import RepresentationPrinter

_ROOT = "entitlements."
_LEFT_OUT = ("entitlements.cli.", "entitlements.adapters.")


def register() -> None:
    """Register the values of modules that are imported, and of others when they are."""
    for name, module in list(sys.modules.items()):
        if _is_ours(name):
            _register_values(module)
    if not any(isinstance(each, _Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _is_ours(name: str) -> bool:
    return name.startswith(_ROOT) and not name.startswith(_LEFT_OUT)


class _Finder(MetaPathFinder):
    """Finds modules of the library as before, and registers their values after the import."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a module of the library; None for all others."""
        if not _is_ours(fullname):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Executes a module as its own loader does, and registers its values."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as its own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, and register its values."""
        self._loader.exec_module(module)
        _register_values(module)


def _register_values(module: ModuleType) -> None:
    """Register how Hypothesis draws and prints the values that a module defines."""
    from hypothesis.strategies import register_type_strategy  # noqa: PLC0415 - it is being imported

    for name, kind in list(vars(module).items()):
        own = isinstance(kind, type) and kind.__module__ == module.__name__
        if own and not name.startswith("_") and _is_value(kind):
            register_type_strategy(kind, _drawn)
            # The method by which IPython prints a value, too; it is found before all others.
            setattr(kind, "_repr_pretty_", _print)  # noqa: B010 - it is no method of the class


def _is_value(kind: type) -> bool:
    return hasattr(kind, "__attrs_attrs__") or kind.__name__ in _OTHERS


_OTHERS = frozenset({"BusinessHours", "Ledger", "History", "Measurement", "Reading", "QueueOrder"})
"""Values that are no attrs classes."""


def _drawn(kind: type[Any]) -> SearchStrategy[Any]:
    from entitlements.testing.strategies.by_type.value_classes import (  # noqa: PLC0415 - when one is asked for
        of_type,
    )

    return of_type(kind)


def _print(value: object, printer: RepresentationPrinter, _cycle: bool) -> None:  # noqa: FBT001 - called by Hypothesis
    """Print a value of a failing example so that it can be pasted."""
    from entitlements.testing.strategies.by_type.code import (  # noqa: PLC0415 - when one is printed
        print_code,
    )

    print_code(value, printer)
