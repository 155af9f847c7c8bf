"""Case files on the command line, and what documents hold beside the facts, read as one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from entitlements.aftersales import (
    Complaint,
    MaintenanceWindow,
    Outage,
    SentNotice,
    Survey,
)
from entitlements.documents import DocumentContent
from entitlements.engine import Facts
from entitlements.kernel.errors import DocumentError, EntitlementsError
from entitlements.outcomes import CaseFile, ReportRecords, read_case_file


def read_case_files(files: Iterable[str], documents: DocumentContent) -> CaseFile:
    """Return what case files hold, and the records in documents, as one.

    A case file may be larger than a document.

    Raises:
        DocumentError: A file cannot be read, or is no case file.
    """
    read = [_case_file(each, documents.facts) for each in files]
    return _together([CaseFile(records=_records(documents)), *read])


def _records(documents: DocumentContent) -> ReportRecords:
    """Return what documents say of what happened."""
    found = documents.records
    return ReportRecords(
        surveys=[each for each in found if isinstance(each, Survey)],
        outages=[each for each in found if isinstance(each, Outage)],
        maintenance=[each for each in found if isinstance(each, MaintenanceWindow)],
        complaints=[each for each in found if isinstance(each, Complaint)],
        notices=[each for each in found if isinstance(each, SentNotice)],
    )


def _case_file(file: str, facts: Facts) -> CaseFile:
    """Return what a case file holds; it may be larger than a document."""
    try:
        data: Any = json.loads(Path(file).read_bytes())
        return read_case_file(data, facts.policies, facts.catalog.calendars)
    except json.JSONDecodeError as error:
        raise DocumentError([f"{file}:{error.lineno}: the cases are not JSON"]) from None
    except UnicodeDecodeError:
        raise DocumentError([f"{file}: the cases are not UTF-8"]) from None
    except RecursionError:
        raise DocumentError([f"{file}: the cases are nested too deeply"]) from None
    except EntitlementsError as error:
        raise DocumentError([f"{file}: {error}"]) from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a file name").lower()
        raise DocumentError([f"{file}: cannot be read: {why}"]) from None


def _together(files: list[CaseFile]) -> CaseFile:
    """Return several case files as one."""
    records = [each.records for each in files]
    return CaseFile(
        cases=[case for each in files for case in each.cases],
        records=ReportRecords(
            surveys=[survey for each in records for survey in each.surveys],
            services=[service for each in records for service in each.services],
            outages=[outage for each in records for outage in each.outages],
            maintenance=[window for each in records for window in each.maintenance],
            complaints=[complaint for each in records for complaint in each.complaints],
            notices=[notice for each in records for notice in each.notices],
        ),
        unread={id: why for each in files for id, why in each.unread.items()},
    )
