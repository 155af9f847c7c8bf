"""Command `entitlements_deliver`: sends messages to a URL, as signed webhooks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from entitlements.adapters.django.desks import default_store
from entitlements.adapters.webhooks import WebhookSender
from entitlements.adapters.webhooks.deliveries import deliver_waiting, read_secrets
from entitlements.kernel.errors import InvalidValueError
from entitlements.service.messages.relay import RelayRound


class Command(BaseCommand):
    """Delivers messages to one URL, beside any number of other relays."""

    help = "Send messages to a URL as signed webhooks, each until it arrives."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("--to", required=True, help="`https://...` of the receiver")
        parser.add_argument("--secret-file", required=True, help="secrets `whsec_...`, one a line")
        parser.add_argument("--tenant", action="append", help="only this tenant, repeatable")
        parser.add_argument("--allow", action="append", help="a host that may be private")
        parser.add_argument("--source", help="URI of the sender, as the envelopes name it")
        parser.add_argument("--poll", type=float, default=2.0, help="seconds to wait when idle")
        parser.add_argument("--once", action="store_true", help="stop when nothing is left")

    def handle(self, *_: Any, **options: Any) -> None:
        """Deliver until interrupted, or until nothing is left to send now."""
        store, total = default_store(), RelayRound()
        try:
            secrets = read_secrets(options["secret_file"], path="--secret-file")
            send = WebhookSender(options["to"], secrets, allow=options["allow"] or ())
        except InvalidValueError as error:
            raise CommandError(str(error)) from error
        while True:
            close_old_connections()
            done = deliver_waiting(store, options["tenant"], send, source=options["source"])
            total += done
            if options["once"]:
                break
            if not done.delivered:
                store.wait(options["poll"])
        counts = (len(total.delivered), len(total.failed), len(total.dead))
        self.stdout.write("{} delivered, {} failed, {} dead".format(*counts))
