"""Laws as functions, one module for each package, and their parts in folders.

`check_repository`, `check_policy`, `check_facts` and `check_strategy` hold what a user has made to
all of them, and `desk_machine` drives a front end beside a desk.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.testing.laws.answers import check_facts
    from entitlements.testing.laws.checks import check_policy, check_repository
    from entitlements.testing.laws.front_end import DeskFrontEnd, desk_machine
    from entitlements.testing.laws.strategies import check_strategy
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "answers": ("check_facts",),
            "checks": ("check_policy", "check_repository"),
            "front_end": ("DeskFrontEnd", "desk_machine"),
            "strategies": ("check_strategy",),
        },
    )

__all__ = [
    "DeskFrontEnd",
    "check_facts",
    "check_policy",
    "check_repository",
    "check_strategy",
    "desk_machine",
]
