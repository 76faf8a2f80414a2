"""The contents that wait for a person, with what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwright.report.figures import ContentFigures, Estimate, Words
from adwright.schema import Product
from adwright.store.contents import ContentStore


def waiting_contents(
    contents: ContentStore,
    *,
    products: Mapping[str, Product] | None = None,
    cohorts: Mapping[str, Words] | None = None,
) -> tuple[ContentFigures, ...]:
    """The drafts in the order in which they were written, with findings and prediction.

    The stored effect holds `value`, `click` and `conversion` as [mean, 5 % quantile, 95 % quantile] per
    exposure, `goal`, `in_domain` and `gate_reason`; what is absent stays unknown.

    Args:
        contents: The store.
        products: Product id -> product, for the previews.
        cohorts: Cohort id -> its description.
    """
    drafts = contents.by_status("draft")
    effects = contents.effects([content.id for content in drafts])
    known = products or {}
    items = []
    for content in drafts:
        effect = effects.get(content.id, {})
        items.append(
            ContentFigures(
                content=content,
                product=next((known[p] for p in content.product_ids if p in known), None),
                findings=contents.findings(content.id),
                value=_estimate(effect, "value"),
                click=_estimate(effect, "click"),
                conversion=_estimate(effect, "conversion"),
                in_domain=effect.get("in_domain"),
                goal=effect.get("goal"),
                gate=effect.get("gate_reason") or "",
                cohort=(cohorts or {}).get(content.cohort_id, ""),
            )
        )
    return tuple(items)


def _estimate(effect: Mapping[str, Any], name: str) -> Estimate | None:
    found = effect.get(name)
    if not found or found[0] is None:
        return None
    mean, low, high = found
    return Estimate(mean=mean, low=low, high=high)
