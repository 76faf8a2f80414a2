"""Why a content was written as it was, in one line a marketer reads."""

from __future__ import annotations

from adwright.schema import Brief, Language

ANGLE_NAMES: dict[str, dict[Language, str]] = {
    "benefit": {"en": "the benefit", "zh": "好处"},
    "quality": {"en": "quality", "zh": "品质"},
    "price": {"en": "the price", "zh": "价格"},
    "ease": {"en": "ease", "zh": "省心"},
    "gift": {"en": "giving it as a present", "zh": "送礼"},
    "trust": {"en": "trust", "zh": "信任"},
    "style": {"en": "style", "zh": "风格"},
    "practicality": {"en": "everyday use", "zh": "实用"},
    "occasion": {"en": "the occasion", "zh": "场合"},
    "urgency": {"en": "the time that is left", "zh": "时机"},
}
_TONES: dict[str, dict[Language, str]] = {
    "plain": {"en": "plain", "zh": "平实"},
    "warm": {"en": "warm", "zh": "温暖"},
    "lively": {"en": "lively", "zh": "活泼"},
    "elegant": {"en": "elegant", "zh": "雅致"},
    "direct": {"en": "brisk", "zh": "干脆"},
}
_PRICE_LEVELS: dict[str, dict[Language, str]] = {
    "low": {"en": "who watch their budget", "zh": "看重价格"},
    "middle": {"en": "with a middle budget", "zh": "预算适中"},
    "high": {"en": "who spend more for what they like", "zh": "愿意为喜欢的多花一些"},
}


def explain(brief: Brief, *, angle: str | None, tone: str | None) -> str:
    """One line in the brief's language: the angle, the tone and the cohort.

    >>> from adwright.schema import Product
    >>> brief = Brief(kind="ad_copy", products=(Product(id="1", title="Mug"),), channel="email", language="zh")
    >>> explain(brief, angle="gift", tone="warm")
    '主打送礼，语气温暖，写给所有顾客'
    """
    language = brief.language
    led = ANGLE_NAMES.get(angle or "", {}).get(language, angle)
    sounds = _TONES.get(tone or "", {}).get(language, tone)
    readers = _readers(brief)
    if language == "zh":
        parts = [f"主打{led}" if led else "", f"语气{sounds}" if sounds else "", f"写给{readers}"]
        return "，".join(part for part in parts if part)
    lead = f"Leads with {led}" if led else "Leaves the angle open"
    return f"{lead}{f' in a {sounds} tone' if sounds else ''}, for {readers}".replace(
        "in a elegant", "in an elegant"
    )


def _readers(brief: Brief) -> str:
    cohort, language = brief.cohort, brief.language
    if cohort is None:
        return "所有顾客" if language == "zh" else "all customers"
    described = cohort.name[language]
    if described:
        return described.rstrip(".。").replace("\n", " ")
    level = _PRICE_LEVELS.get(cohort.price_level or "", {}).get(language)
    if language == "zh":
        return f"{level or ''}{'的' if level else ''}顾客（{cohort.id}）"
    return f"customers {level} ({cohort.id})" if level else f"the customers of {cohort.id}"
