from __future__ import annotations

import json
from pathlib import Path

import pytest

from entitlements.adapters.memory import MemoryStore
from entitlements.cli.commands.demo import LENGTH, START, document
from entitlements.cli.demo.stored_run import TENANT, StoryClock, store_run
from entitlements.cli.demo.traffic import generated_requests
from entitlements.cli.main import main
from entitlements.documents import parse_facts
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

FACTS = parse_facts(document())


def test_the_demo_is_stored_completely_and_every_decision_replays_equal() -> None:
    clock = StoryClock(START)
    store = MemoryStore(clock)
    came = generated_requests(FACTS, seed=3, count=150, start=START, end=START + LENGTH)
    kept = store_run(store, clock, FACTS, came)
    assert kept.good
    assert kept.decisions == kept.equal == 150
    messages = kept.messages
    assert sum(messages[f"case.{each}"] for each in ("granted", "deferred", "denied")) == 150
    assert 0 < messages["case.resolved"] == messages["offer.accepted"] <= messages["offer.made"]
    all_or_nothing(store, TENANT)
    with store.begin(TENANT) as work:
        accepted_at_most_once(work.outbox.pending(10_000))
    again = store_run(store, clock, FACTS, came)
    assert (again.decisions, again.equal, again.messages) == (150, 150, {})


def test_the_demo_keeps_it_in_a_database_and_finds_it_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["demo", "--requests", "25", "--database", f"sqlite:///{tmp_path / 'demo.db'}"]
    assert main([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["decisions"], data["replayed_equal"]) == (25, 25)
    assert data["messages"]["case.granted"] > 0
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "The demo was stored there before" in out
    assert "25 decisions, 25 replayed with equal bytes" in out
    assert data["head"][:16] in out


def test_without_an_address_it_is_a_file_in_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("entitlements.cli.commands.demo.mkdtemp", lambda **_: str(tmp_path))
    assert main(["demo", "--requests", "5", "--database"]) == 0
    assert "demo.db" in capsys.readouterr().out
    assert (tmp_path / "demo.db").exists()
