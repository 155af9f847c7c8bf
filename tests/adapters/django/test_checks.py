from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.test.utils import override_settings
from tests.service.desks import TENANT

from entitlements.adapters.django.checks import check_database, check_schema, check_settings
from entitlements.adapters.sql.tables import REVISION, VERSION_TABLE


def ids(found: list[Any]) -> list[str]:
    return [each.id for each in found]


def test_a_project_that_is_set_up_has_no_remarks(alias: str) -> None:
    del alias
    assert [each for each in run_checks() if each.id.startswith("entitlements")] == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, ["entitlements.W002"], id="no tenant"),
        pytest.param({"TENNANT": "t"}, ["entitlements.E001"], id="unknown key"),
        pytest.param(
            {"TENANT": "t", "RECONCILE": "nowhere.at.all"}, ["entitlements.E001"], id="no function"
        ),
    ],
)
def test_settings_are_checked(project: object, given: dict[str, str], expected: list[str]) -> None:
    del project
    with override_settings(ENTITLEMENTS=given):
        assert ids(check_settings()) == expected


def test_the_database_is_checked(project: dict[str, str]) -> None:
    del project
    with override_settings(ENTITLEMENTS={"DATABASE": "nowhere"}):
        assert ids(check_database()) == ["entitlements.E002"]
    with override_settings(ENTITLEMENTS={"NONSENSE": 1}):
        assert check_database() == check_schema() == []
    django = connections["default"]
    options = django.settings_dict["OPTIONS"]
    django.settings_dict["OPTIONS"] = {}
    assert ids(check_database()) == ["entitlements.W001"]
    django.settings_dict["OPTIONS"] = options
    vendor, django.__class__.vendor = django.vendor, "oracle"
    assert ids(check_database()) == ["entitlements.E002"]
    assert check_schema(["default"]) == []
    django.__class__.vendor = vendor


def test_the_migration_is_checked(alias: str) -> None:
    with override_settings(ENTITLEMENTS={"TENANT": TENANT, "DATABASE": alias}):
        assert check_schema([alias]) == check_schema([]) == check_schema() == []
        with connections[alias].cursor() as cursor:
            change = f"UPDATE {VERSION_TABLE} SET version_num = %s"  # noqa: S608 - a name of our own
            cursor.execute(change, ["9999"])
            assert ids(check_schema([alias])) == ["entitlements.E003"]
            cursor.execute(change, [REVISION])
