from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from entitlements.aftersales import Notice, NoticeRegister, SentNotice
from entitlements.kernel import DuplicateIdError, InvalidValueError, UnknownIdError, utc

SENT, LATER = utc("2026-03-02T09:00Z"), utc("2026-03-03T09:00Z")


def notice(**fields: Any) -> Notice:
    return Notice(
        **{
            "kind": "expiry",
            "customer": "acme",
            "subject": "C-1",
            "effective": date(2026, 12, 31),
            "send_by": date(2026, 9, 30),
        }
        | fields
    )


def test_a_day_that_moves_is_another_notice_and_another_deadline_is_not() -> None:
    assert notice().id == notice(send_by=date(2026, 10, 1), clause="7.2").id
    others = {"kind": "renewal", "customer": "globex", "subject": "C-2"}
    changed = [notice(**{name: value}) for name, value in others.items()]
    assert len({each.id for each in [notice(), notice(effective=date(2027, 1, 1)), *changed]}) == 5


def test_a_notice_is_sent_once_and_confirmed_once() -> None:
    register = NoticeRegister().with_sent([notice(), notice()], SENT)
    again = register.with_sent([notice(clause="7")], LATER)
    assert again == register
    assert [each.sent for each in again] == [SENT]
    confirmed = again.with_acknowledged(notice().id, LATER)
    assert confirmed.with_acknowledged(notice().id, SENT) == confirmed
    assert [each.acknowledged for each in confirmed] == [LATER]
    assert notice() in confirmed
    assert notice(customer="globex") not in confirmed


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: notice(send_by=date(2027, 1, 1)), InvalidValueError),
        (lambda: notice(effective=LATER), InvalidValueError),
        (lambda: notice(kind="hint"), InvalidValueError),
        (lambda: SentNotice(notice=notice(), sent=LATER, acknowledged=SENT), InvalidValueError),
        (lambda: NoticeRegister().with_acknowledged("x", SENT), UnknownIdError),
        (lambda: NoticeRegister([SentNotice(notice=notice(), sent=SENT)] * 2), DuplicateIdError),
        (lambda: "x" in NoticeRegister(), InvalidValueError),
    ],
)
def test_bad_notices_are_refused(make: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()
