from __future__ import annotations

import pytest

import entitlements.kernel
from entitlements.kernel.on_demand.lazy import lazy_exports
from entitlements.kernel.periods.spans import Span

KERNEL = "entitlements.kernel"


def test_a_name_is_the_one_that_its_module_defines() -> None:
    package_getattr, _ = lazy_exports(KERNEL, {"periods.spans": ("Span",)})
    assert package_getattr("Span") is Span


def test_a_name_that_was_used_is_kept_in_the_package() -> None:
    assert entitlements.kernel.Span is Span
    assert vars(entitlements.kernel)["Span"] is Span


def test_an_unknown_name_is_missing_as_in_any_module() -> None:
    package_getattr, _ = lazy_exports(KERNEL, {"periods.spans": ("Span",)})
    with pytest.raises(AttributeError, match="has no attribute 'Spam'") as caught:
        package_getattr("Spam")
    assert caught.value.name == "Spam"
    with pytest.raises(ImportError, match="Spam"):
        exec("from entitlements.kernel import Spam")  # noqa: S102 - the statement is the test


def test_names_are_listed_before_they_are_used() -> None:
    _, package_dir = lazy_exports(
        KERNEL, {"periods.spans": ("Span",), "errors": ("ConflictError",)}
    )
    assert {"ConflictError", "Span", "__name__"} <= set(package_dir())
