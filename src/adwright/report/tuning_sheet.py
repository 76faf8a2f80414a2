"""The page of a study: what tuning gained, how the search went, which settings mattered, where good values lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwright.report.sheet import Sheet, SheetSection, SheetTable
from adwright.report.tuning_plots import as_text, plot_history, plot_importance, plot_parallel, plot_slices
from adwright.schema import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Tuning the effect model",
        "subtitle": "{n} settings tried, {pruned} of them given up early; {seconds:.0f} s of fits; rate: {target}",
        "taken": "A better setting was found on the tune block and is in use.",
        "kept": "The recipe's own setting stands.",
        "kept_why": "No other setting was told from it on the tune block: the best gained {gain}, and {needed} were "
        "needed ({se_needed:g} standard errors).",
        "tune": "On the tune block it loses {gain} less per trial than the recipe's own (standard error {se}).",
        "test": "On the test block, read once and after the choice, the gain in loss per trial is {gain} "
        "[{low}, {high}] with 95 % confidence, over {n:,} rows.",
        "unsure": "There it cannot be told from the recipe's own setting.",
        "worse": "There it does worse than the recipe's own setting: do not keep it without a reason.",
        "none": "There was no time for a single setting.",
        "failed": "Settings that could not be fitted: {n}; the last for: {why}",
        "time": "The search ended because its time was up.",
        "method": "Loss: half the deviance per trial, of outcomes that the model did not learn from, with the "
        "level of each test free. Settings are compared on the same rows.",
        "verdict": "On the test block",
        "measure": "Measure",
        "default": "Recipe's own",
        "tuned": "In use now",
        "gain": "Gain",
        "interval": "95 % interval",
        "loss": "Loss per trial, levels free",
        "log_loss": "Log-loss per trial",
        "auc": "AUC",
        "values": "The setting found",
        "setting": "Setting",
        "value": "Value",
        "history": "How the search went",
        "history_alt": "Gain of each of {n} settings over the recipe's own, in the order tried, and the best so far",
        "trial": "Setting tried",
        "gain_axis": "Loss saved per trial",
        "whole": "judged on every slice",
        "pruned": "given up early",
        "best": "best so far",
        "importance": "Which settings mattered",
        "importance_alt": "Share of the spread of the loss that each setting accounts for",
        "share": "Share of the spread",
        "slices": "Where the good values lie",
        "slice_alt": "Gain over the recipe's own against the value of {key}",
        "parallel": "All settings side by side",
        "parallel_alt": "A line for each of {n} settings: its value on every axis, and on the last what it gained",
    },
    "zh": {
        "title": "效果模型调参",
        "subtitle": "共试 {n} 组设置，其中 {pruned} 组提前放弃；拟合用时 {seconds:.0f} 秒；目标：{target}",
        "taken": "在调参块上找到了更好的设置，已启用。",
        "kept": "沿用原有设置。",
        "kept_why": "在调参块上，没有哪组设置明显胜过原有设置：最好的一组改进 {gain}，"
        "而采用需要 {needed}（{se_needed:g} 个标准误）。",
        "tune": "在调参块上，每次曝光的损失比原有设置少 {gain}（标准误 {se}）。",
        "test": "在测试块上（选定之后只读一次），每次曝光的损失改进 {gain}，"
        "95% 置信区间 [{low}, {high}]，共 {n:,} 行。",
        "unsure": "在测试块上，它与原有设置没有可以确认的差别。",
        "worse": "在测试块上，它不如原有设置：没有理由就不要沿用。",
        "none": "时间不够，一组设置也没有试完。",
        "failed": "无法拟合的设置：{n} 组；最后一组的原因：{why}",
        "time": "时间用完，搜索结束。",
        "method": "损失为每次曝光的半偏差，只在模型没有学过的结果上计算，各测试自身的水平不计入。"
        "各组设置在相同的行上比较。",
        "verdict": "测试块上的结果",
        "measure": "指标",
        "default": "原有设置",
        "tuned": "现用设置",
        "gain": "改进",
        "interval": "95% 区间",
        "loss": "每次曝光的损失（水平不计）",
        "log_loss": "每次曝光的对数损失",
        "auc": "AUC",
        "values": "找到的设置",
        "setting": "设置项",
        "value": "取值",
        "history": "搜索过程",
        "history_alt": "按先后顺序，{n} 组设置各自相对原有设置的改进，以及截至当时的最好成绩",
        "trial": "第几组",
        "gain_axis": "每次曝光少损失",
        "whole": "全部切片都评判过",
        "pruned": "提前放弃",
        "best": "截至当时最好",
        "importance": "哪些设置项起作用",
        "importance_alt": "各设置项能解释的损失差异所占比例",
        "share": "占损失差异的比例",
        "slices": "好的取值在哪里",
        "slice_alt": "{key} 取不同值时相对原有设置的改进",
        "parallel": "所有设置并排对照",
        "parallel_alt": "共 {n} 组设置，每组一条线：在各轴上的取值，最后一轴是相对原有设置的改进",
    },
}


def tuning_sheet(figures: Mapping[str, Any], language: Language) -> Sheet:
    """The page of a study's figures (its `result.json`), in one language."""
    words = _WORDS[language]
    sections = [_verdict_section(figures, words)] if figures["test"] is not None else []
    if figures["values"]:
        rows = tuple((key, as_text(value)) for key, value in figures["values"].items())
        table = SheetTable(caption=words["values"], head=(words["setting"], words["value"]), rows=rows)
        sections.append(SheetSection(title=words["values"], tables=(table,)))
    judged = [trial for trial in figures["trials"] if trial["gain"] is not None]
    if judged:
        sections.append(
            SheetSection(
                title=words["history"], paragraphs=(words["method"],), plots=(plot_history(judged, words),)
            )
        )
    if figures["importance"]:
        plot = plot_importance(figures["importance"], words)
        sections.append(SheetSection(title=words["importance"], plots=(plot,)))
    side_by_side = plot_parallel(judged, figures, words)
    if side_by_side is not None:
        sections.append(SheetSection(title=words["parallel"], plots=(side_by_side,)))
    slices = tuple(plot_slices(judged, figures, words))
    if slices:
        sections.append(SheetSection(title=words["slices"], plots=slices))
    return Sheet(
        title=words["title"],
        subtitle=words["subtitle"].format(
            n=figures["n_trials"],
            pruned=figures["n_pruned"],
            seconds=figures["seconds"],
            target=figures["target"],
        ),
        tone="ship" if figures["taken"] and _holds_up(figures["test"]) else "plain",
        verdict=_sentences(figures, words),
        sections=sections,
    )


def _holds_up(test: Mapping[str, Any] | None) -> bool:
    """Whether the test block, if there is one, does not speak against the setting."""
    return test is None or test["gain"]["loss"]["high"] is None or test["gain"]["loss"]["high"] >= 0


def _sentences(figures: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    tune, test = figures["tune"], figures["test"]
    said = [words["taken" if figures["taken"] else "kept"]]
    if tune["gain"] is None:
        said.append(words["none"])
    elif figures["taken"]:
        said.append(words["tune"].format(gain=_number(tune["gain"]), se=_number(tune["gain_se"])))
    else:
        needed = None if tune["gain_se"] is None else tune["gain_needed_se"] * tune["gain_se"]
        said.append(
            words["kept_why"].format(
                gain=_number(tune["gain"]), needed=_number(needed), se_needed=tune["gain_needed_se"]
            )
        )
    if figures["taken"] and test is not None:
        gain = test["gain"]["loss"]
        said.append(
            words["test"].format(
                gain=_number(gain["value"]), low=_number(gain["low"]), high=_number(gain["high"]), n=test["n"]
            )
        )
        if gain["low"] is not None and gain["low"] <= 0:
            said.append(words["unsure" if _holds_up(test) else "worse"])
    if figures["stopped"] == "time":
        said.append(words["time"])
    if failed := figures.get("failed"):
        said.append(words["failed"].format(n=len(failed), why=failed[-1]))
    return said


def _verdict_section(figures: Mapping[str, Any], words: Mapping[str, str]) -> SheetSection:
    test = figures["test"]
    rows = tuple(
        (
            words[name],
            _number(test["default"][name]),
            _number(test["tuned"][name]),
            _number(test["gain"][name]["value"]),
            f"{_number(test['gain'][name]['low'])} … {_number(test['gain'][name]['high'])}",
        )
        for name in ("loss", "log_loss", "auc")
    )
    head = tuple(words[key] for key in ("measure", "default", "tuned", "gain", "interval"))
    return SheetSection(
        title=words["verdict"], tables=(SheetTable(caption=words["verdict"], head=head, rows=rows),)
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6f}"
