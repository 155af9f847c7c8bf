"""Charge lines as sentences: what was counted, at which price, and why.

Sentences are made from the fields of a line; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.kernel.durations import format_duration
from entitlements.kernel.instants import text_of
from entitlements.kernel.money.money import Money

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
    lines: Iterable[ChargeLine], totals: Mapping[LineKind, Money], total: Money
) -> Iterator[str]:
    """Yield a sentence for each line, for each kind of line, and for the whole."""
    for line in lines:
        yield line_sentence(line)
    for kind, amount in totals.items():
        yield f"{_words(kind)}: {amount}."
    yield f"Total: {total}."


def line_sentence(line: ChargeLine) -> str:
    """Return one sentence for a line."""
    return f"{_subject(line)}: {'; '.join(_parts(line))}; {_BECAUSE[line.reason]}."


def _subject(line: ChargeLine) -> str:
    time = f"{text_of(line.start)} to {text_of(line.end)}"
    if line.kind is LineKind.ADJUSTMENT:
        return f"{time}, correction of `{line.source}` on sheet `{line.named}`"
    if line.kind is LineKind.DISCOUNT:
        return f"{time}, discount `{line.named}` on `{line.source}`"
    if line.case is None:
        return f"{time}, `{line.source}`"
    return f"{time}, {line.work_kind} by {line.agent} on case {line.case}, log `{line.source}`"


def _parts(line: ChargeLine) -> Iterator[str]:
    if line.worked or line.billed:
        yield f"{format_duration(line.worked)} worked, {format_duration(line.billed)} billed"
    if line.units:
        yield f"{line.units} minutes of grant `{line.grant}`"
    if line.hourly is not None:
        when = " after hours" if line.after_hours else ""
        name = "" if line.rate is None else f" (rate `{line.rate}`)"
        yield f"at {line.hourly} an hour{when}{name}"
    if line.reason is LineReason.FOLLOW_UP:
        yield f"first case {line.named}"
    yield str(line.amount)


def _words(kind: LineKind) -> str:
    return kind.value.replace("_", " ").capitalize()
