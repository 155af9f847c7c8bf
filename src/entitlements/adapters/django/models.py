"""Models without tables: the entries of the admin's menu and their permissions to view.

What the pages show is read from the store; see `admin.py`.
"""

from __future__ import annotations

from django.db import models


class _Page(models.Model):
    id = models.CharField(max_length=200, primary_key=True)

    class Meta:
        abstract = True
        managed = False
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.id)


class Case(_Page):
    """Cases of the tenant, with their clocks and events."""

    class Meta(_Page.Meta):
        verbose_name_plural = "cases and clocks"


class Decision(_Page):
    """Recorded decisions of the tenant, each with its explanation."""

    class Meta(_Page.Meta):
        verbose_name_plural = "decisions"


class Agent(_Page):
    """Agents of the tenant, with their work."""

    class Meta(_Page.Meta):
        verbose_name_plural = "agents"


class ServiceRecord(_Page):
    """Records of service of the tenant: outages, surveys, complaints, notices and the others."""

    class Meta(_Page.Meta):
        verbose_name_plural = "records of service"


class Ledger(_Page):
    """Ledgers of the tenant's customers."""

    class Meta(_Page.Meta):
        verbose_name_plural = "ledgers"
