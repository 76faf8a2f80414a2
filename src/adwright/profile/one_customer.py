"""The profile of one customer, for a text of their own: only with consent, and only in coarse values."""

from __future__ import annotations

import polars as pl

from adwright.errors import NotFoundError, UsageError
from adwright.schema import Customer, PriceLevel, Profile

PURPOSE = "personalisation"
"""The purpose that consent has to name: `personalisation:email` for texts by e-mail."""

_LEVELS: dict[str, PriceLevel] = {"low": "low", "middle": "middle", "high": "high"}


def customer_profile(features: pl.DataFrame, customer: Customer, *, channel: str) -> Profile:
    """How one customer shops, as a prompt may know it.

    The result names nobody and holds no event, no product and no date; what of it reaches a prompt is rounded
    once more (`generate.readers`).

    Args:
        features: As `customer_features` gives them.
        customer: Whose profile, with consent as `purpose:channel`.
        channel: Where the text will be shown.

    Raises:
        UsageError: the customer has not consented to personalisation on this channel.
        NotFoundError: nothing is known of the customer.

    """
    needed = f"{PURPOSE}:{channel}"
    if needed not in customer.consent:
        raise UsageError(
            "no consent to personalisation on this channel",
            argument="consent",
            value=" ".join(sorted(customer.consent)) or "none",
            allowed=needed,
            hint="Ask the customer first, or write for the cohort",
        )
    rows = features.filter(pl.col("customer_id") == customer.id).to_dicts()
    if not rows:
        raise NotFoundError(
            "nothing is known of this customer", hint="Write for the cohort, or read their events first"
        )
    row = rows[0]
    category, language = row["top_category"], row["language"]
    spend = row["value_minor"] / row["n_orders"] if row["n_orders"] and row["value_minor"] else None
    return Profile(
        categories=(category,) if category else (),
        price_level=_LEVELS.get(row["price_level"] or ""),
        recency_days=row["recency_days"],
        n_orders=float(row["n_orders"]),
        spend_minor=None if spend is None else round(spend),
        currency=row["currency"],
        channel=row["channel"],
        language=language if language in ("zh", "en") else None,
    )
