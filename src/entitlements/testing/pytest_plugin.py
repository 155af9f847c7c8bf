"""Plugin for pytest: promise files, fixtures of desks, differences in words, and golden answers.

It is loaded in every test run of an environment with this library, so it imports nothing before
there is a promise file, or a test that uses a fixture or the marker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from entitlements.testing.fixtures.clock import MovableClock
    from entitlements.testing.fixtures.desks import MakeDesk
    from entitlements.testing.fixtures.facts_builder import FactsBuilder

_SUFFIXES = (".promises.yaml", ".promises.yml", ".promises.json")
_ANSWERS = frozenset(
    {"Assessment", "Granted", "Deferred", "Denied", "Measurement", "Reading"}
    | {"Assigned", "Waiting", "Unroutable"}
)
_URL = "entitlements_postgres_url"
_VARIABLE = "ENTITLEMENTS_POSTGRES_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of golden answers, and the setting of a PostgreSQL."""
    parser.getgroup("entitlements").addoption(
        "--promise-update",
        action="store_true",
        help="store the answers of tests with the marker `promise` instead of comparing them",
    )
    parser.addini(_URL, f"address of a PostgreSQL for `postgres_desk`; or set {_VARIABLE}")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    marker = "promise: compare what the test returns with the answer that is stored beside it"
    config.addinivalue_line("markers", marker)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect `*.promises.yaml`."""
    if not file_path.name.endswith(_SUFFIXES):
        return None
    from entitlements.testing.promises.collector import (  # noqa: PLC0415 - only where it is used
        PromiseFileCollector,
    )

    return PromiseFileCollector.from_parent(parent, path=file_path)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Return the differences of two answers of the library in words."""
    if op != "==" or not (_is_answer(left) and _is_answer(right)):
        return None
    from entitlements.testing.fixtures.comparison import (  # noqa: PLC0415 - only where it is used
        differences_in_words,
    )

    lines = differences_in_words(left, right)
    return [f"the {type(left).__name__} differs (found, not expected):", *lines] if lines else None


def _is_answer(value: object) -> bool:
    kind = type(value)
    return kind.__name__ in _ANSWERS and kind.__module__.startswith("entitlements.")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test with the marker `promise`, and compare what it returns."""
    if pyfuncitem.get_closest_marker("promise") is None:
        return None
    from entitlements.testing.fixtures.golden import (  # noqa: PLC0415 - only where it is used
        compare_golden,
        golden_path,
    )

    names = pyfuncitem._fixtureinfo.argnames  # noqa: SLF001 - as pytest itself calls a test
    answer = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    stored = golden_path(pyfuncitem.path, pyfuncitem.name)
    update = pyfuncitem.config.getoption("--promise-update")
    difference = compare_golden(answer, stored, update=update)
    if difference is not None:
        pytest.fail(difference, pytrace=False)
    return True


@pytest.fixture
def entitlements_clock() -> MovableClock:
    """A clock that the test moves; it begins on Monday, 2 March 2026, at 09:00 UTC."""
    from entitlements.testing.fixtures.clock import (  # noqa: PLC0415 - only where it is used
        MovableClock,
    )

    return MovableClock()


@pytest.fixture
def entitlements_facts() -> FactsBuilder:
    """A builder of facts: `entitlements_facts.products("db").plan(...).sold("gold", to="acme")`."""
    from entitlements.testing.fixtures.facts_builder import (  # noqa: PLC0415 - only where it is used
        FactsBuilder,
    )

    return FactsBuilder()


@pytest.fixture
def memory_desk(entitlements_clock: MovableClock) -> MakeDesk:
    """Makes a desk over a store in memory: `memory_desk(facts)`."""
    from entitlements.adapters.memory import MemoryStore  # noqa: PLC0415 - only where it is used
    from entitlements.testing.fixtures.desks import desk_maker  # noqa: PLC0415 - as above

    return desk_maker(MemoryStore(entitlements_clock))


@pytest.fixture
def sqlite_desk(entitlements_clock: MovableClock, tmp_path: Path) -> Iterator[MakeDesk]:
    """Makes a desk over a database of SQLite in `tmp_path`: `sqlite_desk(facts)`."""
    _needs("sqlalchemy")
    from entitlements.testing.fixtures.desks import sqlite_desks  # noqa: PLC0415 - as above

    with sqlite_desks(tmp_path, entitlements_clock) as make:
        yield make


@pytest.fixture
def postgres_desk(
    entitlements_clock: MovableClock, pytestconfig: pytest.Config
) -> Iterator[MakeDesk]:
    """Makes a desk over a new schema of a PostgreSQL: `postgres_desk(facts)`."""
    url: Any = pytestconfig.getini(_URL) or os.environ.get(_VARIABLE)
    if not url:
        pytest.skip(f"no PostgreSQL: set {_URL} in the settings of pytest, or {_VARIABLE}")
    _needs("sqlalchemy")
    from uuid import uuid4  # noqa: PLC0415 - only where it is used

    from entitlements.testing.fixtures.desks import postgres_desks  # noqa: PLC0415 - as above

    with postgres_desks(url, f"entitlements_{uuid4().hex}", entitlements_clock) as make:
        yield make


def _needs(module: str) -> None:
    pytest.importorskip(module, reason=f"{module} is missing: install entitlements[sql]")
