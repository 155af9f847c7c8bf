"""So? One request, one instant, one whole answer.

Start reading at `facts`, go on to `assess`, end at `explain`.
"""

from entitlements.engine.engine import Assessment, Engine, assess
from entitlements.engine.facts import Facts

__all__ = ["Assessment", "Engine", "Facts", "assess"]
