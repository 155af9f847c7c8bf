"""So? One request, one instant, one whole answer.

Start reading at `facts`, go on to `assess`, end at `explain`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.engine.engine import Assessment, Engine, assess
    from entitlements.engine.facts import Facts
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "engine": ("Assessment", "Engine", "assess"),
            "facts": ("Facts",),
        },
    )

__all__ = ["Assessment", "Engine", "Facts", "assess"]
