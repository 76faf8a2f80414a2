"""Why a product is recommended, in a sentence with the numbers that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def evidence_in_english(row: Mapping[str, Any]) -> str:
    """The sentence in English.

    Args:
        row: n_bought and n_viewed of the cohort, all_n_bought of everyone, cohort_bought and
            everyone_bought over all products, rating, quantity.

    >>> row = {"n_bought": 12, "cohort_bought": 100, "all_n_bought": 30, "everyone_bought": 600}
    >>> evidence_in_english(row)
    "Bought 12 times by this cohort (12.0% of its purchases; 5.0% of everyone's)."
    """
    if row["n_bought"] and row["cohort_bought"] == row["everyone_bought"]:
        share = row["n_bought"] / row["everyone_bought"]
        return f"Bought {_times(row['n_bought'])} ({share:.1%} of all purchases)."
    if row["n_bought"]:
        return (
            f"Bought {_times(row['n_bought'])} by this cohort "
            f"({row['n_bought'] / row['cohort_bought']:.1%} of its purchases; "
            f"{row['all_n_bought'] / row['everyone_bought']:.1%} of everyone's)."
        )
    if row["all_n_bought"]:
        share = row["all_n_bought"] / row["everyone_bought"]
        return (
            f"Not yet bought by this cohort; bought {_times(row['all_n_bought'])} by all customers "
            f"({share:.1%} of purchases)."
        )
    if row["n_viewed"]:
        return f"Not yet bought; viewed {_times(row['n_viewed'])} by this cohort{_stock_en(row)}."
    return f"No sales yet{_stock_en(row)}."


def evidence_in_chinese(row: Mapping[str, Any]) -> str:
    """The same sentence in Chinese."""
    if row["n_bought"] and row["cohort_bought"] == row["everyone_bought"]:
        share = row["n_bought"] / row["everyone_bought"]
        return f"已售出 {row['n_bought']:,} 次（占全部购买的 {share:.1%}）。"
    if row["n_bought"]:
        return (
            f"该人群购买 {row['n_bought']:,} 次（占其购买的 {row['n_bought'] / row['cohort_bought']:.1%}，"
            f"全体顾客为 {row['all_n_bought'] / row['everyone_bought']:.1%}）。"
        )
    if row["all_n_bought"]:
        share = row["all_n_bought"] / row["everyone_bought"]
        return f"该人群尚未购买；全体顾客购买 {row['all_n_bought']:,} 次（占购买的 {share:.1%}）。"
    if row["n_viewed"]:
        return f"尚无购买；该人群浏览 {row['n_viewed']:,} 次{_stock_zh(row)}。"
    return f"尚无销量{_stock_zh(row)}。"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _stock_en(row: Mapping[str, Any]) -> str:
    parts = []
    if row["rating"] is not None:
        parts.append(f"rated {row['rating']:.1f} of 5")
    if row["quantity"] is not None:
        parts.append(f"{row['quantity']:,} in stock")
    return "; " + ", ".join(parts) if parts else ""


def _stock_zh(row: Mapping[str, Any]) -> str:
    parts = []
    if row["rating"] is not None:
        parts.append(f"评分 {row['rating']:.1f}（满分 5）")
    if row["quantity"] is not None:
        parts.append(f"库存 {row['quantity']:,} 件")
    return "；" + "，".join(parts) if parts else ""
