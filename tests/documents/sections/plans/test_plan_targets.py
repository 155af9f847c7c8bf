from __future__ import annotations

from tests.documents.examples import DOCUMENT, problems

SHARED = """\
groups: dba
policies:
  - id: p
    targets:
      - {milestone: first_response, severities: S1, within: 1h}
      - {milestone: first_response, severities: S2, within: 4h}
plans:
  - {id: a, policy: p, severities: [S1, S2], channels: web, rights: {id: r, group: dba}}
  - {id: b, policy: p, severities: [S1, S2], channels: [web, phone], rights: {id: r, group: dba}}
"""


def test_a_severity_without_a_first_response_is_one_problem_for_all_channels() -> None:
    text = DOCUMENT.replace("severities: S2, within: 4h", "severities: S1, within: 4h")
    assert [each.partition(" (")[0] for each in problems(text)] == [
        "21: plans[0].targets: severity `S2` by `phone`, `web` has no first response"
    ]


def test_a_gap_in_a_shared_policy_is_one_problem_for_all_plans() -> None:
    text = SHARED.replace("      - {milestone: first_response, severities: S2, within: 4h}\n", "")
    assert [each.partition(" has no")[0] for each in problems(text)] == [
        "7: plans[0].policy: severity `S2` by `web`, `phone`"
    ]


def test_a_misspelled_severity_in_a_shared_policy_is_a_problem_there() -> None:
    text = SHARED.replace("severities: S2, within", "severities: S22, within")
    (found,) = problems(text)
    assert found.startswith("6: policies[0].targets[1].severities: no plan of this policy has")
    assert found.endswith("`S22` (severity `S2` has no first response)")


def test_a_plan_with_other_problems_is_not_checked_for_gaps() -> None:
    text = DOCUMENT.replace("severities: S2, within: 4h", "severities: S3, within: 4h")
    (found,) = problems(text)
    assert "no severity has the name `S3`" in found
