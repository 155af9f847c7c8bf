"""Loading: facts of a document into a store, and the stored facts out of it.

Start with `apply`, which writes what `plan_load` says; `stored_facts` is the way back.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.loading.load import apply, plan_load
    from entitlements.loading.plan import LoadAction, LoadPlan, LoadStep
    from entitlements.loading.stored import stored_facts, stored_records
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "load": ("apply", "plan_load"),
            "plan": ("LoadAction", "LoadPlan", "LoadStep"),
            "stored": ("stored_facts", "stored_records"),
        },
    )

__all__ = [
    "LoadAction",
    "LoadPlan",
    "LoadStep",
    "apply",
    "plan_load",
    "stored_facts",
    "stored_records",
]
