"""Contract oracle: the status, plan and contacts of a line, computed from all records each time.

`entitlements.contracts.lines.line_status` is compared with it; they share the records, and no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar, final
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.lines.line_history import LineStatus
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    BlockEffect,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    RenewalKind,
    Transfer,
)
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import Delegation, NamedContact
from entitlements.kernel.instants import MICROSECOND
from entitlements.testing.oracles.sold.terms import (
    DAWN,
    DUSK,
    Signed,
    Sold,
    after,
    bought,
    contacts_from,
    counting,
    counts_from,
    gone_on,
    midnight,
    months_after,
)

Span: TypeAlias = tuple[datetime, datetime]
_NONE: Final = RenewalTerms()
T = TypeVar("T", Contract, Change, Delegation)


@final
class NaiveContracts:
    """One account's contracts under one catalog."""

    def __init__(self, catalog: Catalog, account: Account) -> None:
        self.catalog = catalog
        self.account = account

    def line_ids(self, contract: Contract) -> list[str]:
        """Return the ids of all lines that the contract ever had."""
        ids = {line.id for line in contract.lines}
        for change in self.changes(contract, Amendment):
            ids |= {line.id for line in change.lines}
        return sorted(ids)

    def promised(self, contract: Contract, id: str) -> Iterator[tuple[Span, Allowance]]:
        """Yield each allowance of a line with the part of the term in which it is granted."""
        versions = self._line_versions(contract, id)
        spans = {span for line in versions for span in self._line_terms(contract, id, line)}
        for start in sorted({start for start, _ in spans}):
            if any(first < start < last for first, last in spans):
                continue
            end = max(last for first, last in spans if first == start)
            while any(first < end < last for first, last in spans):
                end = max(last for first, last in spans if first < end)
            seen: set[str] = set()
            for at in sorted({start, *self._edges(contract, id)}):
                if start <= at < end:
                    for allowance in self.plan(
                        contract, self.text(contract, id, at)[0], at
                    ).allowances:
                        if allowance.id not in seen:
                            yield (at, end), allowance
                        seen.add(allowance.id)

    def changes(self, contract: Contract, kind: type[Any]) -> list[Any]:
        """Return the changes of one kind, of a contract or of the whole account."""
        return [
            each
            for each in latest(self.account.changes)
            if isinstance(each, kind) and each.contract in {contract.id, None}
        ]

    def _line_versions(self, contract: Contract, id: str) -> list[ContractLine]:
        """Return the versions of a line in order."""
        found = [line for line in contract.lines if line.id == id]
        for change in self._amendments(contract):
            found += [line for line in change.lines if line.id == id]
        return found

    def _amendments(self, contract: Contract) -> list[Amendment]:
        return sorted(self.changes(contract, Amendment), key=lambda each: (each.effective, each.id))

    def text(
        self, contract: Contract, id: str, at: datetime
    ) -> tuple[ContractLine, LineStatus | None]:
        """Return the version of a line, or the nearest one with the status of its absence."""
        now = next((line for line in contract.lines if line.id == id), None)
        last = now
        for change in self._amendments(contract):
            touched = id in change.removed or any(line.id == id for line in change.lines)
            if touched and midnight(change.effective, contract.zone) <= at:
                now = next((line for line in change.lines if line.id == id), None)
                last = now or last
        if now is not None:
            return now, None
        if last is not None:
            return last, LineStatus.SUPERSEDED
        return self._line_versions(contract, id)[0], LineStatus.PENDING

    def listed(self, contract: Contract, at: datetime) -> tuple[NamedContact, ...]:
        """Return the named contacts of a contract, whatever their dates."""
        listed = contract.contacts
        for change in self._amendments(contract):
            if change.contacts is not None and midnight(change.effective, contract.zone) <= at:
                listed = change.contacts
        return listed

    def plan(
        self, contract: Contract, line: ContractLine, at: datetime, *, buys: bool = True
    ) -> Plan:
        """Return the version of the line's plan that holds, with the numbers that it buys."""
        versions = [plan for plan in self.catalog.plans if plan.id == line.plan]
        planned = self._planned(contract, line)
        sold = line.sold or max(planned, line.start or planned)
        if line.plan_version is not None:
            plan = next(each for each in versions if each.version == line.plan_version)
        else:
            on_sale = [each for each in versions if (each.effective or date.min) <= sold]
            plan = max(on_sale, key=lambda each: (each.effective or date.min, each.version))
        ages = {each.version: (each.effective or date.min, each.version) for each in versions}
        replacing = [
            each
            for each in versions
            if each.existing_from is not None
            and midnight(each.existing_from, contract.zone) <= at
            and ages[each.version] > ages[plan.version]
        ]
        found = max([plan, *replacing], key=lambda each: ages[each.version])
        return bought(found, self._counting(contract, line, at)) if buys else found

    def _counting(self, contract: Contract, line: ContractLine, at: datetime) -> int:
        def over(text: ContractLine, day: date) -> datetime:
            sold = self.plan(contract, text, DAWN, buys=False)
            return counts_from(Sold(self.catalog, sold, text, contract.zone), day)

        return counting(contract, self._amendments(contract), line, over, at)

    def waiting(self, contract: Contract, line: ContractLine, plan: Plan, at: datetime) -> set[str]:
        """Return who is on the list of contacts, and does not count before a lead time is over."""
        lists = {DAWN: contract.contacts}
        for each in self._amendments(contract):
            start = midnight(each.effective, contract.zone)
            if each.contacts is not None and start <= at:
                lists[start] = each.contacts
        begun = contacts_from(Sold(self.catalog, plan, line, contract.zone), lists)
        return {who for who, over in begun.items() if at < over}

    def _planned(self, contract: Contract, text: ContractLine) -> date:
        """Return the day on which a line got the plan that one of its versions names."""
        now = next((line for line in contract.lines if line.id == text.id), None)
        day = contract.start
        for change in self._amendments(contract):
            if now is text:
                break
            said = next((line for line in change.lines if line.id == text.id), None)
            if said is not None and (now is None or now.plan != said.plan):
                day = change.effective
            if said is not None or text.id in change.removed:
                now = said
        return day

    def blocked(self, contract: Contract, id: str, at: datetime) -> set[BlockEffect]:
        """Return the effects of all blocks at an instant."""
        found: set[BlockEffect] = set()
        for block in self.changes(contract, Block):
            if block.line in {None, id} and block.start <= at < (block.end or DUSK):
                found |= block.effects
        return found

    def status(
        self,
        contract: Contract,
        id: str,
        line: ContractLine,
        gone: LineStatus | None,
        at: datetime,
        *,
        blocks: bool = True,
    ) -> LineStatus:
        """Return the status of a line."""
        suspended = blocks and BlockEffect.ACCESS in self.blocked(contract, id, at)
        found = {
            self._of_holder(contract, at),
            self._of_end(contract, at),
            gone,
            self._of_term(contract, id, line, at),
            LineStatus.SUSPENDED if suspended else None,
        }
        return next(each for each in LineStatus if each in found)

    def _of_holder(self, contract: Contract, at: datetime) -> LineStatus | None:
        holder, mine_before = contract.customer, contract.customer == self.account.customer
        for move in sorted(self.changes(contract, Transfer), key=lambda each: each.at):
            if move.at <= at:
                holder = move.to
                mine_before = mine_before or holder == self.account.customer
        if holder == self.account.customer:
            return None
        return LineStatus.SUPERSEDED if mine_before else LineStatus.PENDING

    def _of_end(self, contract: Contract, at: datetime) -> LineStatus | None:
        for other in latest(self.account.contracts):
            if other.replaces == contract.id and midnight(other.start, other.zone) <= at:
                return LineStatus.SUPERSEDED
        for each in self.changes(contract, Cancellation):
            gone = each.effective
            if not isinstance(gone, datetime):
                gone = after(gone, contract.zone)
            if gone <= at:
                return LineStatus.CANCELLED
        return None

    def _of_term(self, contract: Contract, id: str, line: ContractLine, at: datetime) -> LineStatus:
        terms = self._line_terms(contract, id, line)
        if any(start <= at < end for start, end in terms):
            return LineStatus.ACTIVE
        if not terms or at >= terms[0][0]:
            ended = max((end for _, end in terms if end <= at), default=None)
            if ended is None:
                return LineStatus.EXPIRED
            grace = self.plan(contract, line, ended - MICROSECOND).grace
            last = (ended - MICROSECOND).astimezone(ZoneInfo(contract.zone)).date()
            days = timedelta(days=grace.days if grace else 0)
            kept = grace is not None and at < after(last + days, contract.zone)
            # Grace follows only a term in which the customer and the line were until its end.
            ending = ended - MICROSECOND
            kept = kept and self._of_holder(contract, ending) is None
            kept = kept and self.text(contract, id, ending)[1] is None
            return LineStatus.GRACE if kept else LineStatus.EXPIRED
        return LineStatus.PENDING

    def grace_end(self, contract: Contract, id: str, end: datetime) -> datetime:
        """Return when the grace after the end of a term is over: at that end, if there is none."""
        for edge in [end, *sorted(self._edges(contract, id))]:
            if edge >= end and edge < DUSK:
                line, gone = self.text(contract, id, edge)
                if (
                    self.status(contract, id, line, gone, edge, blocks=False)
                    is not LineStatus.GRACE
                ):
                    return edge
        return DUSK

    def ends(self, contract: Contract, id: str, at: datetime) -> datetime:
        """Return when the line is out of force next, grace included."""
        over = {LineStatus.SUPERSEDED, LineStatus.CANCELLED, LineStatus.EXPIRED}
        if self.status(contract, id, *self.text(contract, id, at), at) in over:
            return DUSK
        for edge in sorted(self._edges(contract, id)):
            if (
                at < edge < DUSK
                and self.status(contract, id, *self.text(contract, id, edge), edge) in over
            ):
                return edge
        return DUSK

    def _edges(self, contract: Contract, id: str) -> set[datetime]:
        zone = contract.zone
        found = {each.at for each in self.changes(contract, Transfer)}
        found |= {midnight(each.effective, zone) for each in self._amendments(contract)}
        for each in self.changes(contract, Cancellation):
            exact = isinstance(each.effective, datetime)
            found.add(each.effective if exact else after(each.effective, zone))
        for block in self.changes(contract, Block):
            found |= {block.start, block.end or DUSK}
        for other in latest(self.account.contracts):
            if other.replaces == contract.id:
                found.add(midnight(other.start, other.zone))
        for plan in self.catalog.plans:
            if plan.existing_from is not None:
                found.add(midnight(plan.existing_from, zone))
        for line in self._line_versions(contract, id):
            for start, end in self._line_terms(contract, id, line):
                found |= {start, end}
                for plan in self.catalog.plans:
                    if plan.grace is not None and end < DUSK:
                        last = (end - MICROSECOND).astimezone(ZoneInfo(zone)).date()
                        found.add(after(last + timedelta(days=plan.grace.days), zone))
        return found

    def _line_terms(self, contract: Contract, id: str, line: ContractLine) -> list[Span]:
        zone = contract.zone
        first = midnight(line.start, zone) if line.start else DAWN
        if all(line.id != id for line in contract.lines):
            added = [c for c in self._amendments(contract) if any(x.id == id for x in c.lines)]
            added_line = Sold(self.catalog, self.plan(contract, line, DAWN), line, zone)
            first = max(first, counts_from(added_line, added[0].effective))
        last = after(line.end, zone) if line.end else DUSK
        cut = [(max(one.start, first), min(one.end, last)) for one in self._terms(contract)]
        return [(start, end) for start, end in cut if start < end]

    def _terms(self, contract: Contract) -> list[Signed]:
        last = contract.end
        counted = None
        if contract.months is not None:
            counted = (contract.start, contract.months)
            last = months_after(*counted) - timedelta(days=1)
        first = midnight(contract.start, contract.zone)
        terms = [self._lengthened(contract, first, last, counted=counted)]
        renewals: list[Renewal] = self.changes(contract, Renewal)
        joining = [each for each in renewals if each.start is None]
        joining.sort(key=lambda each: (each.recorded or DAWN, each.id))
        restarts = [each for each in renewals if each.start is not None]
        for restart in [*sorted(restarts, key=lambda each: (str(each.start), each.id)), None]:
            limit = midnight(restart.start, contract.zone) if restart and restart.start else DUSK
            # No term joins one that a block without an end keeps open.
            for each in list(joining if terms[-1].end < DUSK else ()):
                term = self._renewed(contract, each, terms[-1])
                if term.end <= limit:
                    terms.append(term)
                    joining.remove(each)
            if restart is not None:
                terms.append(self._renewed(contract, restart, terms[-1]))
        return self._tacitly_renewed(contract, terms)

    def _tacitly_renewed(self, contract: Contract, terms: list[Signed]) -> list[Signed]:
        given = [each.given for each in self.changes(contract, NonRenewalNotice)]
        tacit = Renewal(id="tacit", contract=contract.id, months=(contract.renewal or _NONE).months)
        return gone_on(contract, given, terms, lambda last: self._renewed(contract, tacit, last))

    def _renewed(self, contract: Contract, renewal: Renewal, before: Signed) -> Signed:
        start = midnight(renewal.start, contract.zone) if renewal.start else before.end
        last, later, counted = renewal.end, timedelta(), None
        if renewal.months is not None and before.last is not None:
            fresh = renewal.kind is RenewalKind.FRESH and renewal.start is not None
            # Months are counted from the origin, not from a day that was clamped.
            origin, months = before.counted or (before.last + timedelta(days=1), 0)
            if fresh and renewal.start is not None:
                origin, months = renewal.start, 0
            counted = (origin, months + renewal.months)
            last = months_after(*counted) - timedelta(days=1)
            later = before.end - before.signed if renewal.start is None else timedelta()
        return self._lengthened(contract, start, last, later, counted)

    def _lengthened(
        self,
        contract: Contract,
        start: datetime,
        last: date | None,
        later: timedelta = timedelta(),
        counted: tuple[date, int] | None = None,
    ) -> Signed:
        if last is None:
            return Signed(start, None, DUSK, DUSK)
        signed = after(last, contract.zone)
        end = signed + later
        for first, until in self._extensions(contract):
            if first < end < DUSK and start < until:
                end = DUSK if until >= DUSK else end + (until - max(first, start))
        return Signed(start, last, signed, end, counted)

    def _extensions(self, contract: Contract) -> list[Span]:
        found: list[Span] = []
        blocks = [b for b in self.changes(contract, Block) if b.extends_term and b.line is None]
        for block in sorted(blocks, key=lambda each: each.start):
            start, end = block.start, block.end or DUSK
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return found


def latest(records: Iterable[T]) -> list[T]:
    """Return the last recorded record of each id, unless it is retracted."""
    kept: list[T] = []
    for id in sorted({each.id for each in records}):
        mine = [each for each in records if each.id == id]
        mine.sort(key=lambda each: each.recorded or DAWN)
        if not mine[-1].retracted:
            kept.append(mine[-1])
    return kept
