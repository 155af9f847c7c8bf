"""Changes of cases in a dictionary: the number of the last one of each."""

from __future__ import annotations

from typing import Final, TypeAlias, final

from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.kernel.converters import as_text, instance_of
from entitlements.ports.case_changes import CHANGES_PAGE, ChangeMark
from entitlements.ports.rules.arguments import page_length

_COUNT: Final = ""
"""Where the number of all changes is; no case has this id."""


ChangeNumbers: TypeAlias = DictOverlay[str, tuple[int, str]]
"""The number of the last change of each case, and of all with the case that it was of."""


def note_change(kept: ChangeNumbers, id: str | None) -> None:
    """Note that something was written about a case, if it is about one."""
    if id is not None:
        number = (kept.get(_COUNT) or (0, ""))[0] + 1
        kept.put(id, (number, ""))
        kept.put(_COUNT, (number, id))


@final
class MemoryCaseChanges:
    """`CaseChanges` in a dictionary."""

    def __init__(self, kept: ChangeNumbers) -> None:
        self._kept = kept

    def mark(self) -> ChangeMark:
        number, id = self._kept.get(_COUNT) or (0, "")
        return ChangeMark((number + 1,), (id, number, "") if id else None)

    def since(
        self, mark: ChangeMark, after: str = "", most: int = CHANGES_PAGE
    ) -> tuple[str, ...] | None:
        known, place, most = instance_of(ChangeMark, mark), as_text(after), page_length(most)
        if known.last is not None:
            id, number, _ = known.last
            if (self._kept.get(id) or (0, ""))[0] < number:
                return None
        limit = known.limits[0]
        found = (id for id, (number, _) in self._kept.items() if id and number >= limit)
        return tuple(sorted(id for id in found if id > place)[:most])
