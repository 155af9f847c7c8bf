"""Service level objectives in the format OpenSLO: read and written, with what is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, TypeVar, final

import attrs

from entitlements.interchange.losses import Loss
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.data.schema import located, refuse
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.outcomes.services.objectives import ObjectiveWindow, ServiceObjective, WindowUnit

T = TypeVar("T")

_VERSION: Final = "openslo/v1"
_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})([mhdwMQY])")
_UNITS: Final = {
    "m": WindowUnit.MINUTES,
    "h": WindowUnit.HOURS,
    "d": WindowUnit.DAYS,
    "w": WindowUnit.WEEKS,
    "M": WindowUnit.MONTHS,
    "Q": WindowUnit.QUARTERS,
    "Y": WindowUnit.YEARS,
}
_LETTERS: Final = {unit: letter for letter, unit in _UNITS.items()}
_BY_COUNT: Final = "the time that a service is up is measured, and not occurrences"
_NO_PLACE: Final = {
    "indicator": "outages are the indicator",
    "indicatorRef": "outages are the indicator",
    "alertPolicies": "alerts have no place",
}
_READ: Final = {"description", "service", "timeWindow", "budgetingMethod", "objectives"}


def _objectives(values: Iterable[ServiceObjective]) -> tuple[ServiceObjective, ...]:
    return tuple_of(ServiceObjective, values)


def _losses(values: Iterable[Loss]) -> tuple[Loss, ...]:
    return tuple_of(Loss, values)


@final
@attrs.frozen(kw_only=True)
class ImportedObjectives:
    """The objectives of an OpenSLO document.

    Attributes:
        objectives: The objectives.
        lost: What it says and objectives cannot hold.
    """

    objectives: tuple[ServiceObjective, ...] = attrs.field(default=(), converter=_objectives)
    lost: tuple[Loss, ...] = attrs.field(default=(), converter=_losses)


def read_openslo(data: Mapping[str, Any]) -> ImportedObjectives:
    """Return the objectives of one SLO of OpenSLO v1, as YAML or JSON was parsed.

    Each of its objectives is one of ours, named by the SLO, and by its place if there are several.
    A target that is a float means the decimal number that was written.

    >>> slo = {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "up"},
    ...        "spec": {"service": "db", "timeWindow": [{"duration": "28d", "isRolling": True}],
    ...                 "budgetingMethod": "Timeslices", "objectives": [{"target": 0.999}]}}
    >>> read_openslo(slo).objectives[0].percent
    Fraction(999, 10)

    Args:
        data: The object of the document.

    Raises:
        InvalidValueError: It is no SLO of OpenSLO v1, or its window or a target is none; `path`
            names the place.
    """
    if not isinstance(data, Mapping):
        refuse(data, "an object", "")
    for key, wanted in (("apiVersion", _VERSION), ("kind", "SLO")):
        if data.get(key) != wanted:
            raise InvalidValueError(f"`{data.get(key)!r:.60}` is not `{wanted}`", path=key)
    spec = _object(data.get("spec"), "spec")
    metadata = _object(data.get("metadata"), "metadata")
    name, service = (
        _text(each, path)
        for each, path in (
            (metadata.get("name"), "metadata.name"),
            (spec.get("service"), "spec.service"),
        )
    )
    window = _window(spec.get("timeWindow"))
    lost = [Loss(f"spec.{key}", why) for key, why in _NO_PLACE.items() if key in spec]
    lost += [
        Loss(f"spec.{key}", "it has no place") for key in spec if key not in _READ | {*_NO_PLACE}
    ]
    lost += [Loss(f"metadata.{key}", "it has no place") for key in metadata if key != "name"]
    if spec.get("description"):
        lost.append(Loss("spec.description", "it has no place"))
    if spec.get("budgetingMethod") != "Timeslices":
        lost.append(Loss("spec.budgetingMethod", f"`{spec.get('budgetingMethod')}`: {_BY_COUNT}"))
    listed = spec.get("objectives")
    if not isinstance(listed, list) or not listed:
        refuse(listed, "a list of objectives", "spec.objectives")
    found = []
    for index, each in enumerate(listed):
        path = f"spec.objectives[{index}]"
        percent = _percent(_object(each, path), path)
        lost += [Loss(f"{path}.{key}", "it has no place") for key in each if key not in _TARGETS]
        id = name if len(listed) == 1 else f"{name}-{index + 1}"
        found.append(
            _made(path, ServiceObjective, id=id, service=service, percent=percent, window=window)
        )
    return ImportedObjectives(objectives=found, lost=lost)


_TARGETS: Final = ("target", "targetPercent")


def _made(path: str, kind: type[T], **fields: Any) -> T:
    try:
        return kind(**fields)
    except EntitlementsError as error:
        raise located(error, path) from None


def _object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        refuse(value, "an object", path)
    return value


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        refuse(value, "text", path)
    return value


def _percent(objective: Mapping[str, Any], path: str) -> Fraction:
    given = [key for key in _TARGETS if objective.get(key) is not None]
    if len(given) != 1:
        raise InvalidValueError(f"an objective has one of `{'`, `'.join(_TARGETS)}`", path=path)
    value = objective[given[0]]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        refuse(value, "a number", f"{path}.{given[0]}")
    try:
        number = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        refuse(value, "a number", f"{path}.{given[0]}")
    return number * 100 if given[0] == "target" else number


def _window(value: object) -> ObjectiveWindow:
    path = "spec.timeWindow"
    if not isinstance(value, list) or len(value) != 1:
        refuse(value, "a list of one window", path)
    stated = _object(value[0], f"{path}[0]")
    match = _DURATION.fullmatch(str(stated.get("duration")))
    if match is None:
        refuse(stated.get("duration"), "a duration such as `28d`", f"{path}[0].duration")
    count, unit = int(match[1]), _UNITS[match[2]]
    if stated.get("isRolling", "calendar" not in stated):
        return _made(f"{path}[0]", ObjectiveWindow, count=count, unit=unit)
    calendar = _object(stated.get("calendar"), f"{path}[0].calendar")
    start = calendar.get("startTime")
    zone = _text(calendar.get("timeZone"), f"{path}[0].calendar.timeZone")
    try:
        begins = start if isinstance(start, datetime) else datetime.fromisoformat(str(start))
    except ValueError:
        refuse(start, "a wall time", f"{path}[0].calendar.startTime")
    if begins.tzinfo is not None:
        refuse(str(start), f"a wall time of `{zone}`", f"{path}[0].calendar.startTime")
    return _made(
        f"{path}[0].calendar", ObjectiveWindow, count=count, unit=unit, starts=begins, zone=zone
    )


def write_openslo(objective: ServiceObjective) -> dict[str, Any]:
    """Return an objective as an SLO of OpenSLO v1, for JSON or YAML; nothing of it is lost.

    >>> month = ObjectiveWindow(count=1, unit="months", zone="UTC", starts=datetime(2026, 1, 1))
    >>> slo = write_openslo(ServiceObjective(id="up", service="db", percent=99, window=month))
    >>> slo["spec"]["timeWindow"][0]["duration"], slo["spec"]["objectives"]
    ('1M', [{'displayName': 'up', 'targetPercent': 99}])

    Raises:
        InvalidValueError: The percentage is no decimal number with at most twelve places.
    """
    stated = instance_of(ServiceObjective, objective)
    window: dict[str, Any] = {
        "duration": f"{stated.window.count}{_LETTERS[stated.window.unit]}",
        "isRolling": stated.window.starts is None,
    }
    if stated.window.starts is not None:
        window["calendar"] = {
            "startTime": stated.window.starts.isoformat(sep=" "),
            "timeZone": stated.window.zone,
        }
    number = float(stated.percent)
    if Fraction(str(number)) != stated.percent:
        raise InvalidValueError(
            f"`{stated.percent}` percent is no decimal number that OpenSLO can hold", path="percent"
        )
    return {
        "apiVersion": _VERSION,
        "kind": "SLO",
        "metadata": {"name": stated.id},
        "spec": {
            "service": stated.service,
            "timeWindow": [window],
            "budgetingMethod": "Timeslices",
            "objectives": [
                {
                    "displayName": stated.id,
                    "targetPercent": int(number) if number.is_integer() else number,
                }
            ],
        },
    }
