"""Results as text, as data and as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import attrs
from tests.testing.promises.test_read import FIRST_LINE, read

from entitlements.access import Reason
from entitlements.testing.promises import (
    check_promises,
    junit_xml,
    promise_coverage,
    promise_data,
    promise_report,
)
from entitlements.testing.promises.report import MAX_MISSED

FILE = read(
    "  - {name: kept, ask: {severity: high}, expect: granted}\n"
    "  - {name: broken & bent, ask: {severity: low}, expect: granted}"
)
RESULTS = check_promises(FILE)


def test_a_report_lists_what_is_broken_and_counts() -> None:
    lines = promise_report(RESULTS).splitlines()
    assert lines[0] == f"p:{FIRST_LINE + 1}: broken & bent"
    assert lines[-1] == "1 of 2 promises hold"
    assert not any("kept" in line for line in lines)


def test_a_report_cuts_long_lists_of_what_no_case_asks_for() -> None:
    text = promise_report(RESULTS, promise_coverage(FILE.facts, RESULTS))
    assert "plan cells: 0 of 2" in text
    assert "  no case: gold high first_response" in text
    assert "reasons: 1 of" in text
    assert f"  and {len(Reason) - 1 - MAX_MISSED} more" in text


def test_data_has_every_case_with_its_differences() -> None:
    first, second = promise_data(RESULTS)["promises"]  # type: ignore[misc] - two of them
    assert first == {
        "name": "kept",
        "file": "p",
        "line": FIRST_LINE,
        "holds": True,
        "differences": [],
    }
    assert second["differences"] == [
        "decision: expected granted, but it is denied: severity_not_in_right"
    ]


def test_build_servers_read_junit_xml() -> None:
    root = ET.fromstring(junit_xml(RESULTS))  # noqa: S314 - our own text
    (suite,) = root
    counts = {"tests": "2", "failures": "1", "errors": "0", "skipped": "0"}
    assert suite.attrib == {"name": "p", **counts}
    kept, broken = suite
    assert [kept.attrib["name"], broken.attrib["name"]] == ["kept", "broken & bent"]
    assert len(kept) == 0
    assert broken[0].attrib["message"].startswith("decision: expected granted")


def test_coverage_names_its_files_where_several_have_other_facts() -> None:
    counts = promise_coverage(FILE.facts, RESULTS)
    assert not any(line.endswith(":") for line in promise_report(RESULTS, counts).splitlines())
    others = [attrs.evolve(each, files=("q", "r")) for each in counts]
    lines = promise_report(RESULTS, [*counts, *others]).splitlines()
    assert [line for line in lines if line.endswith(":")] == ["p:", "q, r:"]
    assert lines[lines.index("q, r:") + 1].startswith("plan cells: ")
    assert promise_data(RESULTS, others)["coverage"][0]["files"] == ["q", "r"]  # type: ignore[index]


def test_build_servers_read_the_coverage_of_each_file() -> None:
    (suite,) = ET.fromstring(junit_xml(RESULTS, promise_coverage(FILE.facts, RESULTS)))  # noqa: S314 - our own text
    told = {each.attrib["name"]: each.attrib["value"] for each in suite[0]}
    assert told["coverage: plan cells"] == "0 of 2"
    assert [each.tag for each in suite] == ["properties", "testcase", "testcase"]
