"""Whom a content is for, as a prompt may know it: coarse values in words, never a record of a person."""

from __future__ import annotations

from adwright.schema import Brief, Language, Profile
from adwright.text.currencies import format_money

Words = dict[Language, str]

_RECENCY: tuple[tuple[float, Words], ...] = (
    (7, {"en": "seen within a week", "zh": "一周内来过"}),
    (30, {"en": "seen within a month", "zh": "一个月内来过"}),
    (90, {"en": "seen within three months", "zh": "三个月内来过"}),
    (float("inf"), {"en": "not seen for more than three months", "zh": "三个月以上没有来过"}),
)
_ORDERS: tuple[tuple[float, Words], ...] = (
    (0, {"en": "have mostly not ordered yet", "zh": "多数还没有下过单"}),
    (1, {"en": "have ordered about once", "zh": "下过一单左右"}),
    (4, {"en": "have ordered a few times", "zh": "下过几单"}),
    (float("inf"), {"en": "order often", "zh": "经常下单"}),
)
_LEVELS: dict[str, Words] = {
    "low": {"en": "choose from the lower third by price", "zh": "常选同类中价格较低的"},
    "middle": {"en": "choose from the middle by price", "zh": "常选同类中价格居中的"},
    "high": {"en": "choose from the upper third by price", "zh": "常选同类中价格较高的"},
}
_REACHED: Words = {"en": "mostly reached by {}", "zh": "主要通过 {} 触达"}
_UNKNOWN: Words = {"en": "", "zh": ""}
_LANGUAGES: dict[str, Words] = {
    "zh": {"en": "read Chinese", "zh": "使用中文"},
    "en": {"en": "read English", "zh": "使用英文"},
}


def profile_lines(brief: Brief) -> list[str]:
    """What is known of the readers' behaviour, one fact a line, in the brief's language.

    One customer's profile goes before the cohort's. Money is rounded to two digits, so that no line points
    at a person.

    >>> from adwright.schema import Profile
    >>> reader = Profile(categories=("Mugs",), recency_days=3.0)
    >>> profile_lines(Brief(kind="push", products=(), channel="push", language="en", reader=reader))
    ['look at and buy: Mugs', 'seen within a week']
    """
    profile = brief.reader or (brief.cohort.profile if brief.cohort else None)
    if profile is None:
        return []
    language = brief.language
    lines = [
        _categories(profile, language),
        _step(profile.recency_days, _RECENCY)[language],
        _step(profile.n_orders, _ORDERS)[language],
        _LEVELS.get(profile.price_level or "", _UNKNOWN)[language],
        _spend(profile, language),
        _REACHED[language].format(profile.channel) if profile.channel else "",
        _LANGUAGES.get(profile.language or "", _UNKNOWN)[language],
    ]
    return [line for line in lines if line]


def _categories(profile: Profile, language: Language) -> str:
    if not profile.categories:
        return ""
    joined = ("、" if language == "zh" else ", ").join(profile.categories)
    return f"关注和购买：{joined}" if language == "zh" else f"look at and buy: {joined}"


def _spend(profile: Profile, language: Language) -> str:
    if profile.spend_minor is None or profile.currency is None or profile.spend_minor <= 0:
        return ""
    digits = len(str(profile.spend_minor))
    rounded = round(profile.spend_minor, -max(digits - 2, 0))
    amount = format_money(rounded, profile.currency, language)
    return f"每单约 {amount}" if language == "zh" else f"spend about {amount} an order"


def _step(value: float | None, steps: tuple[tuple[float, Words], ...]) -> Words:
    return _UNKNOWN if value is None else next(words for most, words in steps if value <= most)
