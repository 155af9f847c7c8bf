"""Command `entitlements_load`: documents into the store, with the changes shown first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.adapters.django.desks.desks import default_store, tenant_of
from entitlements.adapters.named_tenants import loaded_tenant
from entitlements.documents.read import read_documents
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import EntitlementsError
from entitlements.loading import apply, plan_load


class Command(BaseCommand):
    """Loads documents on Django's connection, all of them or nothing."""

    help = "Bring documents of facts into the store; what changes is shown first."

    def add_arguments(self, parser: Any) -> None:
        """Add the options."""
        parser.add_argument("files", nargs="+", help="YAML or JSON documents, or folders of them")
        parser.add_argument("--tenant", help="default: that of the settings")
        parser.add_argument(
            "--new-tenant", action="store_true", help="allow a tenant that is new beside others"
        )
        parser.add_argument("--plan", action="store_true", help="only show what changes")
        parser.add_argument("--prune", action="store_true", help="also end what is not named")
        parser.add_argument("--correct", action="store_true", help="allow corrections of the past")

    def handle(self, *_: Any, **options: Any) -> None:
        """Show the plan and load it; with `--plan`, exit with 1 if anything would change."""
        tenant, store = tenant_of(options["tenant"]), default_store()
        try:
            loaded_tenant(store, tenant, new=options["new_tenant"])
            found = read_documents(options["files"], holidays=public_holidays, tenant=tenant)
            how = {name: options[name] for name in ("prune", "correct")}
            how |= {"tenant": tenant, "records": found.records}
            plan = plan_load(store, found.facts, **how)
            self.stdout.write("\n".join(map(str, (*plan.steps, *plan.effects(), plan.summary()))))
            if options["plan"]:
                if plan.changes_anything:
                    raise SystemExit(1)
                return
            apply(store, found.facts, **how)
        except EntitlementsError as error:
            raise CommandError(str(error)) from error
