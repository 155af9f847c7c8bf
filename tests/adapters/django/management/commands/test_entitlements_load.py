from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from tests.loading.documents import SUPPORT, changed

from entitlements.adapters.django.desks.desks import default_store
from entitlements.loading import stored_facts

LOADED = "loaded"
FIRST = "10 to add, 0 to change, 0 to end, 0 left\n"


def load(tmp_path: Path, *changes: tuple[str, str], **options: bool) -> str:
    document = SUPPORT
    for old, new in changes:
        assert old in document
        document = document.replace(old, new)
    file, out = tmp_path / "support.yaml", StringIO()
    file.write_text(document, encoding="utf-8")
    options = {"new_tenant": True, **options}
    call_command("entitlements_load", str(file), tenant=LOADED, stdout=out, **options)
    return out.getvalue()


def test_a_document_is_loaded_once(alias: str, tmp_path: Path) -> None:
    del alias
    assert load(tmp_path).endswith(FIRST)
    assert load(tmp_path) == "0 to add, 0 to change, 0 to end, 10 left\n"
    assert {*stored_facts(default_store(), tenant=LOADED).accounts} == {"acme"}
    assert load(tmp_path, ("8h", "9h")).splitlines()[:2] == [
        "~ policy silver",
        "worse: plan silver, severity high, first response: was 8h always, is now 9h always",
    ]
    assert (
        load(tmp_path, (", {id: bob, groups: desk}", ""), prune=True).splitlines()[1]
        == "- agent bob"
    )


def test_a_tenant_that_is_new_beside_others_is_refused_until_it_is_confirmed(
    alias: str, tmp_path: Path
) -> None:
    del alias
    with pytest.raises(CommandError, match=r"--tenant: .*`--new-tenant`"):
        load(tmp_path, new_tenant=False)
    assert LOADED not in default_store().tenants()


def test_a_load_is_rolled_back_with_the_block_around_it(alias: str, tmp_path: Path) -> None:
    with transaction.atomic(using=alias):
        load(tmp_path)
        transaction.set_rollback(True, using=alias)
    assert LOADED not in default_store().tenants()
    assert load(tmp_path).endswith(FIRST)


def test_a_plan_exits_with_one_if_anything_changes(alias: str, tmp_path: Path) -> None:
    del alias
    with pytest.raises(SystemExit) as ended:
        load(tmp_path, plan=True)
    assert ended.value.code == 1
    load(tmp_path)
    load(tmp_path, plan=True)


def test_a_contradiction_is_refused_until_it_is_confirmed(alias: str, tmp_path: Path) -> None:
    del alias
    load(tmp_path)
    wrong = ("start: 2026-01-01", "start: 2026-02-01")
    with pytest.raises(CommandError, match=r"accounts\[0\].contracts\[0\]: contract `C-1`"):
        load(tmp_path, wrong)
    load(tmp_path, wrong, correct=True)
    stored = stored_facts(default_store(), tenant=LOADED).accounts["acme"].contracts
    assert stored[-1].start == changed(wrong).accounts["acme"].contracts[0].start
