from __future__ import annotations

from tests.aftersales.test_notices import LATER, SENT, notice

from entitlements.aftersales import Notice, NoticeRegister
from entitlements.outcomes import NoticeSender, send_notices


class Letters:
    """Letters that were posted; one for globex comes back once."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.returned = 0

    def send(self, notice: Notice) -> None:
        if notice.customer == "globex" and not self.returned:
            self.returned += 1
            raise OSError("no such address")
        self.posted.append(notice.customer)


def test_a_notice_that_fails_stops_no_other_and_is_sent_again() -> None:
    letters = Letters()
    assert isinstance(letters, NoticeSender)
    due = [notice(customer=each) for each in ("acme", "globex", "initech")]
    register, failed = send_notices(due, NoticeRegister(), letters, SENT)
    assert failed == {due[1].id: "OSError: no such address"}
    assert letters.posted == ["acme", "initech"]
    register, failed = send_notices(due, register, letters, LATER)
    assert (failed, letters.posted) == ({}, ["acme", "initech", "globex"])
    assert {each.notice.customer: each.sent for each in register} == {
        "acme": SENT,
        "initech": SENT,
        "globex": LATER,
    }
