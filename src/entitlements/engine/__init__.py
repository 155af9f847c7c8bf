"""Assessment of one request at one instant: access, deadlines, agent and charge.

Start with `Facts`, which are checked as a whole, and `Engine`, which compiles them. `statement` is
what a customer owes for a period.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.engine.assessment import Assessment
    from entitlements.engine.engine import Engine, assess
    from entitlements.engine.explanation.catalogue import Catalogue
    from entitlements.engine.explanation.explanation import Explanation
    from entitlements.engine.explanation.languages.shipped import catalogue_of
    from entitlements.engine.facts import Facts
    from entitlements.engine.request_price import RequestPrice
    from entitlements.engine.statements.earned_credits import (
        Promises,
        PromiseVerdict,
    )
    from entitlements.engine.statements.statement import Statement, statement
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "assessment": ("Assessment",),
            "engine": ("Engine", "assess"),
            "explanation.catalogue": ("Catalogue",),
            "explanation.explanation": ("Explanation",),
            "explanation.languages.shipped": ("catalogue_of",),
            "facts": ("Facts",),
            "request_price": ("RequestPrice",),
            "statements.earned_credits": (
                "PromiseVerdict",
                "Promises",
            ),
            "statements.statement": ("Statement", "statement"),
        },
    )

__all__ = [
    "Assessment",
    "Catalogue",
    "Engine",
    "Explanation",
    "Facts",
    "PromiseVerdict",
    "Promises",
    "RequestPrice",
    "Statement",
    "assess",
    "catalogue_of",
    "statement",
]
