from __future__ import annotations

from datetime import date, timedelta

from entitlements.engine import PromiseVerdict
from entitlements.outcomes import CaseRecord
from entitlements.outcomes.credit_promises import case_verdicts
from entitlements.sla import Event, History, SlaPolicy, Target

APRIL = date(2026, 4, 1)


def test_promises_are_decided_before_a_day_begins_in_its_zone() -> None:
    target = Target(milestone="first_response", within=timedelta(hours=1))
    policy = SlaPolicy(id="p", targets=[target])
    events = [Event.opened("2026-03-31T14:00Z"), Event.responded("2026-03-31T15:30Z")]
    case = CaseRecord(id="R-1", customer="acme", history=History(events), policy=policy)
    # Due at 15:00, when April begins in Tokyo; in Berlin that is in seven hours.
    assert [*case_verdicts(case, APRIL, "Asia/Tokyo")] == []
    assert [*case_verdicts(case, APRIL, "Europe/Berlin")] == [
        PromiseVerdict(case="R-1", milestone="first_response", at="2026-03-31T15:00Z", kept=False)
    ]
