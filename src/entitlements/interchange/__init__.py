"""How do the facts of other systems become ours? One module for each format.

Each needs its own extra and imports it only when it is asked: start at `holidays`.
"""

from entitlements.interchange.holidays import public_holidays

__all__ = ["public_holidays"]
