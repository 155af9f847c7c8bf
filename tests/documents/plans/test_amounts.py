from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.documents.plans.amounts import (
    Amount,
    business_days,
    format_amount,
    is_plain,
    parse_amount,
)
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.sla import Commitment

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "within", "calendar"),
    [
        ("4h", 4 * HOUR, None),
        ("1h always", HOUR, "always"),
        ("90 minutes", timedelta(minutes=90), None),
        ("0.5h", timedelta(minutes=30), None),
        ("1 hour 30 minutes emea", timedelta(minutes=90), "emea"),
        ("PT4H emea", 4 * HOUR, "emea"),
        ("4h 24x7", 4 * HOUR, "24x7"),
        ("4h  Mo-Fr 09:00-17:00  Europe/Berlin", 4 * HOUR, "Mo-Fr 09:00-17:00 Europe/Berlin"),
        ("1 business day", 1, None),
        ("2 business days emea", 2, "emea"),
        ("same business day", 0, None),
        ("next business day emea", 1, "emea"),
        ("2 days always", 2 * DAY, "always"),
        ("1 week always", 7 * DAY, "always"),
        ("none", None, None),
    ],
)
def test_an_amount_has_its_calendar_behind_it(
    text: str, within: timedelta | int | None, calendar: str | None
) -> None:
    assert parse_amount(text) == Amount(within, calendar)


def test_an_objective_is_no_promise_and_best_effort_has_no_time() -> None:
    assert parse_amount("objective 4h").commitment is Commitment.OBJECTIVE
    assert parse_amount("best effort") == Amount(None, commitment=Commitment.BEST_EFFORT)
    assert parse_amount("Best-Effort") == parse_amount("best effort")


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("2 days", "`2 business days` or `2 days always`"),
        ("1d", "`1 business day` or `1 day always`"),
        ("2 weeks", "`10 business days` or `2 weeks always`"),
    ],
)
def test_days_and_weeks_leave_a_choice_until_a_calendar_is_behind_them(
    text: str, choices: str
) -> None:
    assert parse_amount(text).choices == choices
    with pytest.raises(InvalidValueError, match="which kind of day"):
        parse_amount(f"{text} emea")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("4", "did you mean `4h` or `4m`?"),
        ("4 hurs", "did you mean `4h`?"),
        ("30 mintes always", "did you mean `30m always`?"),
        ("1,5h", "did you mean `1.5h`?"),
        ("4h 30", "did you mean `4h30m`?"),
        ("2 bussiness days", "did you mean `2 business days`?"),
        ("4 business hours", "write `4h`, and the calendar's name behind it if it is not"),
        ("beast effort", "did you mean `best effort`?"),
        ("objectve 4h", "did you mean `objective`?"),
        ("nonne", "did you mean `none`?"),
        ("no", "write `none` if nothing is promised"),
        ("n/a", "write `none` if nothing is promised"),
        ("", "write `none` if nothing is promised"),
        ("soon", "begin with a number, such as `4h`"),
        ("<4h", "did you mean `less than 4h`?"),
        ("24/7", "write it as `4h`, `30m` or `1h30m`"),
        ("1 month", "months are not equally long; write days, such as `30 days always`"),
        ("2 working days EMEA", "did you mean `2 business days EMEA`?"),
        ("within 2 days", "write `2 business days` or `2 days always`"),
        ("within " * 1000 + "4h", "begin with a number, such as `4h`"),
    ],
)
def test_what_is_no_amount_gets_a_hint(text: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_amount(text)
    assert (caught.value.hint or "").startswith(hint)


amounts = st.builds(
    Amount,
    st.integers(0, 99) | st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from([None, "always", "emea", "24x7", "Mo-Fr 09:00-17:00 Europe/Berlin"]),
    st.sampled_from([Commitment.GUARANTEE, Commitment.OBJECTIVE]),
    st.booleans(),
)


@given(amounts)
def test_an_amount_is_read_as_it_is_written(amount: Amount) -> None:
    assert parse_amount(format_amount(amount)) == amount


@pytest.mark.parametrize("name", ["30m", "5h shift", "30", "a  b"])
def test_a_name_that_cannot_be_behind_an_amount_is_noticed(name: str) -> None:
    assert not is_plain(Amount(HOUR, name))
    assert is_plain(Amount(HOUR, "emea"))


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_an_error_of_the_library(text: str) -> None:
    with suppress(EntitlementsError):
        assert isinstance(parse_amount(text), Amount)


def test_one_business_day_is_singular() -> None:
    assert [business_days(1), business_days(3)] == ["1 business day", "3 business days"]
