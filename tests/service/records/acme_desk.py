"""A desk whose store has the customer of `tests.engine.statements.acme` and some open cases."""

from __future__ import annotations

from datetime import datetime

from tests.engine.statements.acme import acme

from entitlements.engine.facts import Facts
from entitlements.kernel import Request, utc
from entitlements.ports import Store
from entitlements.service import AdoptCase, Desk
from entitlements.sla import Event

TENANT = "tenant"
OPENED = utc("2026-03-02T09:00Z")
EARLY = utc("2026-01-01T00:00Z")


def opened_desk(store: Store, facts: Facts | None = None, cases: int = 2) -> Desk:
    """Return a desk with the facts and so many cases, `R-1` and on."""
    known = acme() if facts is None else facts
    with store.begin(TENANT) as work:
        work.catalog.save(
            known.catalog,
            known.policies.values(),
            EARLY,
            prices=known.prices,
            billing_accounts=known.billing_accounts.values(),
            notice_clauses=known.notice_clauses,
        )
        for account in known.accounts.values():
            work.accounts.open(account)
        work.commit()
    desk = Desk(store, TENANT)
    for number in range(1, cases + 1):
        adopt(desk, f"R-{number}", OPENED)
    return desk


def adopt(desk: Desk, id: str, opened: datetime, *more: Event) -> None:
    """Take over a case of acme that was opened at an instant."""
    asked = Request(
        id=id, customer="acme", contact="dana", product="db", severity="high", channel="web"
    )
    events = [Event.opened(opened, severity="high", channel="web"), *more]
    command = AdoptCase(id=f"adopt {id}", request=asked, events=events, contract="C-1", line="main")
    desk.execute(command, max(each.at for each in events))


def topics(desk: Desk) -> list[str]:
    """Return the topics in the outbox, in their order, without those of the adoptions."""
    pending = desk.context.query(lambda work: work.outbox.pending(10_000))
    return [each.topic for each in pending if each.topic != "case.adopted"]
