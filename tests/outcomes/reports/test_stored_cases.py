from __future__ import annotations

from tests.databases import with_tables
from tests.outcomes.reports.test_kept_sums import DAY, START, TENANT, founded, opened, settled

from entitlements.outcomes.reports.report import Question
from entitlements.outcomes.reports.stored_cases import StoredCases


def test_cases_are_read_with_their_surveys_and_again_by_their_ids() -> None:
    store = founded(with_tables("sqlite://"))
    with store.begin(TENANT) as work:
        for case in (settled(1), settled(2), opened("O-1", "globex", START)):
            work.cases.open(case)
        work.commit()
    question = Question.of(START, START + DAY, by="severity", zone="UTC", customer=None)
    cases = StoredCases(store, TENANT, question.period, None, {})
    before = cases.mark()
    every = list(cases.every())
    assert [each.result.case.id for each in every] == ["S-1", "S-2", "O-1"]
    assert [each.result.record is None for each in every] == [True, True, False]
    assert dict(cases.again(["O-1", "S-2", "R-9"])) == {
        "O-1": every[2],
        "S-2": every[1],
        "R-9": None,
    }
    assert cases.measured(every[2]) == every[2]
    assert cases.changed(before) == []
    assert cases.has([each.result.terms for each in every if each.result.terms])
    assert not cases.has([(1, "another digest")])
    assert not cases.has([(9, "of no edition")])
