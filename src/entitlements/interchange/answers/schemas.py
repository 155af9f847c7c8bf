"""JSON Schemas of requests, answers, explanations, measurements, sheets and messages, by name.

The package has the text of each as a file beside this module, for programs that read no Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from entitlements.billing.sheet import SHEET_DATA
from entitlements.engine.assessment_data import ANSWER_DATA
from entitlements.engine.explanation.explanation import EXPLANATION_DATA
from entitlements.kernel.data.schema import JsonSchema
from entitlements.kernel.data.versioned import VersionedData
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.requests import REQUEST_DATA
from entitlements.service.messages.message_data import MESSAGE_DATA
from entitlements.sla.readings.data import MEASUREMENT_DATA

_DATA: Final[Mapping[str, VersionedData[Any]]] = {
    each.name: each
    for each in (REQUEST_DATA, ANSWER_DATA, EXPLANATION_DATA, MEASUREMENT_DATA, SHEET_DATA)
}
MESSAGES: Final = "messages"
SCHEMA_NAMES: Final = (*_DATA, MESSAGES)
"""The names of the schemas."""


def schema_of(name: str) -> JsonSchema:
    """Return the JSON Schema of a name; that of `messages` has a part for each topic.

    >>> schema_of("request")["$id"]
    'urn:entitlements:schema:request:1'

    Raises:
        UnknownIdError: There is no such schema.
    """
    if name == MESSAGES:
        return {topic: each.body_schema() for topic, each in sorted(MESSAGE_DATA.items())}
    if name not in _DATA:
        raise UnknownIdError("schema", name, known=SCHEMA_NAMES)
    return _DATA[name].schema()


def schema_text(name: str) -> str:
    """Return the schema of a name as the text of its file in the package."""
    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
