import pytest

from entitlements.adapters.sql.rows.case_list_rows import filter_to_values, summary_from_row
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.instants import from_micros
from entitlements.ports import CaseFilter, CaseSummary

ROW = {
    "id": "R-1",
    "customer": "acme",
    "opened": 1,
    "status": "open",
    "severity": None,
    "due": 7,
    "closed": None,
    "expert_group": "dba",
    "agent": "",
    "state": "a digest",
}


def test_a_filter_gives_only_what_it_has() -> None:
    assert filter_to_values(CaseFilter()) == {}
    wanted = CaseFilter(group="dba", statuses=["paused", "open"], due_before=from_micros(5))
    assert filter_to_values(wanted) == {
        "group": "dba",
        "status_0": "open",
        "status_1": "paused",
        "due_before": 5,
    }


def test_a_row_is_a_summary() -> None:
    assert summary_from_row(ROW).mark == "a digest"
    assert summary_from_row(ROW) == CaseSummary(
        id="R-1",
        customer="acme",
        opened=from_micros(1),
        status="open",
        due=from_micros(7),
        group="dba",
    )


@pytest.mark.parametrize("wrong", [{"opened": "1"}, {"status": "asleep"}, {"due": "soon"}])
def test_a_row_that_cannot_be_read_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(UnreadableError, match="case `R-1`"):
        summary_from_row(ROW | wrong)
