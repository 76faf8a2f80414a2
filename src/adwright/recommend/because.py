"""Why this product for this customer: what in their history speaks for it, and the counts that bear it out.

The recommender names products of the history that it used; every number is looked up in the data. Counts of fewer
than `FEWEST` customers stay unsaid, so that no sentence points at a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from adwright.recommend.counts import Counts
from adwright.recommend.evidence import evidence_in_chinese, evidence_in_english
from adwright.recommend.histories import BUY, I64, Histories
from adwright.recommend.rules import Shelf
from adwright.schema import Language

FEWEST = 5
"""The fewest customers that a count is said of."""

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One reason.

    Args:
        kind: again (bought before), together (bought by the same customers), alike (same category or brand),
            popular (sales, views, or what the catalogue says).
        product_ids: The products of the history that it rests on.
        text: The sentence by language.
    """

    kind: str
    product_ids: tuple[str, ...]
    text: Mapping[Language, str]


def explain(
    histories: Histories, items: I64, support: I64, *, counts: Counts, shelf: Shelf, now: datetime
) -> list[list[Because | None]]:
    """A reason for each recommendation; None where there is no item.

    Args:
        histories: Of n customers.
        items: (n, k) what is recommended; -1 where nothing is.
        support: (n, k, m) products of the history that speak for it, the strongest first; -1 where none.
        counts: Sums over customers.
        shelf: Titles, categories, brands.
        now: The present, aware.
    """
    ids = shelf.products["id"].to_list()
    facts = _Facts(histories, counts, shelf, ids, now)
    return [
        [
            facts.reason(row, int(item), support[row, place]) if item >= 0 else None
            for place, item in enumerate(own)
        ]
        for row, own in enumerate(items)
    ]


class _Facts:
    """Looks up what can be said of an item for a customer, the most personal first."""

    def __init__(
        self, histories: Histories, counts: Counts, shelf: Shelf, ids: list[str], now: datetime
    ) -> None:
        self._histories, self._counts, self._shelf, self._ids = histories, counts, shelf, ids
        self._now_s = now.timestamp()
        known = histories.customers
        self._cohorts = (
            known["cohort_id"].to_list() if "cohort_id" in known.columns else [None] * len(histories)
        )
        self._sums = np.asarray(counts.bought.sum(axis=1)).ravel()

    def reason(self, row: int, item: int, support: I64) -> Because:
        """The first that holds: bought before, bought by the same customers, alike, popular."""
        own = slice(self._histories.indptr[row], self._histories.indptr[row + 1])
        bought = (self._histories.items[own] == item) & (self._histories.kinds[own] == BUY)
        if bought.any():
            return self._again(item, self._histories.at_s[own][bought])
        named = [int(i) for i in support if i >= 0 and i != item]
        for other in named:
            both = int(self._counts.pairs.counts[other, item])
            if both >= FEWEST:
                return self._together(item, other, both)
        for other in named:
            shared = self._shared(item, other)
            if shared is not None:
                return self._alike(other, *shared)
        return self._popular(row, item)

    def _again(self, item: int, at_s: Any) -> Because:
        n, times = len(at_s), "once" if len(at_s) == 1 else f"{len(at_s)} times"
        english, chinese = f"Bought by this customer {times} before", f"该顾客曾购买 {n} 次"
        last_s = float(np.max(at_s))
        if np.isfinite(last_s):
            days = max(int((self._now_s - last_s) // _DAY_S), 0)
            english += f", last {days:,} {'day' if days == 1 else 'days'} ago"
            chinese += f"，最近一次在 {days:,} 天前"
        return Because(
            kind="again", product_ids=(self._ids[item],), text={"en": f"{english}.", "zh": f"{chinese}。"}
        )

    def _together(self, item: int, other: int, both: int) -> Because:
        pairs, title = self._counts.pairs, self._title(other)
        of, share = int(pairs.n_customers_of[other]), pairs.n_customers_of[item] / max(pairs.n_customers, 1)
        english = (
            f"This customer has {title}: {both:,} of the {of:,} customers who bought that bought this, too "
            f"({both / of:.1%}; {share:.1%} of all customers did)."
        )
        chinese = (
            f"该顾客有“{title}”：购买它的 {of:,} 位顾客中有 {both:,} 位也购买了本品"
            f"（{both / of:.1%}，全体顾客为 {share:.1%}）。"
        )
        return Because(kind="together", product_ids=(self._ids[other],), text={"en": english, "zh": chinese})

    def _shared(self, item: int, other: int) -> tuple[str, str] | None:
        for name, code in (("product_type", self._shelf.category), ("brand", self._shelf.brand)):
            if code[item] >= 0 and code[item] == code[other]:
                return name, str(self._shelf.products[name][item])
        return None

    def _alike(self, other: int, name: str, value: str) -> Because:
        title = self._title(other)
        what = {"product_type": ("category", "类目"), "brand": ("brand", "品牌")}[name]
        return Because(
            kind="alike",
            product_ids=(self._ids[other],),
            text={
                "en": f"Of the same {what[0]} ({value}) as {title}, which this customer has or looked at.",
                "zh": f"与该顾客买过或看过的“{title}”同属一个{what[1]}（{value}）。",
            },
        )

    def _popular(self, row: int, item: int) -> Because:
        cohort = self._counts.row_of(self._cohorts[row])
        bought, viewed = self._counts.bought, self._counts.viewed
        facts = {
            "n_bought": int(bought[cohort, item]),
            "n_viewed": int(viewed[cohort, item]),
            "all_n_bought": int(bought[0, item]),
            "cohort_bought": int(self._sums[cohort]),
            "everyone_bought": int(self._sums[0]),
            "rating": self._shelf.products["rating"][item],
            "quantity": self._shelf.products["quantity"][item],
        }
        text: dict[Language, str] = {"en": evidence_in_english(facts), "zh": evidence_in_chinese(facts)}
        return Because(kind="popular", product_ids=(), text=text)

    def _title(self, item: int) -> str:
        return str(self._shelf.products["title"][item] or self._ids[item])
