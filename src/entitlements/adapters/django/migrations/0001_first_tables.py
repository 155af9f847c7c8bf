"""The first tables, and the permissions to view the admin's pages."""

from __future__ import annotations

from django.db import migrations, models

from entitlements.adapters.django.schema import to_revision


def _page(name: str, plural: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[("id", models.CharField(max_length=200, primary_key=True, serialize=False))],
        options={
            "verbose_name_plural": plural,
            "abstract": False,
            "managed": False,
            "default_permissions": ("view",),
        },
    )


class Migration(migrations.Migration):
    """Runs the Alembic migration 0001."""

    initial = True
    operations = [  # noqa: RUF012 - as Django reads it
        migrations.RunPython(to_revision("0001"), to_revision("base")),
        _page("Case", "cases and clocks"),
        _page("Decision", "decisions"),
        _page("Agent", "agents"),
        _page("ServiceRecord", "records of service"),
        _page("Ledger", "ledgers"),
    ]
