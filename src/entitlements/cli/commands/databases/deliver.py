"""Command `deliver`: sends the messages of a database to a URL, as signed webhooks."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from entitlements.adapters.named_tenants import chosen_tenants
from entitlements.adapters.webhooks import WebhookSender
from entitlements.adapters.webhooks.deliveries import (
    dead_letters,
    deliver_waiting,
    read_secrets,
    register_endpoint,
    remove_endpoint,
    reported,
    requeue_all,
)
from entitlements.cli.arguments import Parser
from entitlements.cli.commands.databases.work import Stop
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_known_id
from entitlements.ports import Endpoint
from entitlements.service import MESSAGE_DATA, RelayPolicy

MAX_POLL: Final = 3_600
MAX_TIMEOUT: Final = 300


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
    endpoint = _endpoint(asked)
    if asked.dead:
        return _show_dead(asked)
    if asked.remove:
        return _remove(asked, endpoint)
    timeout = timedelta(seconds=asked.timeout)
    send = _sender(asked, timeout)
    # A message takes a little longer than its sender may: it is also written down.
    policy = RelayPolicy(timeout=timeout * 1.5, lease=max(timedelta(minutes=2), timeout * 4))
    with Stop() as stopped, store_at(asked.database) as store:
        tenants = chosen_tenants(store, asked.tenant)
        if endpoint is not None:
            register_endpoint(store, tenants, endpoint, change=bool(endpoint.topics))
        if asked.again:
            requeue_all(store, tenants, asked.endpoint or "")
        if not asked.once:
            sys.stderr.write(f"delivering to {send.url}; stop it with Ctrl-C\n")
        counts = Counter(delivered=0, failed=0, dead=0)
        while not stopped():
            done = deliver_waiting(
                store, asked.tenant, reported(send, sys.stderr.write),
                endpoint=endpoint, policy=policy, source=asked.source, stopped=stopped,
            )  # fmt: skip
            counts.update({name: len(getattr(done, name)) for name in counts})
            if asked.once:
                break
            if not done.delivered:
                store.wait(asked.poll)
    sys.stdout.write(json.dumps(counts) + "\n")
    return 1 if counts["dead"] else 0


def _endpoint(asked: Namespace) -> Endpoint | None:
    if asked.endpoint is None:
        if asked.topic or asked.remove:
            name = "--topic" if asked.topic else "--remove"
            raise InvalidValueError("name the endpoint", hint="--endpoint", path=name)
        return None
    for each in asked.topic or ():
        if not each.endswith("*"):
            check_known_id("topic", each, MESSAGE_DATA, "--topic")
    try:
        return Endpoint(id=asked.endpoint, topics=asked.topic or ())
    except InvalidValueError as error:
        error.path = "--topic" if "topic" in error.message else "--endpoint"
        raise


def _show_dead(asked: Namespace) -> int:
    with store_at(asked.database) as store:
        for each in dead_letters(store, chosen_tenants(store, asked.tenant)):
            sys.stdout.write(json.dumps(each, ensure_ascii=False) + "\n")
    return 0


def _remove(asked: Namespace, endpoint: Endpoint | None) -> int:
    assert endpoint is not None  # noqa: S101 - `_endpoint` has refused it
    with store_at(asked.database) as store:
        tenants = chosen_tenants(store, asked.tenant)
        removed = remove_endpoint(store, tenants, endpoint.id)
    sys.stdout.write(json.dumps({"removed": removed}) + "\n")
    return 0


def _sender(asked: Namespace, timeout: timedelta) -> WebhookSender:
    for name, value in (("--to", asked.to), ("--secret-file", asked.secret_file)):
        if value is None:
            raise InvalidValueError("is needed to deliver", path=name)
    secrets = read_secrets(asked.secret_file, path="--secret-file")
    try:
        return WebhookSender(asked.to, secrets, allow=asked.allow or (), timeout=timeout)
    except InvalidValueError as error:
        error.path = "--to" if "URL" in error.message else "--secret-file"
        raise


def _parser() -> Parser:
    parser = Parser(
        "deliver", "Send the messages of a database to a URL as signed webhooks, each until it "
        "arrives, and those of one case in their order.",
    )  # fmt: skip
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--to", metavar="URL", help="`https://...` of the receiver")
    parser.add_argument("--secret-file", metavar="FILE", help="secrets `whsec_...`, one a line")
    parser.add_argument(
        "--endpoint", metavar="ID", help="one of several receivers, each with its own progress"
    )
    parser.add_argument(
        "--topic",
        action="append",
        metavar="TOPIC",
        help="only such messages for the endpoint, as `case.granted` or `case.*`, repeatable; all "
        "for a new endpoint, `*` to change it to all",
    )
    parser.add_argument(
        "--remove", action="store_true", help="remove the endpoint, with what waits for it"
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
    parser.add_argument("--dead", action="store_true", help="only list the dead letters, as JSON")
    return parser
