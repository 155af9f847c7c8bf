from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.loading.documents import changed
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.django.desks.desks import default_store, desk
from entitlements.aftersales import Outage
from entitlements.documents import parse_facts
from entitlements.loading import apply, stored_facts, stored_records
from entitlements.service import RecordOutage


def test_a_dump_is_a_document_that_loads_to_no_change(alias: str, tmp_path: Path) -> None:
    del alias
    down = Outage(id="O-1", service="db", start=MONDAY)
    desk().execute(RecordOutage(id="k-1", outage=down), MONDAY)
    out, file = StringIO(), tmp_path / "dump.yaml"
    call_command("entitlements_dump", stdout=out)
    assert parse_facts(out.getvalue()) == stored_facts(default_store(), tenant=TENANT)
    call_command("entitlements_dump", output=str(file), stdout=StringIO())
    assert file.read_text(encoding="utf-8") == out.getvalue()
    loaded = StringIO()
    call_command("entitlements_load", str(file), plan=True, prune=True, stdout=loaded)
    assert loaded.getvalue().startswith("0 to add, 0 to change, 0 to end, ")
    again = tmp_path / "records.yaml"
    again.write_text("outages: [{id: O-2, service: db, start: 2026-03-02T09:00Z}]", "utf-8")
    call_command("entitlements_load", str(again), stdout=loaded)
    assert "+ outage O-2" in loaded.getvalue()
    assert [each.id for each in stored_records(default_store(), tenant=TENANT)] == ["O-1", "O-2"]


def test_what_was_known_before_the_first_load_is_nothing(alias: str) -> None:
    del alias
    out = StringIO()
    apply(default_store(), changed(), tenant="loaded")
    before = {"at": "2020-01-01T00:00Z", "tenant": "loaded"}
    call_command("entitlements_dump", format="json", stdout=out, **before)
    assert parse_facts(out.getvalue(), format="json").catalog.plans == ()


def test_an_unknown_tenant_is_refused(alias: str) -> None:
    del alias
    with pytest.raises(CommandError, match="did you mean `tenant`"):
        call_command("entitlements_dump", tenant="tenat")
