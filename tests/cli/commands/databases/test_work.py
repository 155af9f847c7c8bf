from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from tests.databases import drop_database, new_database
from tests.service.deals import PEOPLE
from tests.service.desks import MONDAY, TENANT, admitted, desk, messages, request, settle

from entitlements.adapters.sql import SqlStore
from entitlements.adapters.sql.schema_version import migrate
from entitlements.cli.main import main
from entitlements.ports.records import GroupLease
from entitlements.routing import Agent, Roster
from entitlements.testing.laws.desk import accepted_at_most_once, all_or_nothing

CROWD = Roster(
    agents=[
        Agent(id=f"{group}-{number}", groups=[group], capacity=10)
        for group in ("experts", "others")
        for number in range(5)
    ]
)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'work.db'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    made = new_database(server)
    yield made
    drop_database(server, made)


def settled(url: str, count: int, roster: Roster = PEOPLE) -> SqlStore:
    migrate(url)
    store = SqlStore.open(url)
    settle(store, roster)
    for number in range(count):
        admitted(desk(store), request(f"R-{number}"))
    return store


def take(store: SqlStore, group: str) -> GroupLease:
    with store.begin(TENANT) as work:
        at = work.now()
        lease = work.group_leases.take(group, "test", at, at + timedelta(minutes=5))
        work.commit()
    assert lease is not None
    return lease


def start(url: str, owner: str) -> subprocess.Popen[bytes]:
    words = ["work", "--database", url, "--owner", owner, "--poll", "0.1", "--batch", "1"]
    return subprocess.Popen(
        [sys.executable, "-m", "entitlements", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stop(worker: subprocess.Popen[bytes]) -> dict[str, object]:
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=30)
    assert worker.returncode == 0, err.decode()
    data: dict[str, object] = json.loads(out)
    return data


def offered(store: SqlStore) -> int:
    return sum(each.topic == "offer.made" for each in messages(desk(store)))


def test_one_round_offers_what_waits(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = settled(url, 5)
    assert main(["work", "--database", url, "--owner", "w", "--once"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["owner"], data["offered"], data["fenced"], data["failed"]) == ("w", 5, 0, 0)
    assert offered(store) == 5
    all_or_nothing(store, TENANT)
    store.engine.dispose()


@pytest.mark.load
def test_two_workers_on_one_database_share_the_work(url: str) -> None:
    store = settled(url, 0, CROWD)
    for number in range(40):
        admitted(desk(store), request(f"A-{number}"))
        admitted(desk(store), request(f"B-{number}", "elsewhere"))
    # Both groups are ours until both workers are there.
    held = [take(store, each) for each in ("experts", "others")]
    workers = [start(url, name) for name in ("one", "two")]
    for each in workers:
        assert each.stderr is not None
        assert b"started" in each.stderr.readline()
    time.sleep(0.3)
    with store.begin(TENANT) as work:
        for lease in held:
            work.group_leases.release(lease)
        work.commit()
    end = time.monotonic() + 40
    while offered(store) < 80 and time.monotonic() < end:
        time.sleep(0.1)
    shares = [int(str(stop(each)["offered"])) for each in workers]
    assert sum(shares) == offered(store) == 80
    if url.startswith("postgresql"):  # one writer at a time in SQLite, and it is not fair
        assert min(shares) > 0
    accepted_at_most_once(messages(desk(store)))
    all_or_nothing(store, TENANT)
    store.engine.dispose()


@pytest.mark.parametrize("words", [["--poll", "0"], ["--poll", "-1"], ["--batch", "0"]])
def test_a_worker_that_never_waits_or_never_offers_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["work", "--database", "sqlite://", *words]) == 2
    assert words[0] in capsys.readouterr().err


def test_a_tenant_that_is_not_stored_is_refused(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settled(url, 0).engine.dispose()
    assert main(["work", "--database", url, "--once", "--tenant", f"{TENANT}s"]) == 2
    assert f"did you mean `{TENANT}`" in capsys.readouterr().err
    assert main(["work", "--database", url, "--once", "--tenant", TENANT]) == 0


def test_an_empty_database_is_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["work", "--database", f"sqlite:///{tmp_path / 'x.db'}", "--once"]) == 2
    assert "entitlements migrate" in capsys.readouterr().err


def test_items_set_aside_are_printed_and_counted(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = settled(url, 5)
    with store.begin(TENANT) as work:
        case = work.cases.case("R-0")
        due = attrs.evolve(case, next_due_at=MONDAY, terms=attrs.evolve(case.terms, edition=7))
        work.cases.change(case, due)
        work.commit()
    assert main(["work", "--database", url, "--owner", "w", "--once"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["failed"] == 1
    assert f"{TENANT}: set aside" in captured.err
    assert "unknown_id" in captured.err
    store.engine.dispose()
