"""An experiment as JSON writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adwright.config import build
from adwright.errors import DataError
from adwright.schema import Experiment

_DEFAULTS: Mapping[str, Any] = {
    "metric": "click",
    "starts_at": "1970-01-01T00:00:00Z",
    "minimum_effect": 0.0,
    "n_per_arm": 0,
}


def experiment_from_mapping(mapping: Mapping[str, Any]) -> Experiment:
    """The experiment described by a JSON object with the fields of `Experiment`.

    `metric` is "click" where it is absent, `starts_at` long ago, `minimum_effect` 0,
    `n_per_arm` 0: the largest size is not known.

    Raises:
        DataError: a time that is not ISO 8601 with a zone.
        ConfigError: an unknown or absent key, or a wrong type; names the key.
        UsageError: fewer than two arms, shares that do not sum to 1, not exactly one control.

    >>> arms = [{"content_id": "a", "share": 0.5, "is_control": True}, {"content_id": "b", "share": 0.5}]
    >>> experiment_from_mapping({"id": "t", "arms": arms, "n_per_arm": 1000}).arms[1].share
    0.5
    """
    values = {**_DEFAULTS, **mapping}
    return build(Experiment, {**values, "starts_at": _time(values["starts_at"])}, where="experiment")


def _time(value: object) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise DataError("not a time", argument="starts_at", value=value, allowed="ISO 8601") from error
    if at.tzinfo is None:
        raise DataError(
            "a time without a zone", argument="starts_at", value=value, allowed="for example ...Z"
        )
    return at.astimezone(UTC)
