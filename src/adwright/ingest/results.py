"""The results of a content: exposures, clicks, conversions and value, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwright.ingest.fields import FieldReader
from adwright.ingest.report import RowError

RESULT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "n_exposures": ("exposures", "impressions", "trials", "delivered"),
    "n_clicks": ("clicks",),
    "n_conversions": ("conversions", "orders"),
    "value": ("revenue", "conversion_value"),
    "value_minor": (),
    "currency": (),
}
"""Our columns and the other names they are known by. `value` is in major units, `value_minor` in minor."""


def read_counts(known: Mapping[str, Any], fields: FieldReader) -> tuple[int, int | None, int | None]:
    """Exposures, clicks and conversions; there cannot be more of the latter than of the first."""
    exposures = fields.integer(known.get("n_exposures"), "n_exposures")
    if exposures is None:
        raise RowError("missing_value", "n_exposures", "n_exposures is missing")
    clicks = fields.integer(known.get("n_clicks"), "n_clicks")
    conversions = fields.integer(known.get("n_conversions"), "n_conversions")
    if clicks is not None and clicks > exposures:
        raise RowError(
            "clicks_exceed_exposures", "n_clicks", f"{clicks} clicks on {exposures} exposures cannot be"
        )
    if conversions is not None and conversions > exposures:
        raise RowError(
            "conversions_exceed_exposures",
            "n_conversions",
            f"{conversions} conversions on {exposures} exposures cannot be",
        )
    return exposures, clicks, conversions


def read_amount(known: Mapping[str, Any], name: str, fields: FieldReader, currency: str | None) -> int | None:
    """The amount called `name`, from its column in minor units or, failing that, in major units."""
    minor = fields.integer(known.get(f"{name}_minor"), f"{name}_minor", minimum=0)
    if minor is None:
        return fields.money(known.get(name), name, currency)
    if currency is None and minor != 0:
        raise RowError("missing_currency", f"{name}_minor", f"{name}_minor has no currency")
    return minor
