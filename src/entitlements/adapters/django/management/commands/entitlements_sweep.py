"""Command `entitlements_sweep`: carry out what is due, and send messages that still wait."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.adapters.django.desks.desks import default_store, desk
from entitlements.adapters.django.desks.outbox import send_committed
from entitlements.adapters.named_tenants import chosen_tenants
from entitlements.kernel.errors import UnknownIdError
from entitlements.outcomes.notices.sweeping import sweep_notices


class Command(BaseCommand):
    """Carries out what is due because time has passed; run it every minute, from anywhere."""

    help = "Send warnings and breaches, expire offers, end holds, and relay waiting messages."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("--tenant", action="append", help="only this tenant, repeatable")
        parser.add_argument(
            "--notices",
            action="store_true",
            help="also send notices that are due by the notice clauses; once a day is enough",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Process every tenant until nothing is due."""
        store = default_store()
        try:
            tenants = chosen_tenants(store, options["tenant"])
        except UnknownIdError as error:
            raise CommandError(str(error)) from error
        changed = failed = sent = notified = 0
        for tenant in tenants:
            more = True
            while more:
                found = desk(tenant).process_due()
                changed += len(found.cases) + len(found.work_items)
                failed += len(found.failed)
                more = found.more
            if options["notices"]:
                swept = sweep_notices(desk(tenant))
                notified += len(swept.sent)
                failed += len(swept.broken)
                for customer, why in swept.broken.items():
                    self.stderr.write(f"{customer}: {why}")
            sent += send_committed(store, tenant)
        notices = f"{notified} notices, " if options["notices"] else ""
        self.stdout.write(f"{changed} changed, {failed} set aside, {notices}{sent} messages sent")
