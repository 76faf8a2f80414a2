"""What a run did, as the figures that its report shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from adwright import __version__
from adwright.pipeline.experiment_figures import achieved_share, test_figures
from adwright.pipeline.job import RunResult, Truth
from adwright.pipeline.judging import Interval, Judged
from adwright.pipeline.launch import Launch
from adwright.pipeline.model_figures import predictor_figures
from adwright.report.figures import (
    BlockFigures,
    ChoiceFigures,
    CohortFigures,
    ContentFigures,
    DataFigures,
    DecisionFigures,
    Estimate,
    FileFigures,
    MethodFigures,
    ReasonFigures,
    RecommendedFigures,
    RunFigures,
    TrafficFigures,
    Words,
)
from adwright.workspace import Workspace

TrafficOf = Callable[[str], TrafficFigures | None]

_NOT_APPROVED: Words = {
    "en": "No content is approved yet. Approve some with `adwright review`, then run again.",
    "zh": "还没有通过审核的内容。请先用 adwright review 审核，再重新运行。",
}
_NOTHING_TO_WRITE: Words = {
    "en": "No product is in stock, so nothing was recommended and nothing written.",
    "zh": "目录里没有有货的商品，所以没有推荐，也没有生成内容。",
}
_NO_OUTCOMES: Words = {
    "en": "The test is planned; no decision has been logged yet.",
    "zh": "测试已经规划好，但还没有投放记录。",
}


def run_figures(
    result: RunResult,
    workspace: Workspace,
    *,
    rng: np.random.Generator,
    files: Sequence[FileFigures] = (),
    truth: Truth | None = None,
    traffic: TrafficOf | None = None,
) -> RunFigures:
    """The figures of a run.

    Args:
        result: What the run did.
        workspace: Where it ran.
        rng: For the probabilities that are shown.
        files: What ingest said of each file; empty takes what the tables and the quarantine hold.
        truth: The true values; a simulated shop only, shown beside the measured ones.
        traffic: Campaign id -> how its traffic went; a simulated shop only.
    """
    launches = {item.campaign.id: item for item in result.launches}
    tests = tuple(
        test_figures(
            item, result, truth=truth, traffic=None if traffic is None else traffic(item.campaign.id)
        )
        for item in launches.values()
        if item.experiment is not None
    )
    kinds = {j.campaign.goal.kind for j in result.judged}
    goal = next(iter(kinds)) if len(kinds) == 1 else "revenue"
    absent: dict[Any, Words] = {}
    if not result.judged:
        absent["contents"] = _NOTHING_TO_WRITE
    elif not any(item.is_live for item in launches.values()):
        absent["test"] = _NOT_APPROVED
    elif result.outcomes is None:
        absent["test"] = _NO_OUTCOMES
    currencies = {p.currency for p in result.shop.products.values()} - {None}
    return RunFigures(
        shop=result.settings.shop.name,
        at=result.at,
        goal=goal,
        currency=currencies.pop() if len(currencies) == 1 else workspace.shop.currency,
        demo=truth is not None,
        data=_data(result, workspace, files),
        cohorts=_cohorts(result),
        contents=tuple(_content(j, result) for j in result.judged),
        predictor=predictor_figures(result.model),
        decision=_decision(result, list(launches.values()), rng),
        tests=tests,
        absent=absent,
        warnings=_warnings(result),
        achieved_share=achieved_share([t for t in tests if t.achieved_share is not None]),
        methods=_methods(result),
        version=__version__,
    )


def _data(result: RunResult, workspace: Workspace, files: Sequence[FileFigures]) -> DataFigures:
    return DataFigures(
        files=tuple(files) or _stored_files(workspace),
        first_at=result.shop.first_at,
        last_at=result.shop.last_at,
        n_customers=result.shop.cohorts.membership.height,
        n_products=len(result.shop.products),
        n_events=result.shop.n_events,
        blocks=_blocks(result),
    )


def _blocks(result: RunResult) -> tuple[BlockFigures, ...]:
    predictor = result.model.predictor
    if predictor is None:
        return ()

    def time(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    return tuple(
        BlockFigures(
            name=block["name"],
            n_rows=block["n_rows"],
            n_groups=block["n_groups"],
            first_at=time(block["first_at"]),
            last_at=time(block["last_at"]),
        )
        for block in predictor.card["blocks"]
    )


def _stored_files(workspace: Workspace) -> tuple[FileFigures, ...]:
    """One line a table, where the reports of the single files are gone."""
    names = [name for name in ("events", "products", "customers", "contents") if workspace.tables.count(name)]
    lines = [
        FileFigures(
            name=name, table=name, n_read=workspace.tables.count(name), n_added=workspace.tables.count(name)
        )
        for name in names
    ]
    reasons = tuple(
        ReasonFigures(code=c.reason_code, reason=c.reason, count=c.n_rows)
        for c in workspace.quarantine.commonest(10)
    )
    n_bad = workspace.quarantine.count()
    if n_bad:
        lines.append(
            FileFigures(
                name="quarantine",
                table="quarantine",
                n_read=n_bad,
                n_added=0,
                n_quarantined=n_bad,
                reasons=reasons,
            )
        )
    return tuple(lines)


def _cohorts(result: RunResult) -> tuple[CohortFigures, ...]:
    return tuple(
        CohortFigures(
            id=cohort.id,
            description=cohort.description,
            size=cohort.size,
            share=cohort.share,
            recommended=tuple(
                RecommendedFigures(
                    product_id=row["product_id"],
                    title=result.shop.products[row["product_id"]].title,
                    evidence={"en": row["evidence_en"], "zh": row["evidence_zh"]},
                )
                for row in result.shop.recommended[cohort.id].to_dicts()
            ),
        )
        for cohort in result.shop.targeted
    )


def _content(judged: Judged, result: RunResult) -> ContentFigures:
    return ContentFigures(
        content=judged.content,
        product=judged.campaign.product,
        cohort=judged.campaign.cohort.name,
        findings=judged.findings,
        value=_estimate(judged.value),
        click=_estimate(judged.click),
        conversion=_estimate(judged.conversion),
        in_domain=None if result.model.predictor is None else judged.in_domain,
        gate=judged.gate.reason,
        why=judged.content.why,
    )


def _estimate(interval: Interval | None) -> Estimate | None:
    if interval is None:
        return None
    mean, low, high = interval
    known = np.isfinite(low) and np.isfinite(high)
    return Estimate(mean=mean, low=low if known else None, high=high if known else None)


def _decision(
    result: RunResult, launches: Sequence[Launch], rng: np.random.Generator
) -> DecisionFigures | None:
    if not launches:
        return None
    decide = result.settings.decide
    return DecisionFigures(
        policy=decide.policy,
        floor=min(item.config.floor for item in launches),
        test_share=decide.test_share,
        adaptive_share=1 - decide.test_share - decide.holdout_share,
        holdout_share=decide.holdout_share,
        choices=tuple(
            ChoiceFigures(
                cohort=item.campaign.cohort.name,
                product=item.campaign.product.title,
                channel=item.campaign.channel,
                probabilities=item.probabilities(rng=rng),
            )
            for item in launches
        ),
    )


def _warnings(result: RunResult) -> tuple[Words, ...]:
    found: list[Words] = []
    if result.model.predictor is None:
        found.append(
            {
                "en": f"No effect model: {result.model.note}. Values rest on a weak prior.",
                "zh": f"没有预测模型（{result.model.note}），价值来自很弱的先验。",
            }
        )
    elif any(j.in_domain is False for j in result.judged):
        found.append(
            {
                "en": "The effect model was trained on texts unlike some of these: their intervals are wide, "
                "and a person decides on them.",
                "zh": "预测模型学过的文案与其中一部分差别较大：这些区间较宽，需要人工决定。",
            }
        )
    return tuple(found)


def _methods(result: RunResult) -> tuple[MethodFigures, ...]:
    n_held = sum(j.gate.verdict in ("reject", "learn") for j in result.judged)
    return (
        MethodFigures(
            name={"en": "Value per exposure", "zh": "每次展示的价值"},
            value={"en": "mean and 5-95 % of 4,000 draws", "zh": "4,000 次抽样的均值与 5–95 % 分位"},
            data={"en": f"effect model {result.model.version}", "zh": f"预测模型 {result.model.version}"},
            n=result.model.n_rows,
            interval={"en": "level and content effect together", "zh": "同时包含整体水平和内容效应"},
        ),
        MethodFigures(
            name={"en": "Contents held back", "zh": "被拦下的内容"},
            value=str(n_held),
            data={"en": "guards and gate on every written variant", "zh": "对每条文案运行全部检查与门槛"},
            n=len(result.judged),
        ),
    )
