"""Document sections of service records: outages, maintenance, surveys, complaints, sent notices."""

from __future__ import annotations

from typing import Final

from entitlements.aftersales.complaints import Complaint
from entitlements.aftersales.notices import SentNotice
from entitlements.aftersales.outages import MaintenanceWindow, Outage
from entitlements.aftersales.surveys import Survey
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import NewIdShape, Shape

RECORD_SECTIONS: Final[dict[str, Shape]] = {
    "outages": record_shape(Outage, shapes={"id": NewIdShape("outage")}),
    "maintenance": record_shape(MaintenanceWindow, shapes={"id": NewIdShape("maintenance window")}),
    "surveys": record_shape(Survey),
    "complaints": record_shape(Complaint, shapes={"id": NewIdShape("complaint")}),
    "notices": record_shape(SentNotice),
}
"""The shape of an item of each section."""

SECTION_OF: Final = {
    Outage: "outages",
    MaintenanceWindow: "maintenance",
    Survey: "surveys",
    Complaint: "complaints",
    SentNotice: "notices",
}
"""The section of each class of records."""
