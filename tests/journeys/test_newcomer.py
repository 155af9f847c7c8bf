"""Somebody who has never seen the project changes one number and sees what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import final

import pytest

from entitlements.cli.main import main

ASKED = (
    "--customer", "orchard", "--contact", "olu", "--product", "vault", "--severity", "2",
    "--channel", "portal", "--at", "2026-03-27T15:30+01:00",
)  # fmt: skip


@final
class Newcomer:
    """A person at a terminal, with a document of their own."""

    def __init__(self, file: Path, terminal: pytest.CaptureFixture[str]) -> None:
        self.file = file
        self._terminal = terminal
        self.types("demo", "--write", str(file))

    def types(self, *words: str, code: int = 0) -> str:
        assert main(words) == code
        return self._terminal.readouterr().out

    def asks(self, *changed: str) -> str:
        return self.types("decide", str(self.file), *ASKED, *changed)

    def changes(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def newcomer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Newcomer:
    return Newcomer(tmp_path / "my.yaml", capsys)


def test_another_target_is_another_deadline(newcomer: Newcomer) -> None:
    # 15:30 in Berlin is an hour and a half before closing; the clocks change over the weekend.
    assert "First response: due 2026-03-30T09:30:00Z, after 4h of business." in newcomer.asks()
    rest = " warn at 75%  # try 6h"
    newcomer.changes(f"4h{rest}", f"6h{rest}")
    assert "First response: due 2026-03-30T11:30:00Z, after 6h of business." in newcomer.asks()


def test_another_opening_hour_is_another_access(newcomer: Newcomer) -> None:
    early = ("--at", "2026-03-27T08:30+01:00")
    assert "Deferred: platform-engineers opens at 2026-03-27T08:00:00Z" in newcomer.asks(*early)
    calendar = 'hashicorp-eu\n    zone: Europe/Berlin\n    week: "Mo-Fr '
    newcomer.changes(f"{calendar}09:00", f"{calendar}08:00")
    assert "Granted: platform-engineers is reached at once" in newcomer.asks(*early)


def test_one_more_contact_may_ask_when_the_limit_is_raised(newcomer: Newcomer) -> None:
    fifth = ("--contact", "oskar")
    denied = "Denied: the contract has more contacts than its plan allows."
    assert denied in newcomer.asks(*fifth)
    newcomer.changes("contact_limit: 4\n", "contact_limit: 5\n")
    assert "Granted: platform-engineers" in newcomer.asks(*fifth)


def test_a_slip_of_the_pen_is_found_with_its_line(newcomer: Newcomer) -> None:
    newcomer.changes("contact_limit: 40\n", "contact_limt: 40\n")
    text = newcomer.file.read_text(encoding="utf-8")
    line = text.splitlines().index("    contact_limt: 40") + 1
    found = newcomer.types("check", str(newcomer.file), code=1)
    assert found.startswith(f"{newcomer.file}:{line}: plans[10].contact_limt:")
    assert "did you mean `contact_limit`?" in found


def test_the_changed_document_can_be_played_for_two_weeks(newcomer: Newcomer) -> None:
    few = ("--json", "--requests", "300")
    newcomer.changes("months: 12               # ends", "months: 24               # ends")
    assert '"contract_expired"' in newcomer.types("demo", *few)
    assert '"contract_expired"' not in newcomer.types("demo", *few, str(newcomer.file))
