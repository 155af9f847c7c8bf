from __future__ import annotations

from tests.documents.worlds import WORLD, problems

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


def test_a_severity_without_a_first_response_is_told_once_for_all_channels() -> None:
    text = WORLD.replace("severities: S2, within: 4h", "severities: S1, within: 4h")
    assert [each.partition(" (")[0] for each in problems(text)] == [
        "21: plans[0].targets: severity `S2` by `phone`, `web` has no first_response target"
    ]


def test_what_a_shared_policy_lacks_is_told_once_for_all_plans() -> None:
    text = SHARED.replace("      - {milestone: first_response, severities: S2, within: 4h}\n", "")
    assert [each.partition(" has no")[0] for each in problems(text)] == [
        "7: plans[0].policy: severity `S2` by `web`, `phone`"
    ]


def test_a_severity_misspelled_in_a_shared_policy_is_told_there() -> None:
    text = SHARED.replace("severities: S2, within", "severities: S22, within")
    (told,) = problems(text)
    assert told.startswith("6: policies[0].targets[1].severities: no plan of this policy has")
    assert told.endswith("`S22` (severity `S2` has no first_response target)")


def test_a_plan_in_which_something_is_wrong_is_not_asked_what_it_lacks() -> None:
    text = WORLD.replace("severities: S2, within: 4h", "severities: S3, within: 4h")
    (told,) = problems(text)
    assert "no severity has the name `S3`" in told
