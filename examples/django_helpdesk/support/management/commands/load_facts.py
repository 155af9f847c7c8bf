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
from entitlements.loading import apply


class Command(BaseCommand):
    """Loads the facts into an empty database; what is there already stays."""

    @transaction.atomic
    def handle(self, *_: Any, **__: Any) -> None:
        """Store the facts, a queue for each product, and a user for each agent."""
        facts = read_facts(settings.SUPPORT_FACTS)
        context = desk().context
        if not apply(context.store, facts, tenant=context.tenant).changes_anything:
            return
        users = get_user_model().objects
        for agent in facts.roster.agents:
            if not users.filter(username=agent).exists():
                users.create_user(agent, password=agent, is_staff=True, is_superuser=True)
        for product in facts.catalog.products:
            name = product.id.title()
            made = {"title": name, "allow_public_submission": True}
            Queue.objects.get_or_create(slug=product.id, defaults=made)
        self.stdout.write("stored; sign in as ada or bob, the password is the name")
