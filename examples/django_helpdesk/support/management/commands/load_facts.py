"""Command `load_facts`: store the plans, customers and agents of `support.yaml`, and make users."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from helpdesk.models import Queue

from entitlements.adapters.django import desk
from entitlements.documents import read_facts
from entitlements.routing import Roster


class Command(BaseCommand):
    """Stores the facts in an empty database; in another it does nothing."""

    @transaction.atomic
    def handle(self, *_: Any, **__: Any) -> None:
        """Store the facts, a queue for each product, and a user for each agent."""
        facts = read_facts(settings.SUPPORT_FACTS)
        context = desk().context
        with context.store.begin(context.tenant) as work:
            if work.catalog.number():
                return
            policies = facts.policies.values()
            work.catalog.save(facts.catalog, policies, work.now(), routing=facts.routing)
            for account in facts.accounts.values():
                work.accounts.open(account)
            work.roster.change(Roster(), facts.roster)
            work.commit()
        users = get_user_model().objects
        for agent in facts.roster.agents:
            users.create_user(agent, password=agent, is_staff=True, is_superuser=True)
        for product in facts.catalog.products:
            name = product.id.title()
            Queue.objects.create(title=name, slug=product.id, allow_public_submission=True)
        self.stdout.write("stored; sign in as ada or bob, the password is the name")
