"""Requests answered in order: units are consumed, and agents are busy until their work is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, final

import attrs

from entitlements.access import Granted
from entitlements.cli.demo.traffic import GeneratedRequest
from entitlements.contracts import ledger_with_plan_grants
from entitlements.contracts.account import Account
from entitlements.engine import Assessment, Engine, Facts
from entitlements.routing import take_unstaffed_steps

_SOON: Final = timedelta(days=1)


def answer_in_order(facts: Facts, requests: Sequence[GeneratedRequest]) -> Iterator[Assessment]:
    """Yield the answer to each request; requests must be in order of time."""
    if not requests:
        return
    desk = _Desk(facts, requests[-1].at + _SOON)
    for generated in requests:
        yield desk.answer(generated)


@final
class _Desk:
    """Accounts and roster after the answers so far."""

    def __init__(self, facts: Facts, until: datetime) -> None:
        self._engine = Engine(facts)
        self._accounts = {
            customer: self._stocked(account, until) for customer, account in facts.accounts.items()
        }
        self._roster = facts.roster
        self._assigned: list[tuple[datetime, str]] = []

    def _stocked(self, account: Account, until: datetime) -> Account:
        """Return the account with the units that its plans give, so that they can be taken."""
        histories = self._engine.decider(account.customer).histories
        return attrs.evolve(
            account, ledger=ledger_with_plan_grants(account.ledger, histories, until)
        )

    def answer(self, generated: GeneratedRequest) -> Assessment:
        """Return the answer, post its entries and assign its work."""
        self._finish(generated.at)
        request = generated.request
        account = self._accounts.get(request.customer)
        answer = self._engine.assess(request, generated.at, account=account, roster=self._roster)
        if account is not None:
            self._post(account, answer)
        if isinstance(answer.decision, Granted) and answer.agent is not None:
            work = take_unstaffed_steps(self._engine.work(answer), self._roster, answer.at)
            self._roster = self._roster.assign(work, answer.agent, answer.at)
            heappush(self._assigned, (answer.at + generated.effort, request.id))
        return answer

    def _finish(self, until: datetime) -> None:
        while self._assigned and self._assigned[0][0] <= until:
            done, work = heappop(self._assigned)
            self._roster = self._roster.complete(work, done)

    def _post(self, account: Account, answer: Assessment) -> None:
        ledger = account.ledger
        for command in answer.entries:
            ledger = ledger.post(command, answer.at).ledger
        if ledger is not account.ledger:
            self._accounts[account.customer] = attrs.evolve(account, ledger=ledger)
