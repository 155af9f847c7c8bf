"""A closed set of codes, each with its check, its sentence and a case that it alone decides."""

from pathlib import Path

import pytest
from tests.access.small import REFUSALS, Case

from entitlements.access import Check, Deferred, Denied, Granted, Reason, reason_sentence
from entitlements.access.reasons import CHECK_OF, REASON_BIT, reasons_of_bits
from entitlements.kernel.instants import utc


def test_every_reason_has_its_check_its_bit_and_its_sentence() -> None:
    assert set(CHECK_OF) == set(REASON_BIT) == set(Reason)
    sentences = {reason_sentence(each) for each in Reason}
    assert len(sentences) == len(Reason)
    assert not any(each.endswith(".") or each != each.strip() for each in sentences)


def test_reasons_stand_in_the_order_of_the_checks() -> None:
    ranks = [list(Check).index(CHECK_OF[each]) for each in Reason]
    assert ranks == sorted(ranks)
    assert {*CHECK_OF.values()} == {*Check}


def test_bits_become_reasons_in_order() -> None:
    bits = REASON_BIT[Reason.NOT_COVERED] | REASON_BIT[Reason.NO_CONTRACT]
    assert reasons_of_bits(bits) == (Reason.NO_CONTRACT, Reason.NOT_COVERED)
    assert reasons_of_bits(0) == ()


def test_without_a_reason_it_is_granted() -> None:
    assert isinstance(Case().decision, Granted)


def test_every_reason_has_its_case() -> None:
    # A window that is closed defers: it is a reason against now, and denies nothing.
    assert {*REFUSALS} == {*Reason} - {Reason.WINDOW_CLOSED}


@pytest.mark.parametrize("reason", REFUSALS)
def test_one_change_refuses_for_that_reason_alone(reason: Reason) -> None:
    decision = REFUSALS[reason]().decision
    assert isinstance(decision, Denied)
    alone = {Reason.NEVER_OPEN: (Reason.WINDOW_CLOSED, Reason.NEVER_OPEN)}
    assert decision.reasons == alone.get(reason, (reason,))


def test_a_closed_window_defers_and_is_a_reason_against_now() -> None:
    decision = Case(at=utc("2026-03-02T08:59:59.999999Z")).decision
    assert isinstance(decision, Deferred)
    assert decision.opens_at == utc("2026-03-02T09:00Z")
    assert decision.candidates[0].reasons == (Reason.WINDOW_CLOSED,)


def test_the_documentation_lists_every_reason_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    listed = [row for row in rows if row[0].strip("`") in {*Reason}]
    assert [row[:3] for row in listed] == [
        [f"`{each.value}`", CHECK_OF[each].value, reason_sentence(each)] for each in Reason
    ]
    assert all(len(row) == 4 and row[3] for row in listed)
