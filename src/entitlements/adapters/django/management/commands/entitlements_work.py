"""Command `entitlements_work`: a background worker that offers waiting work to agents."""

from __future__ import annotations

import os
import platform
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from entitlements.adapters.django.desks.desks import default_store
from entitlements.adapters.django.desks.outbox import send_committed
from entitlements.adapters.named_tenants import check_tenants
from entitlements.kernel.errors import UnknownIdError
from entitlements.service.worker import Worker, WorkerRound


class Command(BaseCommand):
    """Offers waiting work and carries out what is due, beside any number of other workers."""

    help = "Offer waiting work and process timeouts until stopped; run any number of these."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("--tenant", action="append", help="only this tenant, repeatable")
        parser.add_argument("--owner", help="unique name of this worker")
        parser.add_argument("--poll", type=float, default=2.0, help="seconds to wait when idle")
        parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")

    def handle(self, *_: Any, **options: Any) -> None:
        """Work until stopped, or until nothing is left."""
        store = default_store()
        try:
            check_tenants(store, options["tenant"] or ())
        except UnknownIdError as error:
            raise CommandError(str(error)) from error
        owner = options["owner"] or f"{platform.node() or 'worker'}-{os.getpid()}"
        worker = Worker(store, owner, tenants=options["tenant"])
        stop: list[int] = []
        if not options["once"]:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda number, _frame: stop.append(number))
        total = WorkerRound()
        while not stop:
            close_old_connections()
            done = worker.round()
            total += done
            for tenant in options["tenant"] or store.tenants():
                send_committed(store, tenant)
            if done.idle:
                if options["once"]:
                    break
                store.wait(options["poll"])
        self.stdout.write(f"{total.offered} offered, {total.timed_out} processed")
