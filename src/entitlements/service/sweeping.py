"""What has time alone brought about? Ended offers, opened doors, warnings, breaches, ended holds.

Each piece of work and each case has its own turn, so that one that fails keeps no other waiting.
Sweeping twice does nothing twice, and several may sweep at once.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final, Protocol, final

import attrs

from entitlements.kernel.errors import EntitlementsError, StorageError
from entitlements.kernel.ids import key
from entitlements.routing import offers
from entitlements.routing.offers import Phase
from entitlements.service.casework import keep
from entitlements.service.handovers import advance
from entitlements.service.turns import Office, Turn

MOST: Final = 100


class Step(Protocol):
    """One step of a sweep: about one case, or one piece of work."""

    def __call__(self, turn: Turn, *, id: str) -> bool:
        """Do what is due, and return whether anything was."""
        ...


@final
@attrs.frozen(kw_only=True)
class Swept:
    """What one sweep did.

    Attributes:
        offers: Ids of the work that it changed.
        cases: Ids of the cases that it changed.
        failed: Ids of what could not be swept, each with the reason; they are tried again.
        more: Whether there may be more to do at the same instant.
    """

    offers: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    more: bool = False


def sweep(office: Office, at: datetime | None, most: int = MOST) -> Swept:
    """Carry out what is due at `at`, at most `most` pieces of work and as many cases."""
    moment = office.look(lambda work: work.now()) if at is None else at
    work_ids = office.look(lambda work: work.offers.waking(moment, most))
    case_ids = office.look(lambda work: work.cases.waking(moment, most))
    failed: list[tuple[str, str]] = []
    swept = _each(office, moment, work_ids, sweep_work, failed)
    told = _each(office, moment, case_ids, sweep_case, failed)
    full = len(work_ids) == most or len(case_ids) == most
    return Swept(offers=swept, cases=told, failed=tuple(failed), more=full and bool(swept or told))


def _each(
    office: Office,
    at: datetime,
    ids: tuple[str, ...],
    step: Step,
    failed: list[tuple[str, str]],
) -> tuple[str, ...]:
    changed = []
    for id in ids:
        try:
            if office.take(partial(step, id=id), at):
                changed.append(id)
        except StorageError:
            raise
        except EntitlementsError as error:
            failed.append((id, str(error)))
    return tuple(changed)


def sweep_work(turn: Turn, *, id: str) -> bool:
    """Carry out what time has brought about for one piece of work; return whether it did."""
    placement = turn.work.offers.placement(id)
    if placement.wake is None or placement.wake > turn.at:
        turn.changed = False
        return False
    if placement.state.phase is Phase.PARKED:
        advance(turn, placement, offers.Enqueue(key("open", len(placement.state.done))))
    else:
        advance(turn, placement, offers.Sweep())
    return True


def sweep_case(turn: Turn, *, id: str) -> bool:
    """Tell the warnings and breaches of one case that have come; return whether it did."""
    case = turn.work.cases.case(id)
    if case.wake is None or case.wake > turn.at:
        turn.changed = False
        return False
    keep(turn, case, case, used=None)
    return True
