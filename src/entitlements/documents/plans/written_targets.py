"""Writing targets in their shortest form: milestone tables, and a list of what does not fit in one.

A table holds the targets of one milestone if each is for one severity, or all are for every one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import Final, final

import attrs

from entitlements.calendars import Anchor, BusinessDays
from entitlements.documents.plans.amounts import ALWAYS, Amount, format_amount, is_plain
from entitlements.documents.plans.restrictions import (
    CHANNELS,
    CONDITIONS,
    KINDS,
    START,
    WARN,
    format_restrictions,
    split_restrictions,
)
from entitlements.documents.shapes.records import RecordShape
from entitlements.documents.shapes.scalars import DURATION, FlowMapping, Plain, WriteContext
from entitlements.kernel.errors import InvalidValueError
from entitlements.sla.milestones import Milestone, Recurrence
from entitlements.sla.targets import Commitment, Target

_RESTRICTIONS: Final[Sequence[str]] = (START, KINDS, CHANNELS, CONDITIONS, WARN)
_STATED: Final = ("milestone", "severities", "within", "calendar", "commitment", "exclusive")


@final
@attrs.frozen
class TargetWriter:
    """How targets are written in one plan or policy.

    Attributes:
        target: The shape of a target.
        out: The write context.
        hours: The calendar of the plan, which targets need not name; None without one.
        anchor: The anchor of the plan, which business days need not name; None without one.
        cut_off: The cut-off of the plan, which targets by its hours need not name; None without.
        warn: The warnings of the plan, which targets need not name.
        reserved: Keys of the plan, which are no tables.
        always_is_a_name: Whether `always` is the name of a calendar here.
    """

    target: RecordShape
    out: WriteContext
    hours: str | None
    anchor: Anchor | None
    cut_off: str | None = None
    warn: tuple[Fraction | timedelta, ...] = ()
    reserved: frozenset[str] = frozenset()
    always_is_a_name: bool = False

    def write(self, targets: Sequence[Target]) -> dict[str, Plain]:
        """Return tables for as many milestones as possible, and the rest as `targets`.

        Raises:
            InvalidValueError: A target cannot be written beside the hours of the plan.
        """
        runs = [(name, list(run)) for name, run in groupby(targets, lambda each: each.milestone)]
        repeated = len({name for name, _ in runs}) < len(runs)
        written: dict[str, Plain] = {}
        for place, (name, run) in enumerate(runs):
            table = None if repeated or name in self.reserved else self._table(run)
            if table is None:
                rest = [each for _, listed in runs[place:] for each in listed]
                written["targets"] = [self._listed(each) for each in rest]
                break
            written[name] = table
        return written

    def _table(self, targets: Sequence[Target]) -> Plain:
        """Return the table of one milestone; None if its targets do not fit in one."""
        if all(not each.severities for each in targets):
            return _one_or_all([self._cell(each) for each in targets])
        if any(len(each.severities) != 1 for each in targets):
            return None
        cells = [
            (name, [self._cell(each) for each in run])
            for name, run in groupby(targets, lambda each: each.severities[0])
        ]
        names = {name for name, _ in cells}
        if len(names) < len(cells) or "within" in names:
            return None
        return FlowMapping({name: _one_or_all(run) for name, run in cells})

    def _listed(self, target: Target) -> Plain:
        written = self.target.write_keys(target, self.out)
        listed: dict[str, Plain] = {
            key: written[key] for key in ("milestone", "severities") if key in written
        }
        cell = self._cell(target)
        listed |= cell if isinstance(cell, dict) else {"within": cell}
        return listed

    def _cell(self, target: Target) -> Plain:
        written = self.target.write_keys(target, self.out)
        others = {key: each for key, each in written.items() if key not in _STATED}
        if self.cut_off is not None and has_default_cut_off(target, self.hours):
            others.pop("cut_off", None)
        if self.warn and target.within is not None:
            others.pop(WARN)
        parts = self._amount(target)
        text = parts.get("within")
        if list(parts) == ["within"] and isinstance(text, str):
            names: dict[str, Plain] = {
                key: others.pop(key) for key in _RESTRICTIONS if key in others
            }
            behind = _restricted(text, names)
            others = others | names if behind is None else others
            parts["within"] = text if behind is None else behind
            if not others:
                return parts["within"]
        return FlowMapping({**parts, **others})

    def _amount(self, target: Target) -> dict[str, Plain]:
        within = target.within
        if within is None:
            found: dict[str, Plain] = {
                "within": format_amount(Amount(None, commitment=target.commitment))
            }
            found |= {"exclusive": True} if target.exclusive else {}
            return found if target.calendar is None else {**found, "calendar": target.calendar}
        calendar = None if target.calendar == self.hours else target.calendar or ALWAYS
        if calendar == ALWAYS and (target.calendar is None) == self.always_is_a_name:
            raise InvalidValueError(f"`{ALWAYS}` has another meaning here")
        days = isinstance(within, BusinessDays)
        quantity = within.count if isinstance(within, BusinessDays) else within
        amount = Amount(quantity, calendar, target.commitment, target.exclusive)
        anchored = (
            not isinstance(within, BusinessDays)
            or within.anchor is self.anchor
            or (within.count == 0 and within.anchor is Anchor.END)
        )
        if is_plain(amount) and anchored:
            return {"within": format_amount(amount)}
        shape = self.target.keys["within"].shape if days else DURATION
        parts: dict[str, Plain] = {"within": shape.write(within, self.out)}
        parts |= {} if calendar is None else {"calendar": calendar}
        if target.commitment is not Commitment.GUARANTEE:
            parts["commitment"] = target.commitment.value
        return {**parts, "exclusive": True} if target.exclusive else parts


def _restricted(amount: str, names: Mapping[str, Plain]) -> str | None:
    """Return an amount with restrictions behind it; None if they would be read differently."""
    texts = {
        key: tuple(map(str, each)) if isinstance(each, list) else (str(each),)
        for key, each in names.items()
    }
    whole = f"{amount} {format_restrictions(texts)}".strip()
    try:
        return whole if split_restrictions(whole) == (amount, texts) else None
    except InvalidValueError:
        return None


def has_default_cut_off(target: Target, hours: str | None) -> bool:
    """Return whether a target has the cut-off of its plan unless it states another."""
    periodic = {Recurrence.PERIODIC, Recurrence.SEQUENTIAL}
    again = target.recurrence in periodic or (
        target.recurrence is None and target.milestone == Milestone.UPDATE
    )
    return (
        hours is not None and target.within is not None and target.calendar == hours and not again
    )


def common_cut_off(targets: Iterable[Target], hours: str | None) -> str | None:
    """Return the cut-off that all targets by the hours of a plan have; None if they differ."""
    found = {each.cut_off for each in targets if has_default_cut_off(each, hours)}
    return found.pop() if len(found) == 1 else None


def common_warnings(targets: Iterable[Target]) -> tuple[Fraction | timedelta, ...]:
    """Return the warnings that all targets with a time have; none if they differ."""
    found = {each.warn for each in targets if each.within is not None}
    return found.pop() if len(found) == 1 else ()


def common_anchor(targets: Iterable[Target]) -> Anchor | None:
    """Return the anchor that most business days have; None if there are no business days."""
    every = [each.within for each in targets if isinstance(each.within, BusinessDays)]
    days = [each for each in every if each.count or each.anchor is not Anchor.END]
    counted = Counter(each.anchor for each in days)
    return counted.most_common(1)[0][0] if counted else None


def calendars_of(targets: Iterable[Target]) -> list[str | None]:
    """Return None and the calendars of targets, each once."""
    return list(dict.fromkeys([None, *(each.calendar for each in targets)]))


def shortest(
    hours: Iterable[str | None], write: Callable[[str | None], dict[str, Plain]]
) -> dict[str, Plain]:
    """Return what is written with those of the `hours` that make it shortest.

    Raises:
        InvalidValueError: It cannot be written with any of them.
    """
    found: list[dict[str, Plain]] = []
    error: InvalidValueError | None = None
    for each in hours:
        try:
            found.append(write(each))
        except InvalidValueError as impossible:
            error = error or impossible
    if not found and error is not None:
        raise error
    return min(found, key=lambda each: len(json.dumps(each, ensure_ascii=False)))


def _one_or_all(cells: list[Plain]) -> Plain:
    return cells[0] if len(cells) == 1 else cells


def with_keys_first(written: Mapping[str, Plain], first: Iterable[str]) -> dict[str, Plain]:
    """Return a mapping with some keys first."""
    head = {key: written[key] for key in first if key in written}
    return {**head, **{key: each for key, each in written.items() if key not in head}}
