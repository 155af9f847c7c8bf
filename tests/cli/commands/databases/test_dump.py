from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from tests.loading.documents import TENANT, changed

from entitlements.adapters.sql import SqlStore, migrate
from entitlements.aftersales import Outage
from entitlements.cli.main import main
from entitlements.documents import parse_documents, parse_facts, read_documents
from entitlements.kernel import utc
from entitlements.kernel.errors import DocumentError
from entitlements.loading import apply, stored_facts

DOWN = utc("2026-03-02T09:00Z")
GOLD = ("plan: silver", "plan: gold")


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'support.db'}"
    migrate(made)
    with SqlStore.open(made) as store:
        apply(store, changed(), tenant=TENANT)
        apply(store, changed(GOLD), tenant=TENANT)
    return made


def dump(url: str, *more: str) -> int:
    return main(["dump", "--database", url, *more])


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_a_dump_is_a_document_that_loads_to_no_change(
    url: str, format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dump(url, "--format", format) == 0
    text = capsys.readouterr().out
    facts = parse_facts(text, format=format, tenant=TENANT)  # type: ignore[arg-type]
    with pytest.raises(DocumentError, match="is of tenant `acme support`, not of `another`"):
        parse_facts(text, format=format, tenant="another")  # type: ignore[arg-type]
    with SqlStore.open(url) as store:
        assert facts == stored_facts(store, tenant=TENANT)
    file = tmp_path / f"dump.{format}"
    assert dump(url, "-o", str(file)) == 0
    assert capsys.readouterr() == ("", f"wrote {file}\n")
    assert main(["load", str(file), "--database", url, "--plan", "--prune"]) == 0


def test_what_was_known_then_is_dumped(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with SqlStore.open(url) as store, store.begin(TENANT) as work:
        first = work.catalog.edition(1).recorded.isoformat()
    assert dump(url, "--at", first) == 0
    (account,) = parse_facts(capsys.readouterr().out).accounts.values()
    assert account.changes == ()


def test_a_large_dump_is_a_folder_of_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entitlements.cli.commands.databases.dump.MAX_SIZE", 4_000)
    url, folder = f"sqlite:///{tmp_path / 'large.db'}", tmp_path / "facts"
    migrate(url)
    many = changed().accounts["acme"]
    accounts = [
        attrs.evolve(
            many,
            customer=f"customer {number}",
            contracts=[attrs.evolve(many.contracts[0], customer=f"customer {number}")],
        )
        for number in range(12)
    ]
    with SqlStore.open(url) as store:
        outages = [
            Outage(id=f"O-{number}", service="db", start=DOWN + timedelta(days=number))
            for number in range(30)
        ]
        apply(store, attrs.evolve(changed(), accounts=accounts), tenant=TENANT, records=outages)
    assert dump(url, "-o", str(tmp_path / "all.json")) == 2
    assert "write a folder of documents" in capsys.readouterr().err
    assert dump(url, "-o", f"{folder}/", "--format", "json") == 0
    names = sorted(each.name for each in folder.iterdir())
    assert (names[0], names[-2:]) == (
        "accounts-0001.json",
        ["outages-0001.json", "outages-0002.json"],
    )
    assert len(names) > 4
    with SqlStore.open(url) as store:
        found = read_documents(folder)
        assert found.facts == stored_facts(store, tenant=TENANT)
        assert list(found.records) == outages
    assert main(["load", str(folder), "--database", url, "--plan", "--prune"]) == 0
    assert main(["freeze", str(folder), "--format", "json"]) == 0
    frozen = capsys.readouterr().out
    assert list(parse_documents(frozen[frozen.index("{") :], format="json").records) == outages
    (folder / "old.yaml").write_text("products: [x]", encoding="utf-8")
    assert dump(url, "-o", str(folder), "--format", "json") == 2
    assert "holds another document, `old.yaml`" in capsys.readouterr().err


def test_an_unknown_tenant_or_another_ending_is_refused(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dump(url, "--tenant", "acme suport") == 2
    assert "did you mean `acme support`?" in capsys.readouterr().err
    assert dump(url, "-o", str(tmp_path / "x.json"), "--format", "yaml") == 2
    assert "leave out one of the two" in capsys.readouterr().err
    assert dump(url, "-o", str(tmp_path / "none" / "x.json")) == 2
    assert "cannot be written: no such file or directory" in capsys.readouterr().err
