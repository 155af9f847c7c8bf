"""Command `entitlements_dump`: the facts in the store as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.adapters.django.desks.desks import default_store, tenant_of
from entitlements.documents.write import document_data, document_text
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import utc
from entitlements.loading import stored_facts, stored_records


class Command(BaseCommand):
    """Writes a document that loads to no change."""

    help = "Write the facts in the store as a document that `entitlements_load` reads."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("--tenant", help="default: that of the settings")
        parser.add_argument("--at", help="what was known at this instant; default: everything")
        parser.add_argument("-o", "--output", help="file to write; default: standard output")
        parser.add_argument("--format", choices=["yaml", "json"], default="yaml")

    def handle(self, *_: Any, **options: Any) -> None:
        """Write the document."""
        try:
            tenant = tenant_of(options["tenant"])
            at = None if options["at"] is None else utc(options["at"])
            facts = stored_facts(default_store(), at, tenant=tenant)
            records = stored_records(default_store(), at, tenant=tenant)
            data = document_data(facts, tenant, records)
            text = document_text(data, options["format"])
        except EntitlementsError as error:
            raise CommandError(str(error)) from error
        if options["output"] is None:
            self.stdout.write(text, ending="")
        else:
            Path(options["output"]).write_text(text, encoding="utf-8")
