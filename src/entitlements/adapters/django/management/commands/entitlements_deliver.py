"""Command `entitlements_deliver`: sends messages to a URL, as signed webhooks."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from entitlements.adapters.django.desks.desks import default_store
from entitlements.adapters.django.desks.store import DjangoStore
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
from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.ports import Endpoint


class Command(BaseCommand):
    """Delivers messages to one URL, beside any number of other relays."""

    help = "Send messages to a URL as signed webhooks, each until it arrives."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("--to", help="`https://...` of the receiver")
        parser.add_argument("--secret-file", help="secrets `whsec_...`, one a line")
        parser.add_argument("--endpoint", help="one of several receivers, with its own progress")
        parser.add_argument(
            "--topic", action="append", help="only such messages, as `case.*`; `*` for all"
        )
        parser.add_argument("--remove", action="store_true", help="remove the endpoint")
        parser.add_argument("--tenant", action="append", help="only this tenant, repeatable")
        parser.add_argument("--allow", action="append", help="a host that may be private")
        parser.add_argument("--source", help="URI of the sender, as the envelopes name it")
        parser.add_argument("--poll", type=float, default=2.0, help="seconds to wait when idle")
        parser.add_argument("--once", action="store_true", help="stop when nothing is left")
        parser.add_argument("--again", action="store_true", help="also send dead letters again")
        parser.add_argument("--dead", action="store_true", help="only list the dead letters")

    def handle(self, *_: Any, **options: Any) -> None:
        """Deliver until stopped, or until nothing is left to send now."""
        try:
            self._deliver(default_store(), options)
        except (InvalidValueError, UnknownIdError) as error:
            raise CommandError(str(error)) from error

    def _deliver(self, store: DjangoStore, options: Mapping[str, Any]) -> None:
        tenants, endpoint = chosen_tenants(store, options["tenant"]), None
        if options["endpoint"] is not None:
            endpoint = Endpoint(id=options["endpoint"], topics=options["topic"] or ())
        if options["dead"]:
            for each in dead_letters(store, tenants):
                self.stdout.write(json.dumps(each, ensure_ascii=False))
            return
        if options["remove"]:
            removed = remove_endpoint(store, tenants, options["endpoint"] or "")
            self.stdout.write("removed from " + ", ".join(removed))
            return
        for name in ("to", "secret_file"):
            if options[name] is None:
                raise CommandError(f"--{name.replace('_', '-')}: is needed to deliver")
        secrets = read_secrets(options["secret_file"], path="--secret-file")
        send = WebhookSender(options["to"], secrets, allow=options["allow"] or ())
        if endpoint is not None:
            register_endpoint(store, tenants, endpoint, change=bool(endpoint.topics))
        if options["again"]:
            requeue_all(store, tenants, options["endpoint"] or "")
        self._until_stopped(store, send, endpoint, options)

    def _until_stopped(
        self,
        store: DjangoStore,
        send: WebhookSender,
        endpoint: Endpoint | None,
        options: Mapping[str, Any],
    ) -> None:
        stop: list[int] = []
        if not options["once"]:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda number, _frame: stop.append(number))
        counts = Counter(delivered=0, failed=0, dead=0)
        while not stop:
            close_old_connections()
            done = deliver_waiting(
                store,
                options["tenant"],
                reported(send, self.stderr.write),
                endpoint=endpoint,
                source=options["source"],
                stopped=lambda: bool(stop),
            )
            counts.update({name: len(getattr(done, name)) for name in counts})
            if options["once"]:
                break
            if not done.delivered:
                store.wait(options["poll"])
        self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
