from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shells import DEMO, entitlements

from entitlements.cli.main import main

ASKED = {
    "--customer": "orchard",
    "--contact": "olu",
    "--product": "vault",
    "--severity": "2",
    "--channel": "portal",
    "--at": "2026-03-27T15:30+01:00",
}


def words(*more: str, **changed: str) -> list[str]:
    given = {**ASKED, **{f"--{name.replace('_', '-')}": value for name, value in changed.items()}}
    return ["decide", str(DEMO), *(word for pair in given.items() for word in pair), *more]


def test_the_answer_is_printed_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words()) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "Granted: platform-engineers is reached at once, under contract C-600" in out
    assert "First response: due 2026-03-30T09:30:00Z, after 4h of business." in out
    assert "Resolution: due 2026-04-01T15:00:00Z, after 3 business days of business." in out


def test_the_answer_can_be_read_by_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("--format", "json", "--id", "case-7")) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["request"]["id"] == "case-7"
    assert answer["decision"]["outcome"] == "granted"
    assert answer["milestones"][0]["due"] == "2026-03-30T09:30:00Z"


def test_the_answer_is_printed_for_a_customer_in_their_language_and_zone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words("--audience", "customer", language="de", zone="Europe/Berlin")) == 0
    out = capsys.readouterr().out
    assert "Erste Antwort: bis Montag, 30. März 2026, 11:30 Uhr CEST (Europe/Berlin)." in out
    assert "Ihr Tarif sagt 3 Arbeitstage." in out
    assert "platform-engineers" not in out
    assert main(words("--audience", "customer", "--in-language", "es", language="de")) == 0
    assert "Su plan dice 3 días laborables." in capsys.readouterr().out
    assert main(words("--audience", "customer", language="fr")) == 0
    assert "Your plan says 3 business days." in capsys.readouterr().out


def test_a_zone_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words(zone="Europe/Berln")) == 2
    assert "--zone: `Europe/Berln` is not a time zone" in capsys.readouterr().err


def test_a_denial_is_an_answer_unless_the_exit_code_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(words(contact="nobody")) == 0
    assert "Denied: the person is not a named contact." in capsys.readouterr().out
    assert main(words("--exit-code", contact="nobody")) == 1
    assert main(words("--exit-code")) == 0


def test_what_the_customer_declares_can_change_the_clock(
    capsys: pytest.CaptureFixture[str],
) -> None:
    linux = {"customer": "juniper", "contact": "jana", "product": "enterprise-linux"}
    saturday = {"channel": "phone", "at": "2026-03-28T20:00Z"}
    both = ["--condition", "dedicated-contact", "--condition", "asked-24x7"]
    assert main(words(*both, **linux, **saturday)) == 0
    assert "due 2026-03-28T22:00:00Z" in capsys.readouterr().out
    assert main(words(**linux, **saturday)) == 0
    assert "Deferred: linux-experts opens at 2026-03-30T07:00:00Z" in capsys.readouterr().out


def test_a_group_and_skills_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("--group", "platform-engineers", "--skill", "terraform=3")) == 0
    assert "goes to `juno`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"customer": "orchrad"}, "did you mean `orchard`?", id="customer"),
        pytest.param({"product": "valt"}, "did you mean `vault`?", id="product"),
        pytest.param({"severity": "Urgnt"}, "did you mean `Urgent`?", id="severity"),
        pytest.param({"channel": "portl"}, "did you mean `portal`?", id="channel"),
        pytest.param({"group": "linux-expert"}, "did you mean `linux-experts`?", id="group"),
        pytest.param({"contract": "C-60"}, "did you mean `C-600`?", id="contract"),
        pytest.param({"condition": "asked-24-7"}, "did you mean `asked-24x7`?", id="condition"),
        pytest.param({"skill": "terraform=high"}, "`high` is not a level", id="skill"),
        pytest.param({"at": "2026-03-27T15:30"}, "`2026-03-27T15:30Z`", id="naive instant"),
        pytest.param({"at": "noon"}, "`noon` is not an instant", id="no instant"),
        pytest.param({"at": "9999-01-01T00:00Z"}, "outside the years", id="beyond time"),
        pytest.param({"contact": " "}, "--contact: ` ` is not an id", id="blank"),
        pytest.param({"id": "a\nb"}, "--id: ", id="control character"),
        pytest.param({"condition": "x"}, "(known here: `asked-24x7`, ", id="nothing like it"),
        pytest.param({"audience": "boss"}, "`boss` is unknown (one of `customer`, ", id="audience"),
    ],
)
def test_a_typing_mistake_is_refused_with_a_hint(
    changed: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(**changed)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_an_invalid_document_is_reported_in_full_and_nothing_is_decided() -> None:
    text = DEMO.read_bytes().replace(b": 4h warn", b": 4 hurs warn")
    given = words()
    given[1] = "-"
    ran = entitlements(*given, stdin=text)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.count(b"`4 hurs` is not an amount of time") == text.count(b"4 hurs")
    assert b"Traceback" not in ran.stderr


def test_the_severity_follows_from_impact_and_urgency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(
        """
products: [db]
groups: [dba]
plans:
  - id: gold
    severities: [S1, S2]
    priority_matrix: {site: {now: S1, soon: S2}}
    channels: [web]
    rights: [{id: experts, group: dba}]
    first_response: {S1: 1h, S2: 4h}
accounts:
  - customer: acme
    contracts:
      - {id: C, zone: UTC, start: 2026-01-01, contacts: [dana], lines: [{id: main, plan: gold}]}
""",
        encoding="utf-8",
    )
    asked = ["--customer", "acme", "--contact", "dana", "--product", "db", "--channel", "web"]
    asked = ["decide", str(file), *asked, "--at", "2026-03-27T15:30Z", "--impact", "site"]
    assert main([*asked, "--urgency", "now"]) == 0
    out = capsys.readouterr().out
    assert "severity S1" in out
    assert "Severity S1 follows from impact site and urgency now." in out
    assert "First response: due 2026-03-27T16:30:00Z" in out
    for more, why in (
        (["--urgency", "noww"], "--urgency: no urgency has the id `noww` (did you mean `now`?)"),
        (["--urgency", "now", "--severity", "S2"], "severity: severity `S2` contradicts impact"),
        ([], "urgency: impact and urgency are stated together"),
    ):
        assert main([*asked, *more]) == 2
        assert why in capsys.readouterr().err
