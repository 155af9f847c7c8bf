from __future__ import annotations

import io
import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests.databases import drop_database, new_database
from tests.loading.documents import SUPPORT, TENANT

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.cli.main import main
from entitlements.contracts import Amendment
from entitlements.loading import stored_facts

ON = ["--tenant", TENANT]


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'support.db'}"
    migrate(made)
    return made


def write(tmp_path: Path, *changes: tuple[str, str], name: str = "support.yaml") -> str:
    document = SUPPORT
    for old, new in changes:
        assert old in document
        document = document.replace(old, new)
    file = tmp_path / name
    file.write_text(document, encoding="utf-8")
    return str(file)


def load(file: str, url: str, *more: str) -> int:
    return main(["load", file, "--database", url, *more])


def test_what_changes_is_shown_and_loaded(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(write(tmp_path), url, *ON) == 0
    assert capsys.readouterr().err == "10 to add, 0 to change, 0 to end, 0 left\nloaded\n"
    better = write(tmp_path, ("plan: silver", "plan: gold"), ("8h", "4h"))
    assert load(better, url) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "~ policy silver",
        "~ contract C-1 of acme, line L-1, plan: silver -> gold",
        "better: plan silver, severity high, first response: was 8h always, is now 4h always",
    ]
    assert err == "0 to add, 2 to change, 0 to end, 8 left\nloaded\n"
    assert load(better, url) == 0
    assert capsys.readouterr().err.endswith("10 left\nnothing to load\n")


def test_a_plan_is_only_shown_and_its_exit_code_says_whether_anything_changes(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path)
    assert load(file, url, *ON, "--plan") == 1
    assert load(file, url, *ON, "--plan") == 1
    assert load(file, url, *ON) == 0
    assert load(file, url, *ON, "--plan") == 0
    capsys.readouterr()
    assert load(write(tmp_path, ("8h", "9h")), url, "--plan", "--format", "json") == 1
    data = json.loads(capsys.readouterr().out)
    assert [each["place"] for each in data["steps"]] == ["policy silver"]
    assert data["effects"][0].startswith("worse: plan silver")


def test_what_is_no_longer_named_ends_only_with_prune(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write(tmp_path), url, *ON)
    capsys.readouterr()
    one = write(tmp_path, (", {id: bob, groups: desk}", ""))
    assert load(one, url, "--plan") == 0
    assert capsys.readouterr().err.endswith("; not named in the document: agent (1)\n")
    assert load(one, url, "--prune") == 0
    assert capsys.readouterr().out == "- agent bob\n"


def test_a_contradiction_is_refused_with_file_and_line_and_can_be_confirmed(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write(tmp_path), url, *ON)
    capsys.readouterr()
    wrong = write(tmp_path, ("start: 2026-01-01", "start: 2026-02-01"))
    line = 1 + Path(wrong).read_text(encoding="utf-8").splitlines().index("      - id: C-1")
    assert load(wrong, url) == 2
    assert capsys.readouterr().err.startswith(
        f"entitlements: {wrong}:{line}: accounts[0].contracts[0]: contract `C-1` of `acme` would"
    )
    assert load(wrong, url, "--correct") == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            ("products:", "schema_version: 2\nproducts:"), "schema version `2`", id="version"
        ),
        pytest.param(
            ("products:", "tenant: another\nproducts:"),
            "support.yaml:3: tenant: the document is of tenant `another`, not of `acme support`",
            id="tenant",
        ),
        pytest.param(("plan: silver", "plan: slver"), "did you mean `silver`?", id="problem"),
    ],
)
def test_a_document_that_cannot_be_read_is_not_half_loaded(
    url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    message: str,
) -> None:
    assert load(write(tmp_path, change), url, *ON) == 2
    assert message in capsys.readouterr().err
    with SqlStore.open(url) as store:
        assert store.tenants() == ()


def test_the_tenant_is_named_unless_there_is_one(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path)
    assert load(file, url) == 2
    assert "--tenant: name the tenant (the database has none yet)" in capsys.readouterr().err
    assert load(file, url, "--tenant", "one") == 0
    assert load(file, url, "--tenant", "two", "--plan") == 2
    assert "(the database has `one`; `--new-tenant` adds another one)" in capsys.readouterr().err
    for _ in "once", "again":
        assert load(file, url, "--tenant", "two", "--new-tenant") == 0
    assert load(file, url) == 2
    assert "(the database has `one`, `two`)" in capsys.readouterr().err


def test_a_database_that_is_not_migrated_or_newer_says_what_helps(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, empty = write(tmp_path), f"sqlite:///{tmp_path / 'empty.db'}"
    (tmp_path / "empty.db").touch()
    assert load(file, empty, *ON) == 2
    assert f"run `entitlements migrate --database {empty}`" in capsys.readouterr().err
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE entitlements_migration SET version_num = '9999'"))
    engine.dispose()
    assert load(file, url, *ON) == 2
    assert "migration `9999`" in capsys.readouterr().err


def test_an_instant_ahead_is_refused(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(write(tmp_path), url, *ON, "--at", "9000-01-01T00:00Z") == 2
    assert "is in the future" in capsys.readouterr().err


def test_a_document_comes_from_standard_input(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SUPPORT.encode())))
    assert load("-", url, *ON) == 0
    with SqlStore.open(url) as store:
        assert {*stored_facts(store, tenant=TENANT).accounts} == {"acme"}
    wrong = SUPPORT.replace("start: 2026-01-01", "start: 2026-02-01")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(wrong.encode())))
    assert load("-", url, *ON) == 2
    assert "entitlements: accounts[0].contracts[0]: " in capsys.readouterr().err


def test_two_processes_that_load_at_once_lose_nothing(postgres_server: str, tmp_path: Path) -> None:
    url, forks = new_database(postgres_server), multiprocessing.get_context("fork")
    migrate(url)
    assert load(write(tmp_path), url, *ON) == 0
    together = forks.Barrier(2)

    def run(file: str) -> None:
        together.wait()
        sys.exit(load(file, url))

    files = [
        write(
            tmp_path,
            ("products: [db]", f"products: [db, {side}]"),
            ("{id: bob", "{id: " + side),
            ("[dana]", "[dana, eve]"),
            name=f"{side}.yaml",
        )
        for side in "ab"
    ]
    loads = [forks.Process(target=run, args=(file,)) for file in files]
    for each in loads:
        each.start()
    for each in loads:
        each.join(60)
    assert [each.exitcode for each in loads] == [0, 0]
    with SqlStore.open(url) as store:
        now = stored_facts(store, tenant=TENANT)
    drop_database(postgres_server, url)
    assert {each.id for each in now.catalog.products} == {"db", "a", "b"}
    assert now.roster.agents.keys() >= {"a", "b"}
    (amended,) = now.accounts["acme"].changes
    assert isinstance(amended, Amendment)
    assert [each.contact for each in amended.contacts or ()] == ["dana", "eve"]


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_closes_the_pipe_early_does_not_stop_the_load(
    url: str, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = ["load", write(tmp_path), "--database", url, *ON]
    done = subprocess.run(
        [sys.executable, "-m", "entitlements", *words], stdout=writer, stderr=writer, check=False
    )
    os.close(writer)
    assert done.returncode == 0
    with SqlStore.open(url) as store:
        assert stored_facts(store, tenant=TENANT).accounts.keys() == {"acme"}
