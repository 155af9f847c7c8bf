from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.cli.shells import entitlements

from entitlements.cli.main import main
from entitlements.testing.routing_bench import WORLDS, make_world, read_world

SMALL = ["--agents", "6", "--pieces", "40", "--rounds", "1", "--no-memory"]


def bench(*words: str) -> int:
    return main(["bench", "routing", *words])


def test_contenders_are_measured_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("--world", "chat", *SMALL, "--contenders", "live,simpy_store") == 0
    out, err = capsys.readouterr()
    assert err == ""
    for part in ("chat: 6 agents, 40 pieces", "live", "arrive", "complete", "broken"):
        assert part in out
    assert "simpy_store is left out: cannot do channels" in out


def test_record_and_chart_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--json", str(tmp_path / "b.json"), "--chart", str(tmp_path / "b.svg")]
    assert bench("--world", "chat", "--world", "burst", *SMALL, *files) == 0
    capsys.readouterr()
    record = json.loads((tmp_path / "b.json").read_text())
    assert [each["world"]["name"] for each in record["worlds"]] == ["chat", "burst"]
    assert {each["name"] for each in record["worlds"][0]["contenders"]} == {
        "live", "linear_scan", "sorted_lists",
    }  # fmt: skip
    assert ET.parse(tmp_path / "b.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_a_world_is_written_and_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "day.jsonl"
    assert bench("--agents", "6", "--pieces", "40", "--write-world", str(file)) == 0
    assert f"wrote {file} with " in capsys.readouterr().err
    world = make_world("real_day", agents=6, pieces=40)
    assert list(read_world(file).events) == list(world.events)
    operations = []
    for named in (["--world", str(file)], ["--agents", "6", "--pieces", "40"]):
        options = ["--rounds", "1", "--no-memory", "--contenders", "linear_scan", "--json", "-"]
        assert bench(*named, *options) == 0
        out = capsys.readouterr().out
        record = json.loads(out[out.index("\n{") :])
        (found,) = record["worlds"][0]["contenders"]
        operations.append((found["operations"], found["outcome"]))
    assert operations[0] == operations[1]


OWN = '''
class FirstFit:
    """Always takes the first agent, and never frees one."""

    name = "first_fit"

    def load(self, world):
        self.agents = world.agents

    def arrive(self, piece):
        return [(piece.id, self.agents[0].id)]

    def complete(self, work, at):
        return []

    def change(self, change):
        return []

    def advance(self, at):
        return []
'''


def test_a_router_of_your_own_is_checked_and_a_broken_rule_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    ran = entitlements(
        "bench", "routing", "--world", "uniform", *SMALL, "--contenders", "live,mine:FirstFit",
        cwd=tmp_path, COLUMNS="120",
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    out = ran.stdout.decode()
    assert "first_fit broke " in out
    assert "capacity " in out
    assert ran.stderr == b""


def test_scaling_is_part_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--world", "chat", *SMALL, "--contenders", "sorted_lists", "--budget", "0.01"]
    assert bench(*small, "--scaling") == 0
    out = capsys.readouterr().out
    assert "Scaling: microseconds of an operation" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["backlog", "50", "100", "200", "400", "800", "1600"] in lines
    assert sum(line[:1] == ["sorted_lists"] for line in lines) >= 4


def test_worlds_and_contenders_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("--list") == 0
    out = capsys.readouterr().out
    for name in (*WORLDS, "desk_postgres", "live"):
        assert f"  {name} " in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--world", "chatt"], "--world: no world has the id `chatt` (did you mean `chat`?)"),
        (["--world", "none.jsonl"], "`none.jsonl` cannot be read: no such file or directory"),
        (["--contenders", "lives"], "--contenders: no contender has the id `lives`"),
        (["--contenders", "live,live"], "--contenders: `live` is there twice"),
        (["--contenders", "nowhere:X"], "--contenders: `nowhere` cannot be imported"),
        (["--rounds", "0"], "--rounds: `0` rounds (from 1 to 1000)"),
        (["--budget", "-1"], "--budget: `-1.0` seconds"),
        (["--budget", "nan"], "--budget: `nan` seconds"),
        (["--agents", "0"], "number of agents must be at least 1"),
        (["--pieces", "99999999"], "number of pieces must be at most 10000000"),
        (["--clock", "sun"], "--clock: `sun` is unknown (one of `wall`, `cpu`)"),
        (["--world", "all", "--write-world", "x"], "--write-world: 8 worlds (name one)"),
        (["--roundz", "1"], "there is no option `--roundz` (did you mean `--rounds`?)"),
    ],
)
def test_a_mistake_is_named(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err


def test_a_line_that_is_wrong_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "w.jsonl"
    assert bench("--world", "chat", *SMALL[:4], "--write-world", str(file)) == 0
    lines = file.read_text().splitlines()
    lines[20] = lines[20].replace('"handling":', '"handing":')
    file.write_text("\n".join(lines))
    capsys.readouterr()
    assert bench("--world", str(file), *SMALL[4:]) == 2
    assert f"{file}:21: `handing` is not a key here" in capsys.readouterr().err


def test_a_record_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench("--world", "chat", *SMALL, "--json", str(tmp_path / "no" / "b.json")) == 2
    assert "cannot be written: no such file or directory" in capsys.readouterr().err
