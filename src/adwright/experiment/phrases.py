"""The sentences of an analysis, in English and Chinese, for people who do not know statistics."""

from __future__ import annotations

from collections.abc import Mapping

from adwright.schema import GoalKind, Language
from adwright.text import format_money

LANGUAGES: tuple[Language, ...] = ("zh", "en")

METRICS: Mapping[Language, Mapping[GoalKind, str]] = {
    "en": {
        "click": "click rate",
        "conversion": "conversion rate per exposure",
        "revenue": "revenue per 1,000 exposures",
        "margin": "margin per 1,000 exposures",
    },
    "zh": {
        "click": "点击率",
        "conversion": "每次曝光的转化率",
        "revenue": "每千次曝光的收入",
        "margin": "每千次曝光的毛利",
    },
}

SENTENCES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "invalid": "Do not use this test: its traffic was not split as planned. "
        "Expected {expected}, got {seen} (p {p}).",
        "invalid_why": "Something drops or doubles visitors of one arm, so the arms do not see the same public. "
        "Find the cause, then start again.",
        "go_on": "Go on: the smallest arm has {reached} of {planned} exposures ({share}).",
        "go_on_why": "This test may be read once, at its planned size. Stopping at a good moment would make "
        "chance look like success.",
        "ship": "Ship {arm}: its {metric} is {b} against {a} of the control, {change} ({interval}), p {p}.",
        "stop": "Keep the control: at the planned size no arm is shown to be better in {metric}.",
        "stop_blocked": "Keep the control: what wins in {metric} loses further on.",
        "unclear": "{arm}: {change} in {metric} ({interval}), p {p}; the data fit any effect in that range.",
        "worse": "{arm} is worse than the control: {change} in {metric} ({interval}), p {p}.",
        "also_better": "{arm} is better than the control too: {change} in {metric} ({interval}), p {p}.",
        "blocked": "{arm} wins in {won}, but loses in {metric}: {change} ({interval}), p {p}. Not to be shipped.",
        "no_data": "{arm} has no data.",
        "left_out": "{n} rows from before the start of the test were left out.",
        "dispersion": "The counts of {metric} vary {factor} times as much as independent visitors would; "
        "the intervals are widened accordingly.",
        "exact": "Few events: the p-value for {metric} is from Fisher's exact test.",
        "no_value": "The value cannot be compared: it needs the sum of squares, or at least ten days.",
        "several": " (corrected for {n} comparisons)",
        "interval": "{level} interval {low} to {high}",
        "points": "{x:+.3g} percentage points",
    },
    "zh": {
        "invalid": "本次测试不可用：流量没有按计划分配。计划 {expected}，实际 {seen}（p {p}）。",
        "invalid_why": "某一组的访客被漏记或重复计数，各组面对的人群不同。请先找到原因，再重新开始测试。",
        "go_on": "继续测试：最少的一组已有 {reached} 次曝光，计划 {planned} 次（{share}）。",
        "go_on_why": "本测试只能在达到计划样本量时看一次结果；挑一个“好看”的时刻停止，会把运气当成成功。",
        "ship": "上线 {arm}：{metric}为 {b}，对照组为 {a}，相差 {change}（{interval}），p {p}。",
        "stop": "保留对照组：达到计划样本量后，没有任何一组的{metric}被证明更好。",
        "stop_blocked": "保留对照组：{metric}更高的组，后面的环节反而更差。",
        "unclear": "{arm}：{metric}相差 {change}（{interval}），p {p}；此范围内的任何效果都与数据相符。",
        "worse": "{arm} 比对照组差：{metric}相差 {change}（{interval}），p {p}。",
        "also_better": "{arm} 也优于对照组：{metric}相差 {change}（{interval}），p {p}。",
        "blocked": "{arm} 的{won}更高，但{metric}更低：相差 {change}（{interval}），p {p}。不建议上线。",
        "no_data": "{arm} 没有数据。",
        "left_out": "测试开始之前的 {n} 行数据未计入。",
        "dispersion": "{metric}的波动是独立访客情形的 {factor} 倍，区间已相应加宽。",
        "exact": "事件很少：{metric}的 p 值来自 Fisher 精确检验。",
        "no_value": "无法比较金额：需要平方和，或至少十天的数据。",
        "several": "（已按 {n} 次比较校正）",
        "interval": "{level} 区间 {low} 至 {high}",
        "points": "{x:+.3g} 个百分点",
    },
}


def percent(fraction: float, *, signed: bool = False) -> str:
    """The fraction in per cent, three significant digits; a change with sign and one decimal.

    >>> percent(0.0571), percent(0.000312), percent(0.14, signed=True)
    ('5.71%', '0.0312%', '+14.0%')
    """
    return f"{100 * fraction:+.1f}%" if signed else f"{100 * fraction:.3g}%"


def p_value(p: float) -> str:
    """The p-value with its sign of relation.

    >>> p_value(0.0278), p_value(1e-9)
    ('= 0.028', '< 0.0001')
    """
    return "< 0.0001" if p < 1e-4 else f"= {p:.2g}"


def amount(value_minor: float, currency: str | None, language: Language) -> str:
    """The value of 1,000 exposures.

    >>> amount(12.345, "USD", "en"), amount(12.345, None, "en")
    ('$123.45', '12,345 minor units')
    """
    thousand = round(1000 * value_minor)
    if currency is not None:
        return format_money(thousand, currency, language)
    return f"{thousand:,} minor units" if language == "en" else f"{thousand:,} 最小货币单位"
