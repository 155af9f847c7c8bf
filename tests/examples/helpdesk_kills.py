"""Kills the helpdesk's process between any two statements of a request, and looks for ghosts.

`python -m tests.examples.helpdesk_kills --stride 1` kills at each statement and each commit.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from tests.examples.helpdesk import PROJECT, Helpdesk, check_database

from entitlements.ports import Message

TICKET = {
    "queue": "1",
    "title": "The database is down",
    "body": "It does not start.",
    "priority": "2",
    "submitter_email": "dana@acme.example",
}


def _requests() -> dict[str, Callable[[Any], object]]:
    """Return what a customer and the staff do, by name."""
    from helpdesk.models import Ticket  # noqa: PLC0415 - needs the settings

    def send(client: Any, what: str, words: dict[str, str] | None = None) -> object:
        # A server gives no number twice, so the first ticket may have a later one; and one that was
        # killed after its commit has a ticket already.
        first = Ticket.objects.order_by("pk")[0]
        return client.post(f"/tickets/{first.pk}/{what}/", words or {})

    answer = {"comment": "Please try again.", "public": "1", "owner": "1", "title": TICKET["title"]}
    answer |= {"queue": "1", "priority": "2"}
    return {
        "submit": lambda client: client.post("/tickets/submit/", TICKET),
        "hold": lambda client: send(client, "hold"),
        "unhold": lambda client: send(client, "unhold"),
        "reply": lambda client: send(client, "update", {**answer, "new_status": "1"}),
        "resolve": lambda client: send(client, "update", {**answer, "new_status": "3"}),
        "reopen": lambda client: send(client, "update", {**answer, "new_status": "2"}),
    }


def kill_everywhere(url: str, stride: int) -> int:
    """Kill each request at every so many of its statements; return how often."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - needs the settings
    from django.db import connections  # noqa: PLC0415 - needs the settings
    from django.test import Client  # noqa: PLC0415 - needs the settings

    kills = 0
    for name, ask in _requests().items():
        for kill_at in count(1, stride):
            client = Client()
            client.force_login(get_user_model().objects.get(username="ada"))
            connections.close_all()
            process = os.fork()
            if process == 0:
                _act(client, ask, kill_at)
            status = os.waitpid(process, 0)[1]
            tickets, cases = check_database(url)
            if status == 0:
                assert len(tickets) == len(cases) >= 1, name
                break
            assert os.WIFSIGNALED(status), f"{name} {kill_at}: {status}"
            kills += 1
    _late_offer()
    return kills


def _late_offer() -> None:
    """Deliver the message about an offer that has ended: it must not hold up those after it."""
    from helpdesk.models import Ticket  # noqa: PLC0415 - needs the settings
    from support.hooks import message_received  # noqa: PLC0415 - needs the settings

    case = f"ticket-{Ticket.objects.order_by('pk')[0].pk}"
    body = json.dumps({"case": case, "agent": "ada", "fence": 1_000_000})
    at = datetime(2026, 3, 2, tzinfo=UTC)
    message_received(message=Message(number=1_000_000, topic="offer.made", at=at, body=body))


def _act(client: Any, ask: Callable[[Any], Any], kill_at: int) -> None:
    """Make a request in a forked child, which never returns."""
    try:
        _die_at(kill_at)
        reply = ask(client)
        os._exit(0 if reply.status_code == 302 else 4)
    except BaseException as error:  # noqa: BLE001 - a forked child must end here
        os.write(2, f"{kill_at}: {error!r}\n".encode())
        os._exit(3)


def _die_at(kill_at: int) -> None:
    """Kill this process before its n-th statement, or before or after the n-th commit."""
    from django.db import DEFAULT_DB_ALIAS, connection, connections  # noqa: PLC0415 - needs the settings

    from entitlements.adapters.sql.session.channels import DriverChannel  # noqa: PLC0415 - needs the settings

    steps = count(1)

    def step() -> None:
        if next(steps) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapper(execute: Any, *words: Any) -> Any:
        step()
        return execute(*words)

    def stepping(method: Any) -> Any:
        def stepped(*words: Any) -> Any:
            step()
            result = method(*words)
            if method.__name__ == "_commit":
                step()
            return result

        return stepped

    connection.execute_wrappers.append(wrapper)
    for name in ("fetch", "execute", "execute_each"):
        setattr(DriverChannel, name, stepping(getattr(DriverChannel, name)))
    kind: Any = type(connections[DEFAULT_DB_ALIAS])
    kind._commit = stepping(kind._commit)  # noqa: SLF001 - the only place where Django commits


def main(words: list[str]) -> int:
    """Kill a helpdesk on SQLite in a new folder, or on the database of the environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stride", type=int, default=9)
    parser.add_argument("--url", default="")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        helpdesk = Helpdesk(Path(folder), asked.url)
        helpdesk.manage("migrate", "--verbosity", "0")
        helpdesk.manage("load_facts")
        os.environ |= helpdesk.environment
        sys.path.insert(0, str(PROJECT))
        import django  # noqa: PLC0415 - needs the settings

        django.setup()
        kills = kill_everywhere(helpdesk.url, asked.stride)
    sys.stdout.write(f"{kills} kills, no ghost\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
