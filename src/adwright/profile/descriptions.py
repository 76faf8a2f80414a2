"""A cohort in a sentence or two, in Chinese and English, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from adwright.schema import Language
from adwright.text.numbers import format_money

FEWEST_BUYERS = 10
"""A median over fewer orders could give one person away; it is left out."""

_LANGUAGE_EN = {"zh": "Chinese-speaking", "en": "English-speaking"}
_LANGUAGE_ZH = {"zh": "中文", "en": "英文"}
_LEVEL_EN = {"low": "lower", "middle": "middle", "high": "upper"}
_LEVEL_ZH = {"low": "偏低", "middle": "中等", "high": "偏高"}


def describe(
    frame: pl.DataFrame,
    path: Sequence[tuple[str, str | None]],
    *,
    categories: Sequence[str],
    share: float,
) -> Mapping[Language, str]:
    """The description of a cohort by language.

    Args:
        frame: The features of its members.
        path: What they share, see `cohorts.Path`.
        categories: Their commonest top categories.
        share: The cohort's part of all customers, in [0, 1].
    """
    if frame.is_empty():
        return {
            "en": "Everyone: nothing is known of single customers yet.",
            "zh": "所有顾客：尚无单个顾客的行为数据。",
        }
    shared = dict(path)
    return {
        "en": _english(frame, shared, categories, share),
        "zh": _chinese(frame, shared, categories, share),
    }


def _english(
    frame: pl.DataFrame, shared: Mapping[str, str | None], categories: Sequence[str], share: float
) -> str:
    language = shared.get("language")
    who = _LANGUAGE_EN.get(language, f"{language}-speaking") if language else ""
    parts = [f"{who} customers".strip().capitalize() if who else "Customers"]
    if "language" in shared and language is None:
        parts.append("of other or unknown languages")
    if shared.get("top_category"):
        parts.append(f"who look mostly at {shared['top_category']}")
    elif shared.get("top_area"):
        parts.append(f"who look mostly at {shared['top_area']}" + _list_en(categories))
    elif "top_area" in shared or "top_category" in shared:
        parts.append("with other or no clear interests" + _list_en(categories))
    elif categories:
        parts.append("whose interests are mostly " + ", ".join(categories))
    if shared.get("price_level"):
        parts.append(f"in the {_LEVEL_EN[str(shared['price_level'])]} price range")
    facts = [f"{frame.height:,} people, {share:.0%} of all"]
    facts += _orders(frame, "en")
    hour = most_common(frame["hour"])
    if hour is not None:
        facts.append(f"most active around {hour:>02}:00 UTC")
    channel = most_common(frame["channel"])
    if channel is not None:
        facts.append(f"mostly reached by {channel}")
    return " ".join(parts) + ": " + "; ".join(facts) + "."


def _chinese(
    frame: pl.DataFrame, shared: Mapping[str, str | None], categories: Sequence[str], share: float
) -> str:
    language = shared.get("language")
    who = f"使用{_LANGUAGE_ZH.get(language, language)}的顾客" if language else "顾客"
    if "language" in shared and language is None:
        who = "使用其他或未知语言的顾客"
    parts = [who]
    if shared.get("top_category"):
        parts.append(f"主要关注{shared['top_category']}")
    elif shared.get("top_area"):
        parts.append(
            f"主要关注{shared['top_area']}" + (f"（如{'、'.join(categories)}）" if categories else "")
        )
    elif "top_area" in shared or "top_category" in shared:
        parts.append("兴趣较分散或尚不明确" + (f"（如{'、'.join(categories)}）" if categories else ""))
    elif categories:
        parts.append("兴趣以" + "、".join(categories) + "为主")
    if shared.get("price_level"):
        parts.append(f"偏好价位{_LEVEL_ZH[str(shared['price_level'])]}")
    facts = [f"共 {frame.height:,} 人，占全部顾客的 {share:.0%}", *_orders(frame, "zh")]
    hour = most_common(frame["hour"])
    if hour is not None:
        facts.append(f"最活跃时段约为 UTC {hour:>02} 点")
    channel = most_common(frame["channel"])
    if channel is not None:
        facts.append(f"主要触达渠道为 {channel}")
    return "，".join(parts) + "：" + "；".join(facts) + "。"


def _orders(frame: pl.DataFrame, language: Language) -> list[str]:
    """How many have ordered, and what is usual to spend."""
    if not (frame["n_events"] > 0).any():
        return []
    buyers = frame.filter(pl.col("n_orders") > 0)
    share = buyers.height / frame.height
    facts = [f"{share:.0%} have ordered" if language == "en" else f"{share:.0%} 的人下过单"]
    typical = typical_order(frame)
    if typical is not None:
        amount = format_money(*typical, language)
        facts.append(f"a typical order is {amount}" if language == "en" else f"常见客单价 {amount}")
    return facts


def typical_order(frame: pl.DataFrame) -> tuple[int, str] | None:
    """What an order comes to, the median over buyers in minor units, and the currency; None where too few tell."""
    priced = frame.filter(pl.col("n_orders") > 0).drop_nulls("value_minor")
    if priced.height < FEWEST_BUYERS or priced["currency"].n_unique() != 1:
        return None
    spent = priced.select((pl.col("value_minor") / pl.col("n_orders")).median()).item()
    return round(spent), str(priced["currency"][0])


def most_common(column: pl.Series) -> str | None:
    """The commonest value, the first in order where two are equally common; None where there is none."""
    present = column.drop_nulls()
    if present.is_empty():
        return None
    ranked = present.value_counts().sort(["count", column.name], descending=[True, False])
    return str(ranked[column.name][0])


def _list_en(categories: Sequence[str]) -> str:
    return f" (such as {', '.join(categories)})" if categories else ""
