from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from entitlements.adapters.sql import SqlStore, open_engine
from entitlements.cli.main import main


def test_a_database_goes_up_and_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    assert main(["migrate", "--database", url]) == 0
    assert capsys.readouterr().out == "the database was at `base` and is now at `0001`\n"
    store = SqlStore.open(url)
    with store.begin("t") as work:
        assert work.accounts.customers() == ()
    store.engine.dispose()
    assert main(["migrate", "--database", url]) == 0
    assert capsys.readouterr().out == "the database is at `0001`\n"
    assert main(["migrate", "--database", url, "--to", "base", "--yes"]) == 0
    assert capsys.readouterr().out == "the database was at `0001` and is now at `base`\n"
    engine = open_engine(url)
    assert inspect(engine).get_table_names() == ["entitlements_migration"]
    engine.dispose()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param([], "--database", id="no address"),
        pytest.param(
            ["--database", "nonsense"], "no address of a database", id="no address at all"
        ),
        pytest.param(["--database", "mysql://host/x"], "`mysql` are not known", id="another kind"),
        pytest.param(
            ["--database", "sqlite://", "--to", "seven"],
            "`seven` is no migration",
            id="no migration",
        ),
        pytest.param(["--database", "sqlite://", "--to", "base"], "--yes", id="all thrown away"),
        pytest.param(
            ["--database", "sqlite:////no/such/folder/x.db"],
            "there is no folder `/no/such/folder`",
            id="not there",
        ),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
