from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update
from tests.outcomes.notices.test_sweeping import EXPIRY, add_clauses
from tests.service.desks import PLANS, settle

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.schema_version import migrate
from entitlements.cli.main import main


def test_what_is_due_is_sent_once_and_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    migrate(url)
    with SqlStore.open(url) as store:
        settle(store)
        add_clauses(store, EXPIRY)
        facts = store.tables.facts
        with store.engine.begin() as connection:
            connection.execute(update(facts).where(facts.c.customer == "single").values(body="{}"))
    asked = ["notices", "--database", url, "--at", "2026-11-20T09:00Z"]
    assert main([*asked, "--ahead", "5"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("single: ")
    assert main(asked) == 1
    sent = capsys.readouterr().out.splitlines()
    assert len(sent) == len(PLANS) - 1
    assert "flat: expiry of C-flat, 2026-12-31; to be sent by 2026-12-01, clause 7" in sent
    assert main(asked) == 1
    assert capsys.readouterr().out == ""
    assert main([*asked, "--tenant", "other"]) == 2
    assert "--tenant: no tenant has the id `other`" in capsys.readouterr().err
    assert main([*asked, "--ahead", "-1"]) == 2
    assert "--ahead: `-1` days" in capsys.readouterr().err
