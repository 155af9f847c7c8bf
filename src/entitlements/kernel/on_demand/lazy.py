"""Lazy exports: a package imports a module when one of its names is first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def lazy_exports(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package that imports its modules on demand.

    A name that was used once is kept in the package, so that later uses cost nothing.

    Args:
        package: Full name of the package, its `__name__`.
        modules: Names that each module exports; modules are relative to the package.

    >>> modules = {"periods.spans": ("Span",)}
    >>> package_getattr, package_dir = lazy_exports("entitlements.kernel", modules)
    >>> package_getattr("Span")
    <class 'entitlements.kernel.periods.spans.Span'>
    >>> package_getattr("xyz")
    Traceback (most recent call last):
    AttributeError: module 'entitlements.kernel' has no attribute 'xyz'
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def package_getattr(name: str) -> object:
        module = module_of.get(name)
        if module is None:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}",
                name=name,
                obj=sys.modules[package],
            )
        value: object = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def package_dir() -> list[str]:
        return sorted({*vars(sys.modules[package]), *module_of})

    return package_getattr, package_dir
