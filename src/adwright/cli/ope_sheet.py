"""The page of `adwright experiment ope`: the answer in words, the estimators beside each other, the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adwright.experiment.offpolicy import Estimated, LoggedRounds, PolicyValue
from adwright.report.figures import Estimate
from adwright.report.plot import BLUE, GREY, ORANGE, Plot, axis_title, error_bars, plain_layout, shown
from adwright.report.sheet import Sheet, SheetSection, SheetTable
from adwright.schema import Language

_MOST_ACTIONS = 20
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "What another policy would have earned",
        "subtitle": "{n:,} logged rounds, {effective:,.0f} effective for this policy",
        "value": "The policy is worth {value} a round ({low} to {high}, {level:.0%} interval).",
        "better": "That is {gap} more than the log's own {logged} ({gap_low} to {gap_high} more).",
        "worse": "That is {gap} less than the log's own {logged} (difference {gap_low} to {gap_high}).",
        "noise": "The log itself earned {logged}; the difference ({gap_low} to {gap_high}) is within noise: "
        "do not switch on this alone.",
        "guaranteed": "Without any assumption on the shape of the errors: {low} to {high}.",
        "few effective rounds": "Few effective rounds: {effective:,.0f} of {n:,}. The policy is far from the log.",
        "one round dominates": "One single round carries {share:.0%} of all weight.",
        "weights off": "The weights average {mean:.3f}, not 1: the logged propensities are not those drawn from, "
        "or the log lacks what the policy does.",
        "unlogged mass": "{mass:.2%} of the policy lies on actions that the log never took ({actions}); the "
        "estimate says nothing of them.",
        "few rewards": "Only {rewards} rounds with a reward count here.",
        "estimates": "All estimators",
        "estimates_why": "For comparison, not to choose from afterwards. A biased estimator has no interval: its "
        "rows do not show its error.",
        "estimator": "Estimator",
        "estimate": "Estimate",
        "interval": "Interval",
        "error": "Standard error",
        "picture": "Value a round by estimator, with intervals",
        "log": "the log itself",
        "weights": "How far the log carries this policy",
        "actions": "Probability of each action",
        "actions_picture": "How often the log took each action, and the policy would",
        "action": "Action",
        "logged": "In the log",
        "judged": "The policy",
        "check": "Check",
        "figure": "Figure",
        "effective": "Effective rounds",
        "largest": "Largest weight",
        "mean": "Mean weight (1 is right)",
        "mass": "Unlogged mass",
        "method": "Interval: {kind}, of {basis}.",
    },
    "zh": {
        "title": "换一种策略会赚多少",
        "subtitle": "{n:,} 条决策日志，对该策略有效的约 {effective:,.0f} 条",
        "value": "该策略每次决策的价值为 {value}（{level:.0%} 区间：{low} 至 {high}）。",
        "better": "比日志本身的 {logged} 高 {gap}（区间：{gap_low} 至 {gap_high}）。",
        "worse": "比日志本身的 {logged} 低 {gap}（差值区间：{gap_low} 至 {gap_high}）。",
        "noise": "日志本身为 {logged}；差值（{gap_low} 至 {gap_high}）在噪声范围内：不要仅凭此切换策略。",
        "guaranteed": "不对误差形状做任何假设时：{low} 至 {high}。",
        "few effective rounds": "有效样本很少：{n:,} 条中约 {effective:,.0f} 条。该策略与日志相差很远。",
        "one round dominates": "单独一条记录占了全部权重的 {share:.0%}。",
        "weights off": "权重平均为 {mean:.3f} 而不是 1：日志中的概率不是真实抽取概率，或日志缺少该策略会做的事。",
        "unlogged mass": "该策略有 {mass:.2%} 的概率落在日志从未采取的动作上（{actions}），估计对此无话可说。",
        "few rewards": "这里只有 {rewards} 条有回报的记录起作用。",
        "estimates": "所有估计方法",
        "estimates_why": "仅供比较，不可事后挑选。有偏估计没有区间：数据行看不出它的误差。",
        "estimator": "估计方法",
        "estimate": "估计值",
        "interval": "区间",
        "error": "标准误",
        "picture": "各估计方法的每次价值及区间",
        "log": "日志本身",
        "weights": "日志对该策略的支持程度",
        "actions": "各动作的概率",
        "actions_picture": "日志与该策略采取各动作的频率",
        "action": "动作",
        "logged": "日志中",
        "judged": "该策略",
        "check": "检查项",
        "figure": "数值",
        "effective": "有效样本量",
        "largest": "最大权重",
        "mean": "平均权重（应为 1）",
        "mass": "未记录的概率",
        "method": "区间方法：{kind}，取自 {basis}。",
    },
}


def ope_sheet(rounds: LoggedRounds | None, value: PolicyValue, language: Language) -> Sheet:
    """The page in one language; without `rounds` the section on actions is left out."""
    words = _WORDS[language]
    sections = [_estimates(value, words), _weights(value, words)]
    if rounds is not None:
        sections.append(_actions(rounds, words))
    within = value.is_within_noise
    return Sheet(
        title=words["title"],
        subtitle=words["subtitle"].format(n=value.diagnostics.n, effective=value.diagnostics.effective_n),
        tone="go-on" if within else "ship" if value.difference > 0 else "stop",
        verdict=_verdict(value, words, language),
        sections=sections,
    )


def number(x: float) -> str:
    """A value with four significant digits.

    >>> number(0.00460241), number(-12.5)
    ('0.004602', '−12.5')
    """
    return f"{x:.4g}".replace("-", "\N{MINUS SIGN}")


def _verdict(value: PolicyValue, words: Mapping[str, str], language: Language) -> list[str]:
    d = value.diagnostics
    interval = value.interval
    gap = {
        "gap": number(abs(value.difference)),
        "logged": number(value.logged_value),
        "gap_low": number(value.difference_low),
        "gap_high": number(value.difference_high),
    }
    key = "noise" if value.is_within_noise else "better" if value.difference > 0 else "worse"
    lines = [
        words["value"].format(value=number(value.value), low=number(interval.low), high=number(interval.high),
                              level=interval.level),
        words[key].format(**gap),
        value.reason[language],
    ]  # fmt: skip
    facts = {
        "effective": d.effective_n,
        "n": d.n,
        "share": d.largest_share,
        "mean": d.mean_weight,
        "mass": d.unlogged_mass,
        "actions": ", ".join(name for name, _ in d.unlogged_actions[:5]),
        "rewards": d.n_rewards,
    }
    return lines + [words[finding].format(**facts) for finding in d.findings]


def _bounds(one: Estimated) -> str:
    return "" if one.interval is None else f"{number(one.interval.low)} … {number(one.interval.high)}"


def _estimates(value: PolicyValue, words: Mapping[str, str]) -> SheetSection:
    rows = tuple((e.name, number(e.value), _bounds(e), number(e.standard_error)) for e in value.estimates)
    guaranteed = value.guaranteed
    return SheetSection(
        title=words["estimates"],
        paragraphs=(
            words["estimates_why"],
            words["method"].format(kind=value.interval.kind, basis=value.interval_from),
            words["guaranteed"].format(low=number(guaranteed.low), high=number(guaranteed.high)),
        ),
        plots=(_estimate_plot(value, words),),
        tables=(
            SheetTable(
                caption=words["estimates"],
                head=(words["estimator"], words["estimate"], words["interval"], words["error"]),
                rows=rows,
            ),
        ),
    )


def _estimate_plot(value: PolicyValue, words: Mapping[str, str]) -> Plot:
    logged = value.logged_interval
    names = [*(e.name for e in value.estimates), words["log"]]
    points = [
        *(
            Estimate(mean=e.value)
            if e.interval is None
            else Estimate(mean=e.value, low=e.interval.low, high=e.interval.high)
            for e in value.estimates
        ),
        Estimate(mean=value.logged_value, low=logged.low, high=logged.high),
    ]
    colours = [ORANGE if n == value.estimator else GREY if n == words["log"] else BLUE for n in names]
    layout = plain_layout(height=90 + 30 * len(names), legend=False)
    layout["xaxis"] |= {"title": axis_title(words["estimate"]), "zeroline": False}
    layout["yaxis"] |= _ticks(names)
    return Plot(
        id="plot-estimates",
        title=words["picture"],
        alt=words["picture"],
        data=[
            {
                "type": "scatter",
                "mode": "markers",
                "x": [p.mean for p in points],
                "y": list(range(len(names))),
                "error_x": error_bars(points, 1.0) | {"color": BLUE},
                "marker": {"size": 10, "color": colours},
                "text": [shown(f"{n}: {number(p.mean)}") for n, p in zip(names, points, strict=True)],
                "hoverinfo": "text",
            }
        ],
        layout=layout,
        head=(words["estimator"], words["estimate"]),
        rows=tuple((n, number(p.mean)) for n, p in zip(names, points, strict=True)),
    )


def _ticks(names: Sequence[str]) -> dict[str, object]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shown(name) + "  " for name in names],
        "range": [len(names) - 0.5, -0.5],
        "zeroline": False,
    }


def _weights(value: PolicyValue, words: Mapping[str, str]) -> SheetSection:
    d = value.diagnostics
    rows = (
        (words["effective"], f"{d.effective_n:,.0f} / {d.n:,}"),
        (words["largest"], f"{number(d.largest_weight)} ({d.largest_share:.2%})"),
        (words["mean"], f"{d.mean_weight:.4f} ± {1.96 * d.mean_weight_se:.4f}"),
        (words["mass"], f"{d.unlogged_mass:.2%}"),
    )
    table = SheetTable(caption=words["weights"], head=(words["check"], words["figure"]), rows=rows)
    return SheetSection(title=words["weights"], tables=(table,))


def _actions(rounds: LoggedRounds, words: Mapping[str, str]) -> SheetSection:
    taken = np.bincount(rounds.action, minlength=len(rounds.actions)) / rounds.n
    wanted = rounds.target.mean(axis=0)
    order = np.argsort(-np.maximum(taken, wanted), kind="stable")[:_MOST_ACTIONS]
    names = [rounds.actions[int(i)] for i in order]

    def bars(name: str, heights: Sequence[float], colour: str) -> dict[str, object]:
        return {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": list(heights),
            "y": list(range(len(names))),
            "marker": {"color": colour},
        }

    layout = plain_layout(height=110 + 34 * len(names), legend=True)
    layout["xaxis"] |= {"tickformat": ".0%", "zeroline": False}
    layout["yaxis"] |= _ticks(names)
    logged, judged = [float(taken[i]) for i in order], [float(wanted[i]) for i in order]
    return SheetSection(
        title=words["actions"],
        plots=(
            Plot(
                id="plot-actions",
                title=words["actions_picture"],
                alt=words["actions_picture"],
                data=[bars(words["logged"], logged, GREY), bars(words["judged"], judged, BLUE)],
                layout=layout,
                head=(words["action"], words["logged"], words["judged"]),
                rows=tuple(
                    (n, f"{a:.2%}", f"{b:.2%}") for n, a, b in zip(names, logged, judged, strict=True)
                ),
            ),
        ),
    )
