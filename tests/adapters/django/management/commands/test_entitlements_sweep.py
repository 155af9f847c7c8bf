from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import attrs
import pytest
from django.core.management import CommandError, call_command
from tests.adapters.django.host import admission
from tests.service.desks import CATALOG, MONDAY, PLANS, POLICY, TENANT, account, plan

from entitlements.adapters.django import desk, message_committed
from entitlements.adapters.django.desks.desks import default_store
from entitlements.aftersales import NoticeClause, NoticePeriod
from entitlements.contracts import Account, LifeCycle, Product


# In three centuries support ends, and notice is due as many years before, on whatever day the test
# runs; the contract has no end.
def test_notices_are_swept_where_that_is_asked_for(alias: str) -> None:
    del alias
    ends = LifeCycle(end_of_support=date(2300, 1, 1))
    catalog = attrs.evolve(
        CATALOG, products=[Product(id="db", life_cycle=ends)], plans=[*PLANS, plan("later")]
    )
    clause = NoticeClause(kind="end_of_support", plans=["later"], period=NoticePeriod(months=3_650))
    endless = attrs.evolve(account("later").contracts[0], end=None)
    with default_store().begin(TENANT) as work:
        work.catalog.save(catalog, [POLICY], MONDAY, notice_clauses=[clause])
        work.accounts.open(Account(customer="later", contracts=[endless]))
        work.commit()
    for count in (1, 0):
        found = swept(notices=True)
        assert found == f"0 changed, 0 set aside, {count} notices, 0 messages sent\n"


def swept(**options: Any) -> str:
    out = StringIO()
    call_command("entitlements_sweep", stdout=out, **options)
    return out.getvalue()


def test_a_sweep_processes_what_is_due_and_sends_what_waits(alias: str) -> None:
    """The case of March has been late for long."""
    del alias
    desk().execute(admission(), MONDAY)
    with pytest.raises(CommandError, match="--tenant: no tenant has the id `other`"):
        swept(tenant=["other"])
    assert swept() == "1 changed, 0 set aside, 0 messages sent\n"
    with default_store().begin(TENANT) as work:
        topics = [each.topic for each in work.outbox.pending()]
    assert topics[0] == "case.granted"
    assert topics.count("clock.breach") == 2
    heard: list[str] = []

    def receive(message: Any, **_: Any) -> None:
        heard.append(message.topic)

    message_committed.connect(receive)
    assert swept() == f"0 changed, 0 set aside, {len(topics)} messages sent\n"
    message_committed.disconnect(receive)
    assert heard == topics
