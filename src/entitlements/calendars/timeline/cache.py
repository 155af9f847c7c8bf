"""One timeline for equal hours.

The cache has weak values: a timeline lives as long as some hours that use it, so memory grows with
the number of different hours in use.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakValueDictionary

from entitlements.calendars.timeline.compiled import CompiledTimeline
from entitlements.calendars.timeline.open_time import OpenTime
from entitlements.calendars.timeline.timeline import AlwaysOpen, NeverOpen, Timeline

_TIMELINES: Final[WeakValueDictionary[tuple[Any, ...], CompiledTimeline]] = WeakValueDictionary()


def timeline_for(normal_form: tuple[Any, ...], open_time: OpenTime) -> Timeline:
    """Return the one timeline of all hours with this normal form."""
    if normal_form == ("always",):
        return AlwaysOpen()
    if normal_form == ("never",):
        return NeverOpen()
    known = _TIMELINES.get(normal_form)
    return (
        known
        if known is not None
        else _TIMELINES.setdefault(normal_form, CompiledTimeline(open_time))
    )
