"""Formats of other systems: public holidays and invoices; statements as pages; schemas.

What needs an extra imports it only when it is used.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.interchange.answers.schemas import SCHEMA_NAMES, schema_of
    from entitlements.interchange.holidays import public_holidays
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
            "answers.schemas": ("SCHEMA_NAMES", "schema_of"),
            "holidays": ("public_holidays",),
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
    "SCHEMA_NAMES",
    "public_holidays",
    "schema_of",
    "sheet_to_csv",
    "sheet_to_html",
    "sheet_to_invoice_ninja",
    "sheet_to_kill_bill",
    "sheet_to_lago",
]
