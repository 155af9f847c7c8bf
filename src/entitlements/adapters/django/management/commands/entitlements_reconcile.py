"""Command `entitlements_reconcile`: give the commands that the host's records ask for."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from entitlements.adapters.django.desks.desks import desk
from entitlements.adapters.django.settings import adapter_settings
from entitlements.kernel.errors import EntitlementsError


class Command(BaseCommand):
    """Repeats what was missed, such as after `QuerySet.update`, which calls no `save`."""

    help = "Compare the host's records with the cases, and give the commands that are missing."

    def handle(self, *_: Any, **__: Any) -> None:
        """Give each command of the project's function; those given before do nothing."""
        asked = adapter_settings()
        if asked.reconcile is None:
            raise CommandError("set ENTITLEMENTS['RECONCILE'] to a function that returns commands")
        new = repeated = failed = 0
        for command in import_string(asked.reconcile)():
            try:
                reply = desk().execute(command)
            except EntitlementsError as error:
                self.stderr.write(f"{command.id}: {error}")
                failed += 1
                continue
            repeated += reply.repeated
            new += not reply.repeated
        self.stdout.write(f"{new} given, {repeated} given before, {failed} refused")
