"""Promise files are read with every problem by line, and a table denies what it does not list."""

from __future__ import annotations

from pathlib import Path

import pytest

from entitlements.kernel.errors import DocumentError
from entitlements.testing.promises import PromiseFile, parse_promises, read_promises

FACTS = """
given:
  products: [db]
  groups: [dba]
  plans:
    - id: gold
      policy: gold
      severities: [high, low]
      channels: [phone, web]
      rights:
        - {id: dba, group: dba, severities: [high]}
  policies:
    - id: gold
      targets:
        - {milestone: first_response, within: 1h, severities: [high]}
        - {milestone: first_response, within: 4h, severities: [low]}
  accounts:
    - customer: acme
      contracts:
        - {id: C-1, zone: UTC, start: 2026-01-01, months: 12, any_contact: true,
           lines: [{id: l, plan: gold}]}
at: 2026-03-02T09:00Z
ask: {customer: acme, contact: dana, product: db, channel: phone}
"""
FIRST_LINE = FACTS.count("\n") + 3
"""The line of the first case in a document of these facts."""


def read(promises: str) -> PromiseFile:
    return parse_promises(f"{FACTS}\npromises:\n{promises}", name="p")


def problems(promises: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(promises)
    found = []
    for each in caught.value.problems:
        _, line, rest = each.split(":", 2)
        found.append(f"{int(line) - FIRST_LINE}:{rest}")
    return found


def test_a_case_takes_what_is_asked_in_all_cases() -> None:
    (case,) = read("  - {ask: {severity: high}, expect: granted}").cases
    assert (case.request.customer, case.request.severity) == ("acme", "high")
    assert case.at.isoformat() == "2026-03-02T09:00:00+00:00"


def test_a_case_may_say_when_and_who_itself() -> None:
    (case,) = read(
        "  - {at: 2026-03-03T09:00+01:00, ask: {severity: low, channel: web}, expect: denied}"
    ).cases
    assert (case.at.isoformat(), case.request.channel) == ("2026-03-03T08:00:00+00:00", "web")


def test_reasons_mean_a_denial_and_an_opening_means_a_deferral() -> None:
    first, second = read(
        "  - {ask: {severity: low}, expect: {reasons: [severity_not_in_right]}}\n"
        "  - {ask: {severity: high}, expect: {opens_at: 2026-03-03T09:00Z}}"
    ).cases
    assert (first.expected.decision, second.expected.decision) == ("denied", "deferred")


def test_a_table_asks_every_combination_and_denies_what_no_row_is_about() -> None:
    file = read(
        "  - name: who\n"
        "    table: {severity: [high, low], channel: [phone, web]}\n"
        "    expect:\n"
        "      - {when: {severity: high, channel: phone}, decision: granted}\n"
        "      - {when: {severity: high}, decision: deferred}\n"
    )
    assert {each.name: str(each.expected.decision) for each in file.cases} == {
        "who: severity high, channel phone": "granted",
        "who: severity high, channel web": "deferred",
        "who: severity low, channel phone": "denied",
        "who: severity low, channel web": "denied",
    }


def test_a_table_may_be_over_instants() -> None:
    file = read(
        "  - ask: {severity: high}\n"
        "    table: {at: [2026-03-02T09:00Z, 2025-12-31T09:00Z]}\n"
        "    expect: [{when: {at: 2026-03-02T09:00Z}}]\n"
    )
    assert [str(each.expected.decision) for each in file.cases] == ["granted", "denied"]


@pytest.mark.parametrize(
    ("promises", "found"),
    [
        (
            "  - {ask: {severity: high}, expect: {}}",
            (
                "0: promises[0].expect: nothing is expected, so this cannot fail"
                " (write `expect: granted`, or what the answer must be)"
            ),
        ),
        (
            "  - {ask: {severity: high}}",
            (
                "0: promises[0]: nothing is expected, so this cannot fail"
                " (write `expect: granted`, or what the answer must be)"
            ),
        ),
        (
            "  - {ask: {severity: high}, expct: granted}",
            "0: promises[0].expct: `expct` is not a key here (did you mean `expect`?)",
        ),
        (
            "  - {ask: {severty: high}, expect: granted}",
            "0: promises[0].ask.severty: `severty` is not a key here (did you mean `severity`?)",
        ),
        (
            "  - ask: {severity: high}\n    expect: granted\n    at: 2026-13-02T09:00Z",
            (
                "2: promises[0].at: `2026-13-02T09:00Z` is not an instant"
                " (write it as `2026-03-02T09:00+01:00`)"
            ),
        ),
        (
            "  - {ask: {severity: high}, expect: {plan: goold}}",
            "0: promises[0].expect.plan: no plan has the name `goold` (did you mean `gold`?)",
        ),
        (
            "  - {ask: {severity: hihg}, expect: granted}",
            "0: promises[0].ask.severity: no severity has the name `hihg` (did you mean `high`?)",
        ),
        (
            "  - {ask: {severity: high}, expect: {due: {first_respons: none}}}",
            (
                "0: promises[0].expect.due: no milestone has the name `first_respons`"
                " (did you mean `first_response`?)"
            ),
        ),
        (
            "  - {ask: {severity: low}, expect: {decision: denied, agent: ada}}",
            "0: promises[0].expect.agent: a denial has no `agent` (leave it out)",
        ),
        (
            "  - {ask: {severity: high}, expect: {decision: granted, reasons: [no_contract]}}",
            (
                "0: promises[0].expect.reasons: an answer that is granted has no reasons"
                " (expect `decision: denied`, or leave the reasons out)"
            ),
        ),
        (
            "  - {table: {}, expect: [{}]}",
            (
                "0: promises[0].table: the table is empty"
                " (write what is asked, such as `severity: [S1, S2]`)"
            ),
        ),
        (
            "  - {table: {severity: []}, expect: [{when: {severity: high}}]}",
            "0: promises[0].table.severity: the table has no values for `severity`",
        ),
        (
            (
                "  - table: {severity: [high]}\n    expect:\n"
                "      - {when: {severity: high}}\n"
                "      - {when: {severity: high}, decision: denied}"
            ),
            (
                "3: promises[0].expect[1]: no question of the table is left for this row"
                " (an earlier row is about the same questions, or the table has none of them)"
            ),
        ),
        (
            "  - table: {severity: [high]}\n    expect:\n      - {when: {severity: low}}",
            "2: promises[0].expect[0].when.severity: the table has no severity `low`",
        ),
        (
            "  []",
            "0: promises: there is no case under `promises` (a case is `ask:` with `expect:`)",
        ),
    ],
)
def test_a_slip_is_a_finding_with_its_line(promises: str, found: str) -> None:
    assert found in problems(promises)


def test_a_case_that_names_the_reasons_may_ask_with_any_word() -> None:
    (case,) = read("  - {ask: {severity: nonsense}, expect: {reasons: [severity_unknown]}}").cases
    assert case.request.severity == "nonsense"


def test_a_question_without_a_customer_is_a_finding() -> None:
    with pytest.raises(DocumentError, match="`customer` is missing in the question"):
        parse_promises(
            "given: {}\nat: 2026-03-02T09:00Z\n"
            "promises: [{ask: {contact: d, product: db, channel: web}, expect: denied}]"
        )


def test_facts_may_stand_in_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("products: [db]\n")
    file = tmp_path / "my.promises.yaml"
    file.write_text(
        "facts: facts.yaml\nat: 2026-03-02T09:00Z\npromises:\n  - ask: {customer: a, contact: b, "
        "product: db, channel: c}\n    expect: {reasons: customer_unknown}\n"
    )
    assert read_promises(file).facts.catalog.products[0].id == "db"


def test_a_mistake_in_the_facts_is_found_at_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("products: [db]\ngruops: [dba]\n")
    file = tmp_path / "my.promises.yaml"
    file.write_text("facts: [facts.yaml, missing.yaml]\npromises: []\n")
    with pytest.raises(DocumentError) as caught:
        read_promises(file)
    assert any("facts.yaml:2: gruops" in each for each in caught.value.problems)
    missing = "my.promises.yaml:1: facts[1]: there is no file `missing.yaml`"
    assert any(each.endswith(missing) for each in caught.value.problems)


def test_a_file_without_facts_is_a_finding() -> None:
    with pytest.raises(DocumentError, match="there are no facts"):
        parse_promises("promises: [{expect: denied}]")
