"""The sentences of a verdict, in English and Chinese, for people who do not know statistics."""

from __future__ import annotations

from collections.abc import Mapping

from adwright.schema import Language

SENTENCES: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "invalid": "Do not use this test: its data cannot be trusted.",
        "split": "The traffic was not split as planned: expected {expected}, got {seen} (p {p}). Something drops or "
        "doubles visitors of one arm. Find the cause, then start again.",
        "finding": "Data: {finding}.",
        "ship": "Ship {arm}: its {metric} is {change} against the control ({low} to {high}, {valid}).",
        "stop": "Keep the control: the planned size is reached and no arm is shown to be better in {metric}.",
        "stop_all_out": "Stop and keep the control: every other arm is worse in {metric} or breaks a guardrail.",
        "go_on": "Go on: the smallest arm has {reached} of {planned} units ({share}), and nothing is decided on "
        "{metric} yet. Looking now costs nothing; the limits allow for it.",
        "go_on_fixed": "Go on: the smallest arm has {reached} of {planned} units ({share}). This test may be read "
        "once, at its planned size.",
        "go_on_open": "Go on: {reached} units in the smallest arm, and nothing is decided on {metric} yet. There is "
        "no planned end; plan one to decide sooner.",
        "better": "{arm} is better than the control too: {change} in {metric} ({low} to {high}, {valid}).",
        "worse": "{arm} is worse than the control: {change} in {metric} ({low} to {high}, {valid}).",
        "unclear": "{arm}: {change} in {metric}; any effect from {low} to {high} fits the data ({valid}).",
        "no_answer": "{arm}: no answer on {metric} yet, since the numbers do not vary or are too few.",
        "no_answer_few": "{arm}: no answer on {metric} yet: fewer than ten conversions.",
        "harmed": "Guardrail {metric}: {arm} does harm, {change} ({low} to {high}, {valid}). Not to be shipped.",
        "not_safe": "Guardrail {metric}: {arm} is not shown to lose less than {margin} ({change}, {low} to {high}). "
        "It needs more data before it ships.",
        "dimension": "In {part} the traffic was not split as planned (p {p}); look there before you trust the rest.",
        "bayes": "{arm}: the data alone say {alone}; with what was predicted before, {mean} (the prediction weighs "
        "{share}; chance of being better {chance}). This is a reading, not what decides.",
        "valid_once": "{level} range, read once",
        "valid_always": "range that holds at every look",
    },
    "zh": {
        "invalid": "本次测试不可用：数据不可信。",
        "split": "流量没有按计划分配：计划 {expected}，实际 {seen}（p {p}）。某一组的访客被漏记或重复计数，"
        "请先找到原因，再重新开始。",
        "finding": "数据问题：{finding}。",
        "ship": "上线 {arm}：{metric}比对照组 {change}（{low} 至 {high}，{valid}）。",
        "stop": "保留对照组：已达到计划样本量，没有任何一组的{metric}被证明更好。",
        "stop_all_out": "停止并保留对照组：其他各组的{metric}更差，或突破了护栏指标。",
        "go_on": "继续测试：最少的一组已有 {reached} 个样本，计划 {planned} 个（{share}），{metric}尚无定论。"
        "现在查看不会影响结论，界限已为此留出余地。",
        "go_on_fixed": "继续测试：最少的一组已有 {reached} 个样本，计划 {planned} 个（{share}）。"
        "本测试只能在达到计划样本量时看一次。",
        "go_on_open": "继续测试：最少的一组有 {reached} 个样本，{metric}尚无定论。测试没有计划终点；"
        "先定下样本量可以更快得出结论。",
        "better": "{arm} 也优于对照组：{metric} {change}（{low} 至 {high}，{valid}）。",
        "worse": "{arm} 比对照组差：{metric} {change}（{low} 至 {high}，{valid}）。",
        "unclear": "{arm}：{metric} {change}；{low} 至 {high} 之间的任何效果都与数据相符（{valid}）。",
        "no_answer": "{arm}：{metric}暂无答案，数据没有变化或太少。",
        "no_answer_few": "{arm}：{metric}暂无答案，转化不足十次。",
        "harmed": "护栏指标{metric}：{arm} 造成损失，{change}（{low} 至 {high}，{valid}），不可上线。",
        "not_safe": "护栏指标{metric}：尚未证明 {arm} 的损失小于 {margin}（{change}，{low} 至 {high}），"
        "需要更多数据才能上线。",
        "dimension": "在 {part} 中流量没有按计划分配（p {p}）；请先查清，再采信其余结果。",
        "bayes": "{arm}：仅看数据为 {alone}；结合测试前的预测为 {mean}（预测占比 {share}，更优的概率 {chance}）。"
        "此为解读，不用于决策。",
        "valid_once": "{level} 区间，只看一次",
        "valid_always": "任何时候查看都成立的区间",
    },
}
