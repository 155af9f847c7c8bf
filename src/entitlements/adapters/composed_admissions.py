"""Admissions by the repositories of a unit of work, part by part."""

from __future__ import annotations

from collections.abc import Collection
from typing import final

from entitlements.kernel.converters import instance_of
from entitlements.ports.admissions import Admission, AdmissionFacts
from entitlements.ports.rules.chain_links import next_link
from entitlements.ports.store import UnitOfWork


@final
class ComposedAdmissions:
    """`Admissions` by the repositories of a unit of work.

    The account is written first and the chain of decisions last, in all units, so that no two of
    them wait for each other.

    Args:
        work: The unit of work.
    """

    __slots__ = ("_work",)

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def expect(self, commands: Collection[str]) -> None:
        """Do nothing: this store reads each command when it is carried out."""

    def facts(self, command: str, customer: str, *, fresh: bool = True) -> AdmissionFacts:  # noqa: ARG002 - it has no round trips to save
        work = self._work
        return AdmissionFacts(
            done=work.commands.find(command),
            edition=work.catalog.number(),
            account=work.accounts.account(customer),
        )

    def write(self, admission: Admission) -> list[int]:
        work, at = self._work, instance_of(Admission, admission).done.at
        account = admission.facts.account
        if account is not None and admission.entries:
            work.ledger.append(account.customer, admission.entries, head=len(account.ledger))
        if admission.case is not None:
            work.cases.open(admission.case)
        if admission.item is not None:
            work.work_items.add(admission.item)
        work.commands.record(admission.done)
        numbers = list(work.outbox.put_all(admission.messages, at))
        head = work.decisions.head()
        link = next_link(
            work.tenant,
            head,
            at=at,
            kind=admission.kind,
            subject=admission.subject,
            body=admission.body,
        )
        work.decisions.append(link)
        return numbers
