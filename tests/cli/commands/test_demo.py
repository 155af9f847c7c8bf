from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.shells import entitlements

from entitlements.cli.commands.demo import (
    LENGTH,
    MAX_REQUESTS,
    MORE_PLANS,
    START,
    demo_story,
    document,
)
from entitlements.cli.main import main
from entitlements.documents import parse_facts


def test_clocks_change_within_the_two_weeks() -> None:
    hours = parse_facts(document()).catalog.calendars
    for name in ("hivemq-basic", "hashicorp-au"):
        offsets = {hours[name].local(at).utcoffset() for at in (START, START + LENGTH)}
        assert len(offsets) == 2


def test_a_thousand_requests_are_answered_and_summarised(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "1000 requests in 14 days" in out
    for part in ("Granted:", "Deferred:", "Denied:", "Route:", "Way out:", "linux-experts"):
        assert part in out


def test_every_decision_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    decisions = data["decisions"]
    assert sum(decisions.values()) == data["answered"] == 1000
    assert min(decisions.values()) >= 100
    reached = [each["at_once"] + each["queued"] + each["later"] for each in data["groups"]]
    assert sum(reached) == decisions["granted"] + decisions["deferred"]
    assert len(data["denied_by_reason"]) >= 10
    assert data["examples"]["denied"]["decision"]["remedies"]


def test_the_same_seed_gives_the_same_demo_and_another_does_not() -> None:
    facts = parse_facts(document())
    one, again = (demo_story(facts, seed=5, count=80).to_dict() for _ in range(2))
    assert one == again
    assert demo_story(facts, seed=6, count=80).to_dict() != one


def test_the_document_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.yaml"
    assert main(["demo", "--write", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == document()
    file.write_text("mine")
    assert main(["demo", "--write", str(file)]) == 2
    assert file.read_text() == "mine"
    assert "the file was not changed" in capsys.readouterr().err


def test_the_document_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--document"]) == 0
    assert capsys.readouterr().out == document()


def test_more_published_plans_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--plans"]) == 0
    printed = capsys.readouterr().out
    assert printed == document(MORE_PLANS)
    assert len(parse_facts(printed).catalog.plans) == 9


def test_another_document_can_be_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(document().replace("customer: quarry", "customer: pebble"))
    assert main(["demo", str(file), "--requests", "40"]) == 0
    assert "40 requests" in capsys.readouterr().out


@pytest.mark.parametrize("count", [0, MAX_REQUESTS + 1])
def test_there_is_a_least_and_a_most(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--requests", str(count)]) == 2
    assert "from 1 to 100000" in capsys.readouterr().err


def test_a_document_without_contracts_cannot_be_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "my.yaml"
    file.write_text("products: [db]\n")
    assert main(["demo", str(file)]) == 2
    assert "no request can be generated" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_it_is_shown_in_any_encoding(encoding: str) -> None:
    ran = entitlements("demo", "--requests", "30", PYTHONIOENCODING=encoding)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "30 requests" in ran.stdout.decode(encoding)


@pytest.mark.parametrize(
    ("missing", "words", "extra"),
    [
        pytest.param("rich", ["demo"], b"entitlements[cli]", id="rich"),
        pytest.param("yaml", ["demo", "--json"], b"entitlements[cli]", id="PyYAML"),
        pytest.param("yaml", ["check", "-"], b"entitlements[yaml]", id="PyYAML for check"),
    ],
)
def test_a_bare_installation_names_the_extra(
    missing: str, words: list[str], extra: bytes, tmp_path: Path
) -> None:
    # As in an environment without the package.
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{missing!r}] = None\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    ran = entitlements(*words, stdin=b"products: [db]", PYTHONPATH=path)
    assert ran.returncode == 2
    assert extra in ran.stderr
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals")
def test_progress_is_shown_on_a_terminal_only_and_leaves_the_data_alone(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "entitlements", "demo", "--json", "--requests", "50"]
    written = tmp_path / "data.json"  # a pipe would be full before the terminal is read
    terminal = {**os.environ, "TERM": "xterm"}
    with written.open("wb") as out, subprocess.Popen(
        words, stdout=out, stderr=theirs, env=terminal
    ):  # fmt: skip
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # a closed terminal raises it
            while part := os.read(ours, 65_536):
                shown += part
    data = json.loads(written.read_bytes())
    os.close(ours)
    assert b"answering" in shown
    assert data["answered"] == 50
