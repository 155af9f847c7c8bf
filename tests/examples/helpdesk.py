"""The example's helpdesk as a process of its own, and what must hold about its database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from sqlalchemy import text
from sqlalchemy.engine import make_url
from tests.house.house import ROOT

from entitlements.adapters.sql import SqlStore
from entitlements.service import ChainIntact, Desk

PROJECT = ROOT / "examples" / "django_helpdesk"


class Helpdesk:
    """The server of the example, with its own database.

    Args:
        folder: For SQLite's file.
        url: Of a database of PostgreSQL; empty for SQLite.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        facts = (PROJECT / "support.yaml").read_text(encoding="utf-8")
        (folder / "facts.yaml").write_text(facts.replace('"1": 15m always', '"1": 4s always'))
        self.url = url or f"sqlite:///{folder / 'helpdesk.sqlite3'}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "HELPDESK_DATA": str(folder),
            "HELPDESK_FACTS": str(folder / "facts.yaml"),
            **self._postgres(url),
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        self._server: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _postgres(url: str) -> dict[str, str]:
        if not url:
            return {}
        place = make_url(url)
        host = place.query.get("host", place.host)
        return {
            "DATABASE_NAME": str(place.database),
            "DATABASE_USER": str(place.username),
            "DATABASE_PASSWORD": place.password or "",
            "DATABASE_HOST": str(host),
        }

    def __enter__(self) -> Self:
        self.manage("migrate", "--verbosity", "0")
        self.manage("load_facts")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def manage(self, *words: str) -> str:
        """Run a command of `manage.py` and return what it printed."""
        run = subprocess.run(
            [sys.executable, PROJECT / "manage.py", *words],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return run.stdout

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self._log.open("ab") as lines:
            self._server = subprocess.Popen(
                [sys.executable, PROJECT / "manage.py", "runserver", f"{self.port}", "--noreload"],
                env=self.environment, stdout=lines, stderr=lines,
            )  # fmt: skip
        for _ in range(300):
            assert self._server.poll() is None, self._log.read_text()[-2_000:]
            try:
                urllib.request.urlopen(f"{self.address}/login/", timeout=30).close()  # noqa: S310 - of this machine
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self._log.read_text()[-2_000:])

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def check(self) -> tuple[list[int], list[str]]:
        """Return the ids of tickets and cases, after a check that neither has a ghost."""
        return check_database(self.url)


def check_database(url: str) -> tuple[list[int], list[str]]:
    """Return the ids of tickets and cases; each ticket has its decision, each case its ticket."""
    with SqlStore.open(url) as store:
        desk = Desk(store, "support")
        with store.engine.connect() as connection:
            tickets = sorted(connection.execute(text("SELECT id FROM helpdesk_ticket")).scalars())
        with store.begin("support") as work:
            cases = [each.id for name in work.accounts.customers() for each in work.cases.of(name)]
            decided = {each.subject for each in work.decisions.links()}
        assert decided == {f"ticket-{id}" for id in tickets}
        assert set(cases) <= decided
        assert all(each.same for each in desk.replay_all())
        assert isinstance(desk.verify(), ChainIntact)
        if store.engine.dialect.name == "postgresql":
            store.engine.dispose()
    return tickets, cases
