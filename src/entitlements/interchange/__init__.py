"""Formats of other systems: holidays, life cycles, OpenSLO, invoices; statements; schemas.

What needs an extra imports it only when it is used.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.interchange.answers.openapi import openapi
    from entitlements.interchange.answers.schemas import schema_of
    from entitlements.interchange.holidays import public_holidays
    from entitlements.interchange.life_cycles import (
        ImportedLifeCycles,
        read_distro_info,
        read_endoflife,
    )
    from entitlements.interchange.losses import Loss
    from entitlements.interchange.openslo import (
        ImportedObjectives,
        read_openslo,
        write_openslo,
    )
    from entitlements.interchange.openslo_files import read_openslo_files
    from entitlements.interchange.sheet_pages import sheet_to_html
    from entitlements.interchange.sheets import (
        sheet_to_csv,
        sheet_to_invoice_ninja,
        sheet_to_kill_bill,
        sheet_to_lago,
    )
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "answers.openapi": ("openapi",),
            "answers.schemas": ("schema_of",),
            "holidays": ("public_holidays",),
            "life_cycles": ("ImportedLifeCycles", "read_distro_info", "read_endoflife"),
            "losses": ("Loss",),
            "openslo": ("ImportedObjectives", "read_openslo", "write_openslo"),
            "openslo_files": ("read_openslo_files",),
            "sheet_pages": ("sheet_to_html",),
            "sheets": (
                "sheet_to_csv",
                "sheet_to_invoice_ninja",
                "sheet_to_kill_bill",
                "sheet_to_lago",
            ),
        },
    )

__all__ = [
    "ImportedLifeCycles",
    "ImportedObjectives",
    "Loss",
    "openapi",
    "public_holidays",
    "read_distro_info",
    "read_endoflife",
    "read_openslo",
    "read_openslo_files",
    "schema_of",
    "sheet_to_csv",
    "sheet_to_html",
    "sheet_to_invoice_ninja",
    "sheet_to_kill_bill",
    "sheet_to_lago",
    "write_openslo",
]
