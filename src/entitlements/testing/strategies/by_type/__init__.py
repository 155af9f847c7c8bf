"""Strategies by type: `values` draws any public value class, with fields that you hold fixed.

`facts` and `requests` draw whole small worlds, `histories` and `rosters` cases and agents.
Hypothesis finds all value classes by `st.from_type`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.strategies.by_type.cases import histories, rosters
    from entitlements.testing.strategies.by_type.code import code_of
    from entitlements.testing.strategies.by_type.scalars import (
        HOSTILE_IDS,
        dates,
        durations,
        ids,
        instants,
        zones,
    )
    from entitlements.testing.strategies.by_type.small_worlds import (
        accounts,
        assessments,
        facts,
        plans,
        requests,
    )
    from entitlements.testing.strategies.by_type.value_classes import values
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "code": ("code_of",),
            "cases": ("histories", "rosters"),
            "small_worlds": ("accounts", "assessments", "facts", "plans", "requests"),
            "scalars": ("HOSTILE_IDS", "dates", "durations", "ids", "instants", "zones"),
            "value_classes": ("values",),
        },
    )

__all__ = [
    "HOSTILE_IDS",
    "accounts",
    "assessments",
    "code_of",
    "dates",
    "durations",
    "facts",
    "histories",
    "ids",
    "instants",
    "plans",
    "requests",
    "rosters",
    "values",
    "zones",
]
