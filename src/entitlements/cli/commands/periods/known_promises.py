"""Promises on the command line: as files state them, and as cases and outages show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import attrs

from entitlements.cli.commands.periods.case_files import read_case_files
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.lines.line_status import line_histories
from entitlements.documents import DocumentContent
from entitlements.documents.sections.records.promises import ReadPromises, read_promises
from entitlements.engine import PromiseVerdict
from entitlements.engine.statements.outage_figures import outage_figures
from entitlements.engine.statements.sold_lines import sold_lines
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.instants import from_micros
from entitlements.outcomes import CaseRecord
from entitlements.outcomes.credit_promises import case_verdicts


def known_promises(
    stated: Sequence[str],
    case_files: Sequence[str],
    documents: DocumentContent,
    customer: str,
    until: date,
    warnings: list[str],
) -> ReadPromises:
    """Return what is known of promises to a customer before a day.

    Args:
        stated: Files with promises.
        case_files: Case files; the customer's cases and the outages in them count.
        documents: The facts, with the customer's account, and outages, which count as well.
        customer: The customer.
        until: What is decided on this day or later is left out.
        warnings: A sentence is added for each case that cannot count.

    Raises:
        DocumentError: A file cannot be read, or has problems.
    """
    read = read_promises(stated)
    if not case_files and not documents.records:
        return read
    facts, file = documents.facts, read_case_files(case_files, documents)
    warnings += [f"{id} cannot be read: {why}" for id, why in file.unread.items()]
    own = [each for each in file.cases if each.customer == customer]
    account = facts.accounts[customer]
    charged = {each.id for each in account.cases}
    warnings += [
        f"case {each.id} is no case of {customer} in the facts, and earns no credit"
        for each in own
        if each.id not in charged
    ]
    zone = next((each.zone for each in account.contracts), "UTC")
    verdicts = [*read.promises.verdicts, *_verdicts(own, until, zone, warnings)]
    records = file.records
    shown = outage_figures(
        sold_lines(facts, line_histories(account, facts.catalog)),
        records.outages,
        from_micros(day_start(until, zone)),
        maintenance=records.maintenance,
        services=records.services,
    )
    figures = [*read.promises.figures, *shown]
    promises = attrs.evolve(
        read.promises, verdicts=[*dict.fromkeys(verdicts)], figures=[*dict.fromkeys(figures)]
    )
    return attrs.evolve(read, promises=promises)


def _verdicts(
    cases: Iterable[CaseRecord], until: date, zone: str, warnings: list[str]
) -> Iterator[PromiseVerdict]:
    for case in cases:
        try:
            yield from [*case_verdicts(case, until, zone)]
        except EntitlementsError as error:
            warnings.append(f"the clocks of case {case.id} cannot be measured: {error}")
