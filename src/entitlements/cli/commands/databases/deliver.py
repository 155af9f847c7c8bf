"""Command `deliver`: sends the messages of a database to a URL, as signed webhooks."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from entitlements.adapters.webhooks import WebhookSender
from entitlements.adapters.webhooks.deliveries import deliver_waiting, read_secrets
from entitlements.cli.arguments import Parser
from entitlements.cli.commands.databases.work import Stop
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.kernel.errors import InvalidValueError
from entitlements.ports import Store
from entitlements.service import RelayPolicy, RelayRound

MAX_POLL: Final = 3_600
MAX_TIMEOUT: Final = 300
_PAGE: Final = 100


def run(words: Sequence[str]) -> int:
    """Deliver messages until stopped, and print the totals; 1 if a message became a dead letter."""
    asked = _parser().read(words)
    for name, value, most in (
        ("--poll", asked.poll, MAX_POLL),
        ("--timeout", asked.timeout, MAX_TIMEOUT),
    ):
        if not 0 < value <= most:
            hint = f"more than 0, at most {most}"
            raise InvalidValueError(f"`{value}` seconds", hint=hint, path=name)
    timeout = timedelta(seconds=asked.timeout)
    send = _sender(asked, timeout)
    # A message takes a little longer than its sender may: it is also written down.
    policy = RelayPolicy(timeout=timeout * 1.5, lease=max(timedelta(minutes=2), timeout * 4))
    with store_at(asked.database) as store:
        if asked.again:
            _requeue(store, asked.tenant)
        if asked.once:
            done = deliver_waiting(store, asked.tenant, send, policy=policy, source=asked.source)
        else:
            sys.stderr.write(f"delivering to {send.url}; stop it with Ctrl-C\n")
            done = _until_stopped(
                store,
                Stop(),
                asked.poll,
                lambda: deliver_waiting(
                    store, asked.tenant, send, policy=policy, source=asked.source
                ),
            )
    counts = {"delivered": done.delivered, "failed": done.failed, "dead": done.dead}
    sys.stdout.write(json.dumps({name: len(each) for name, each in counts.items()}) + "\n")
    return 1 if done.dead else 0


def _until_stopped(
    store: Store, stopped: Callable[[], bool], poll: float, deliver: Callable[[], RelayRound]
) -> RelayRound:
    total = RelayRound()
    while not stopped():
        done = deliver()
        total += done
        if not done.delivered:
            store.wait(poll)
    return total


def _sender(asked: Namespace, timeout: timedelta) -> WebhookSender:
    secrets = read_secrets(asked.secret_file, path="--secret-file")
    try:
        return WebhookSender(asked.to, secrets, allow=asked.allow or (), timeout=timeout)
    except InvalidValueError as error:
        error.path = "--to" if "URL" in error.message else "--secret-file"
        raise


def _requeue(store: Store, tenants: Sequence[str] | None) -> None:
    """Have all dead letters delivered again."""
    for tenant in tenants or store.tenants():
        with store.begin(tenant) as work:
            while letters := work.outbox.dead_letters(most=_PAGE):
                work.outbox.requeue(each.number for each in letters)
            work.commit()


def _parser() -> Parser:
    parser = Parser(
        "deliver", "Send the messages of a database to a URL as signed webhooks, each until it "
        "arrives, and those of one case in their order.",
    )  # fmt: skip
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--to", required=True, metavar="URL", help="`https://...` of the receiver")
    parser.add_argument(
        "--secret-file", required=True, metavar="FILE", help="secrets `whsec_...`, one a line"
    )
    parser.add_argument("--tenant", action="append", metavar="ID", help="only this, repeatable")
    parser.add_argument(
        "--allow",
        action="append",
        metavar="HOST",
        help="a host that may have a private address, repeatable",
    )
    parser.add_argument("--source", metavar="URI", help="the sender, as the envelopes name it")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for one message")
    parser.add_argument("--poll", type=float, default=2.0, help="seconds to wait when idle")
    parser.add_argument("--once", action="store_true", help="stop when nothing is left to send now")
    parser.add_argument("--again", action="store_true", help="also send all dead letters again")
    return parser
