"""What was tried, check by check, with the facts it read."""

from tests.access.small import REFUSALS, Case, asked, with_account, with_plan

from entitlements.access import Check, CheckOutcome, Reason
from entitlements.contracts.lines.plan_grants import pool_id


def test_checks_are_listed_in_a_fixed_order() -> None:
    (candidate,) = Case().decision.candidates
    assert [each.check for each in candidate.results] == [*Check]
    assert candidate.chosen
    assert candidate.reasons == ()


def test_a_check_passes_or_does_not_apply() -> None:
    (candidate,) = Case().decision.candidates
    found = {each.check: each.outcome for each in candidate.results}
    limits = {Check.REQUIRED_PLAN, Check.SUSPENDING_PLAN, Check.CONCURRENCY, Check.ALLOWANCE}
    idle = {Check.ROLE, Check.KIND, Check.LANGUAGE, Check.CONDITIONS, *limits}
    assert {check for check, how in found.items() if how is CheckOutcome.NOT_APPLICABLE} == idle
    assert {how for check, how in found.items() if check not in idle} == {CheckOutcome.PASS}


def test_a_check_cites_what_it_read() -> None:
    (candidate,) = asked(version="9").decision.candidates
    cited = {each.check: each.cites for each in candidate.results}
    assert cited[Check.CUSTOMER] == ("acme",)
    assert cited[Check.CONTACT] == ("C", "dana")
    assert cited[Check.SUPPORT] == ("db", "9")
    assert cited[Check.COVERAGE] == ("C/1", "db")
    assert cited[Check.GROUP] == ("gold@1/experts",)
    assert cited[Check.WINDOW] == ("desk",)
    assert cited[Check.SERVICE] == ("care",)
    assert cited[Check.ALLOWANCE] == ()


def test_a_block_and_a_pool_are_cited_by_name() -> None:
    (blocked,) = REFUSALS[Reason.ACCESS_BLOCKED]().decision.candidates
    assert {each.check: each.cites for each in blocked.results}[Check.NOT_BLOCKED] == ("B",)
    (spent,) = REFUSALS[Reason.ALLOWANCE_SPENT]().decision.candidates
    assert {each.check: each.cites for each in spent.results}[Check.ALLOWANCE] == (
        pool_id("C", "1", "cases"),
    )


def test_what_is_not_known_is_unknown_and_not_failed() -> None:
    (candidate,) = with_account(unknown={"changes": "down"}).decision.candidates
    found = {each.check: each.outcome for each in candidate.results}
    assert [check for check, how in found.items() if how is CheckOutcome.UNKNOWN] == [
        Check.CUSTOMER
    ]


def test_a_plan_without_rights_is_tried_too() -> None:
    (candidate,) = with_plan(rights=[]).decision.candidates
    assert (candidate.right, candidate.group) == (None, None)
    assert candidate.reasons == (Reason.GROUP_NOT_IN_PLAN,)
    found = {each.check: each for each in candidate.results}
    assert found[Check.GROUP].cites == ("gold@1",)
