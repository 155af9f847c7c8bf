from __future__ import annotations

from pathlib import Path

import pytest
from tests.service.desks import MONDAY

from entitlements.cli.databases import shown, store_at
from entitlements.kernel.errors import InvalidValueError, StorageError


def test_a_store_is_made_where_it_was_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    with store_at(url, make=True, clock=lambda: MONDAY) as store, store.begin("t") as work:
        assert work.now() == MONDAY
        work.outbox.put("case.event", "{}", MONDAY)
        work.commit()
    with store_at(url) as again:
        assert again.tenants() == ("t",)


def test_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with (
        store_at(f"sqlite:///{tmp_path / 'empty.db'}") as store,
        pytest.raises(StorageError, match="entitlements migrate"),
        store.begin("t"),
    ):
        pass


def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "suport.db"
    with (
        pytest.raises(StorageError, match=r"suport\.db: there is no such file .*migrate"),
        store_at(f"sqlite:///{file}") as store,
    ):
        store.tenants()
    assert not file.exists()


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="mysql"), store_at("mysql://db/support"):
        pass


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entitlements.cli.databases.find_spec", lambda _: None)
    with pytest.raises(InvalidValueError, match=r"entitlements\[sql\]"), store_at("sqlite://"):
        pass


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite:////tmp/a.db", "sqlite:////tmp/a.db"),
        ("postgresql://ada:p@ss@db/x", "postgresql://ada:***@db/x"),
        ("postgresql://ada@db/x", "postgresql://ada@db/x"),
        ("postgresql:///x?host=/tmp", "postgresql:///x?host=/tmp"),
    ],
)
def test_passwords_are_not_shown(url: str, text: str) -> None:
    assert shown(url) == text
