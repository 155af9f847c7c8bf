"""Charge lines as sentences: what was counted, at which price, and why.

Sentences are made from the fields of a line; nothing is computed here. Times are in UTC as ISO
8601, or in a zone with the abbreviation of its offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from entitlements.billing.credits.claims import CreditState, ServiceCredit
from entitlements.billing.credits.credit_schedules import CreditBasis
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import load_zone
from entitlements.kernel.ids import key_parts
from entitlements.kernel.instants import text_of
from entitlements.kernel.money.money import Money, round_fraction
from entitlements.kernel.periods.durations import format_duration

_BECAUSE: Final[Mapping[LineReason, str]] = {
    LineReason.FOLLOW_UP: "a follow-up within the warranty",
    LineReason.NOT_BILLABLE: "the work is not billable",
    LineReason.FEE: "the fee includes it",
    LineReason.CASE_PREPAID: "the case was paid as a whole",
    LineReason.GRANT: "prepaid time was left",
    LineReason.GRANTS_USED_UP: "no prepaid time was left",
    LineReason.OVERAGE_NOT_AGREED: "no prepaid time was left, and nobody agreed to pay for more",
    LineReason.NO_ALLOWANCE: "the plan has no prepaid time",
    LineReason.PERIOD: "a whole period",
    LineReason.PART_OF_PERIOD: "a part of a period",
    LineReason.BLOCK: "a block of prepaid time",
    LineReason.MINIMUM: "what is missing of the minimum that was agreed",
    LineReason.DISCOUNTED: "a discount was agreed",
    LineReason.CORRECTED: "what is known now differs from what was charged",
    LineReason.PROMISE_MISSED: "a promise was missed",
}


def sheet_sentences(
    lines: Iterable[ChargeLine],
    totals: Mapping[LineKind, Money],
    total: Money,
    zone: str | None = None,
) -> Iterator[str]:
    """Yield a sentence for each line, for each kind of line, and for the whole."""
    for line in lines:
        yield line_sentence(line, zone)
    for kind, amount in totals.items():
        yield f"{kind_words(kind)}: {amount}."
    yield f"Total: {total}."


def line_sentence(line: ChargeLine, zone: str | None = None) -> str:
    """Return one sentence for a line, with times in a zone; None for UTC."""
    time = time_words(line.start, zone)
    if line.end != line.start:
        time = f"{time} to {time_words(line.end, zone)}"
    terms = "; ".join([*line_terms(line), str(line.amount), reason_words(line)])
    return f"{time}, {line_subject(line)}: {terms}."


def credit_sentence(credit: ServiceCredit, at: datetime, zone: str | None = None) -> str:
    """Return one sentence for a service credit: its figure, its amount, and what became of it.

    Args:
        credit: The credit.
        at: The instant at which it is looked at.
        zone: The time zone of all times; None for UTC.
    """
    schedule = credit.schedule
    percent = number_words(schedule.credit_for(credit.figure))
    terms = [_figure_words(credit), f"{percent} percent of {credit.fees}", str(credit.amount)]
    if not credit.amount.amount and schedule.more_than is not None:
        terms[-1] = f"no credit, because it must be more than {schedule.more_than}"
    return f"`{credit.id}`: {'; '.join([*terms, credit_state_words(credit, at, zone)])}."


def credit_state_words(credit: ServiceCredit, at: datetime, zone: str | None) -> str:
    """Return what has become of a credit at an instant."""
    until = credit.claimable_until
    match credit.state(at):
        case CreditState.CLAIMABLE if until is not None:
            return f"claimable until {time_words(until, zone)}"
        case CreditState.CLAIMED if credit.claimed is not None:
            return f"claimed at {time_words(credit.claimed, zone)}"
        case CreditState.LAPSED if until is not None:
            return f"lapsed at {time_words(until, zone)}"
        case state:
            return f"{state}, without a claim"


def _figure_words(credit: ServiceCredit) -> str:
    number = number_words(credit.figure)
    match credit.schedule.basis:
        case CreditBasis.AVAILABILITY:
            return f"available for {number} percent of the time"
        case CreditBasis.ATTAINMENT:
            return f"{number} percent of the promises kept"
        case CreditBasis.MISSED:
            return f"{number} promise{'' if credit.figure == 1 else 's'} missed"
        case CreditBasis.DOWNTIME:
            return f"down for {number} minutes"


def number_words(value: Fraction) -> str:
    """Return an exact number as a decimal, or `about` so much with four digits.

    >>> number_words(Fraction(999, 10)), number_words(Fraction(4314, 4320) * 100)
    ('99.9', 'about 99.8611')
    """
    digits = round_fraction(value * 10**4)
    text = f"{Decimal(digits).scaleb(-4).normalize():f}"
    return text if Fraction(digits, 10**4) == value else f"about {text}"


def time_words(at: datetime, zone: str | None) -> str:
    """Return an instant as local time such as `2026-03-27 15:10 CET`, or as ISO 8601 in UTC."""
    if zone is None:
        return text_of(at)
    local = at.astimezone(load_zone(zone).tzinfo)
    spec = "auto" if local.second or local.microsecond else "minutes"
    return f"{local.replace(tzinfo=None).isoformat(' ', spec)} {local.tzname()}"


def line_subject(line: ChargeLine) -> str:
    """Return what a line is for, without its time."""
    if line.kind is LineKind.ADJUSTMENT:
        return f"correction of `{line.source}` on sheet `{line.named}`"
    if line.kind is LineKind.DISCOUNT:
        return f"discount `{line.named}` on `{line.source}`"
    if line.case is None:
        return f"`{line.source}`"
    if line.agent is None:
        return f"case {line.case}"
    return f"{line.work_kind} by {line.agent} on case {line.case}, log `{line.source}`"


def grant_words(grant: str) -> str:
    """Return the id of a grant, or allowance and first day of one that comes back by itself.

    >>> from entitlements.kernel.ids import key
    >>> grant_words("block"), grant_words(key("block", "C-1", "main", "hours", "2026-03-11"))
    ('`block`', '`hours` from 2026-03-11')
    """
    kind, *parts = key_parts(grant)
    returns = kind in {"grant", "block"} and len(parts) > 1
    return f"`{parts[-2]}` from {parts[-1]}" if returns else f"`{grant}`"


def reason_words(line: ChargeLine) -> str:
    """Return why a line is of its kind."""
    return _BECAUSE[line.reason]


def kind_words(kind: LineKind) -> str:
    """Return a kind of line as the name of a group."""
    return kind.value.replace("_", " ").capitalize()


def line_terms(line: ChargeLine) -> Iterator[str]:
    """Yield what was counted, and at which price."""
    if line.worked or line.billed:
        yield f"{format_duration(line.worked)} worked, {format_duration(line.billed)} billed"
    if line.units:
        unit = "minutes" if line.unit is None else line.unit.value
        unit = unit.removesuffix("s") if abs(line.units) == 1 else unit
        how = "beyond" if line.kind is LineKind.OVERAGE else "of"
        yield f"{line.units} {unit} {how} grant {grant_words(line.grant or '')}"
    if line.hourly is not None:
        when = " after hours" if line.after_hours else ""
        name = "" if line.rate is None else f" (rate `{line.rate}`)"
        yield f"at {line.hourly} an hour{when}{name}"
    if line.full_price is not None:
        yield f"a whole period costs {line.full_price}"
    if line.reason is LineReason.FOLLOW_UP:
        yield f"first case {line.named}"
