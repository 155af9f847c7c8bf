from __future__ import annotations

from io import StringIO

from django.apps import apps
from django.core.management import call_command


def test_the_models_need_no_further_migration(alias: str) -> None:
    del alias
    call_command("makemigrations", "entitlements", check=True, dry_run=True, stdout=StringIO())


def test_each_page_has_one_permission_and_that_is_to_view(project: object) -> None:
    del project
    found = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="entitlements"
    )
    assert sorted(each.codename for each in found) == [
        "view_agent",
        "view_case",
        "view_decision",
        "view_ledger",
        "view_servicerecord",
    ]
