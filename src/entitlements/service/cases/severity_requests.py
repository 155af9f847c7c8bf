"""Requests of contacts for another severity of an open case."""

from __future__ import annotations

import attrs

from entitlements.access.reasons import Reason, reason_sentence
from entitlements.kernel.data.digests import canonical_json
from entitlements.ports.records import Case
from entitlements.service.commands.commands import RecordEvent
from entitlements.service.commands.replies import Reply, ReplyResult
from entitlements.service.transaction import Transaction


def refuse_severity(
    transaction: Transaction, case: Case, command: RecordEvent, before: str | None
) -> Reply | None:
    """Return the refusal of a severity that a contact may not raise a case to, or None.

    It is decided by the plans of the edition under which the case was accepted, and by the
    contacts whom the customer has now. A severity that is no worse than the one before is never
    refused.
    """
    severity, contact, terms = command.event.severity, command.contact, case.terms
    if contact is None or severity is None:
        return None
    edition = transaction.catalogs.edition(transaction.work, terms.edition)
    if before is not None and edition.rank(terms, severity) >= edition.rank(terms, before):
        return None
    account = transaction.work.accounts.account(case.customer)
    asked = attrs.evolve(case.request, severity=severity, contact=contact)
    decider = edition.engine.decider(case.customer, account)
    reasons = decider.severity_refusal(asked, (terms.contract, terms.line), transaction.at)
    if not reasons:
        return None
    transaction.add_message(
        "case.severity_refused",
        case.id,
        contact=contact,
        severity=severity,
        reasons=[each.value for each in reasons],
    )
    return Reply(command=command.id, case=case.id, result=ReplyResult.DENIED, text=_text(reasons))


def _text(reasons: tuple[Reason, ...]) -> str:
    found = [{"reason": each.value, "sentence": reason_sentence(each)} for each in reasons]
    return canonical_json({"decision": "denied", "reasons": found})
