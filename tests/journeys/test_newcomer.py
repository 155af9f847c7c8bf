"""Somebody who has never seen the project changes one number and sees what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shells import entitlements

ASKED = (
    "--customer", "orchard", "--contact", "olu", "--product", "vault", "--severity", "2",
    "--channel", "portal", "--at", "2026-03-27T15:30+01:00",
)  # fmt: skip


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Give the newcomer a document of their own."""
    ran = entitlements("demo", "--write", "my.yaml", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, b"")
    return tmp_path / "my.yaml"


def answer(file: Path, *changed: str) -> str:
    ran = entitlements("decide", file.name, *ASKED, *changed, cwd=file.parent)
    assert (ran.returncode, ran.stderr) == (0, b"")
    return ran.stdout.decode()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_another_target_is_another_deadline(mine: Path) -> None:
    # 15:30 in Berlin is an hour and a half before closing; the clocks change over the weekend.
    assert "First response: due 2026-03-30T09:30:00Z." in answer(mine)
    rest = ", calendar: business, warn: [75%]}  # try 6h"
    change(mine, f"within: 4h{rest}", f"within: 6h{rest}")
    assert "First response: due 2026-03-30T11:30:00Z." in answer(mine)


def test_another_opening_hour_is_another_access(mine: Path) -> None:
    early = ("--at", "2026-03-27T08:30+01:00")
    assert "Deferred: platform-engineers opens at 2026-03-27T08:00:00Z" in answer(mine, *early)
    change(
        mine,
        'hashicorp-eu\n    zone: Europe/Berlin\n    week: "Mo-Fr 09:00',
        'hashicorp-eu\n    zone: Europe/Berlin\n    week: "Mo-Fr 08:00',
    )
    assert "Granted: platform-engineers is reached at once" in answer(mine, *early)


def test_one_more_contact_may_ask_when_the_limit_is_raised(mine: Path) -> None:
    fifth = ("--contact", "oskar")
    assert "Denied: the contract has more contacts than its plan allows." in answer(mine, *fifth)
    change(mine, "contact_limit: 4\n", "contact_limit: 5\n")
    assert "Granted: platform-engineers" in answer(mine, *fifth)


def test_a_slip_of_the_pen_is_found_with_its_line(mine: Path) -> None:
    change(mine, "contact_limit: 40\n", "contact_limt: 40\n")
    ran = entitlements("check", mine.name, cwd=mine.parent)
    line = mine.read_text(encoding="utf-8").splitlines().index("    contact_limt: 40") + 1
    assert ran.returncode == 1
    assert ran.stdout.decode().startswith(f"my.yaml:{line}: plans[10].contact_limt:")
    assert "did you mean `contact_limit`?" in ran.stdout.decode()


def test_the_changed_document_can_be_played_for_two_weeks(mine: Path) -> None:
    change(mine, "months: 12               # ends", "months: 24               # ends")
    before = entitlements("demo", "--json")
    after = entitlements("demo", "--json", mine.name, cwd=mine.parent)
    assert b'"contract_expired"' in before.stdout
    assert b'"contract_expired"' not in after.stdout
