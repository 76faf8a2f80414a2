"""The page of `adwright experiment uplift`: whom to send what, what that earns, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adwright.cli.ope_sheet import number
from adwright.experiment.uplift import Bounded, GainCurve, Trial, UpliftAnalysis
from adwright.report.plot import BLUE, GREY, Plot, axis_title, plain_layout
from adwright.report.sheet import Sheet, SheetSection, SheetTable
from adwright.schema import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Whom to send it to",
        "subtitle": "{n:,} customers in a randomised trial, {arms} arms",
        "send": "Send {arm} to {share:.0%} of the customers",
        "and": "; ",
        "sends": "{sends}.",
        "nobody": "Send nothing: no treatment is predicted to earn what it costs.",
        "earns": "That earns {value} a customer of the whole population ({low} to {high}), against sending nothing.",
        "gain": "That is {gain} more than {simple} ({low} to {high}).",
        "less": "That is {gain} less than {simple} (the difference lies between {low} and {high}).",
        "keep": "Keep to the simple way, {simple}: that targeting earns more is not shown.",
        "nothing": "sending nothing",
        "all": "sending {arm} to everybody",
        "arms": "The arms",
        "arm": "Arm",
        "customers": "Customers",
        "mean": "Mean outcome",
        "effect": "Effect",
        "interval": "Interval",
        "curve": "{arm}: what targeting gains",
        "curve_why": "Customers are sorted by predicted effect, from models that did not see them. Qini is the area "
        "between curve and straight line, in outcomes a customer: {qini} ({low} to {high}); AUUC {auuc}.",
        "curve_alt": "Outcomes gained per customer of the population, by the share that is treated first",
        "share": "Share treated, the highest predictions first",
        "gained": "Gained per customer",
        "targeted": "by prediction",
        "random": "at random",
        "learner": "How it was learned",
    },
    "zh": {
        "title": "应该发给谁",
        "subtitle": "随机试验，{n:,} 位客户，{arms} 个组",
        "send": "向 {share:.0%} 的客户发送 {arm}",
        "and": "；",
        "sends": "{sends}。",
        "nobody": "不发送：预计没有任何处理能赚回成本。",
        "earns": "与不发送相比，按全部客户平均，每位客户多赚 {value}（{low} 至 {high}）。",
        "gain": "比“{simple}”多 {gain}（{low} 至 {high}）。",
        "less": "比“{simple}”少 {gain}（差值在 {low} 与 {high} 之间）。",
        "keep": "先按简单的做法：{simple}。按预测挑选是否多赚，还看不出来。",
        "nothing": "都不发送",
        "all": "全部发送 {arm}",
        "arms": "各组",
        "arm": "组",
        "customers": "客户数",
        "mean": "平均结果",
        "effect": "效果",
        "interval": "区间",
        "curve": "{arm}：定向能多赚多少",
        "curve_why": "客户按预测效果排序，预测来自没有见过这些客户的模型。Qini 是曲线与直线之间的面积，"
        "单位为每位客户的结果：{qini}（{low} 至 {high}）；AUUC 为 {auuc}。",
        "curve_alt": "按预测从高到低依次处理时，每位客户平均多得的结果",
        "share": "处理比例（预测最高者优先）",
        "gained": "每位客户多得",
        "targeted": "按预测",
        "random": "随机",
        "learner": "学习方法",
    },
}


def uplift_sheet(trial: Trial, result: UpliftAnalysis, language: Language) -> Sheet:
    """The page in one language."""
    words = _WORDS[language]
    sections = [_arms(result, words)]
    sections += [_curve(arm, curve, words, key=i) for i, (arm, curve) in enumerate(result.curves.items())]
    sections.append(SheetSection(title=words["learner"], paragraphs=(result.fit.reason[language],)))
    tone = "stop" if not any(result.earning.sent) else "go-on" if result.earning.is_within_noise else "ship"
    return Sheet(
        title=words["title"],
        subtitle=words["subtitle"].format(n=trial.n, arms=trial.n_arms),
        tone=tone,
        verdict=[
            *_verdict(trial.arms, result, words),
            *result.findings[language],
            result.fit.reason[language],
        ],
        sections=sections,
    )


def _verdict(arms: Sequence[str], result: UpliftAnalysis, words: Mapping[str, str]) -> list[str]:
    earning = result.earning
    sent = [(arm, share) for arm, share in zip(arms[1:], earning.sent, strict=True) if share > 0]
    if not sent:
        return [words["nobody"]]
    simple = (
        words["nothing"]
        if earning.simple_sent is None
        else words["all"].format(arm=arms[1 + earning.simple_sent])
    )
    gain = earning.gain
    if gain.value < 0:
        told = {"gain": number(-gain.value), "low": number(gain.low), "high": number(gain.high)}
    else:
        told = _numbers(gain, "gain")
    return [
        *([words["keep"].format(simple=simple)] if earning.is_within_noise else []),
        words["sends"].format(sends=words["and"].join(words["send"].format(arm=a, share=s) for a, s in sent)),
        words["earns"].format(**_numbers(earning.value, "value")),
        words["less" if gain.value < 0 else "gain"].format(simple=simple, **told),
    ]


def _numbers(bounded: Bounded, name: str) -> dict[str, str]:
    return {name: number(bounded.value), "low": number(bounded.low), "high": number(bounded.high)}


def _arms(result: UpliftAnalysis, words: Mapping[str, str]) -> SheetSection:
    rows = []
    for arm, n in result.n_by_arm.items():
        effect = result.curves[arm].effect if arm in result.curves else None
        rows.append(
            (
                arm,
                f"{n:,}",
                number(result.means[arm]),
                "" if effect is None else number(effect.value),
                "" if effect is None else f"{number(effect.low)} … {number(effect.high)}",
            )
        )
    head = (words["arm"], words["customers"], words["mean"], words["effect"], words["interval"])
    return SheetSection(
        title=words["arms"], tables=(SheetTable(caption=words["arms"], head=head, rows=tuple(rows)),)
    )


def _curve(arm: str, curve: GainCurve, words: Mapping[str, str], *, key: int) -> SheetSection:
    shares = list(curve.shares)
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [*shares, *reversed(shares)],
        "y": [*(p.high for p in curve.gain), *(p.low for p in reversed(curve.gain))],
        "fill": "toself",
        "fillcolor": "rgba(59,125,221,0.18)",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": words["targeted"],
        "x": shares,
        "y": [p.value for p in curve.gain],
        "line": {"color": BLUE, "width": 2.5},
    }
    chance = {
        "type": "scatter",
        "mode": "lines",
        "name": words["random"],
        "x": [0, 1],
        "y": [0, curve.effect.value],
        "line": {"color": GREY, "dash": "dash", "width": 1.5},
        "hoverinfo": "skip",
    }
    layout = plain_layout(height=380, legend=True)
    layout["xaxis"] |= {"title": axis_title(words["share"]), "tickformat": ".0%", "zeroline": False}
    layout["yaxis"] |= {"title": axis_title(words["gained"]), "zeroline": True}
    rows = tuple(
        (f"{s:.0%}", number(p.value), f"{number(p.low)} … {number(p.high)}")
        for s, p in zip(curve.shares, curve.gain, strict=True)
    )
    return SheetSection(
        title=words["curve"].format(arm=arm),
        paragraphs=(
            words["curve_why"].format(auuc=number(curve.auuc.value), **_numbers(curve.qini, "qini")),
        ),
        plots=(
            Plot(
                id=f"plot-gain-{key}",
                title=words["curve"].format(arm=arm),
                alt=words["curve_alt"],
                data=[band, line, chance],
                layout=layout,
                head=(words["share"], words["gained"], words["interval"]),
                rows=rows,
            ),
        ),
    )
