"""Every written content with its predicted value and what the gate says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from adwright.gate import GateConfig, GateResult, Verdict, judge
from adwright.generate import Written
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.effects import EffectModel
from adwright.schema import Approval, Content, ContentStatus, Effect, Finding, Product, Rate
from adwright.stats.rates import marginal
from adwright.stats.value import value
from adwright.workspace import Workspace

Reviewer = Callable[[Sequence["Judged"]], Sequence[Approval]]
Interval = tuple[float, float, float]
"""Mean, 5 % and 95 % quantile."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judged:
    """A content, what the guards found, what it is predicted to do, and what the gate says.

    Intervals are marginal (level and content effect), per exposure; None where nothing is predicted.
    """

    campaign: Campaign
    content: Content
    findings: tuple[Finding, ...]
    effect: Effect
    value: Interval
    click: Interval | None
    conversion: Interval | None
    in_domain: bool | None
    gate: GateResult

    @property
    def publishable(self) -> bool:
        """Nothing but a person's approval stands between it and the public, and no person has refused it."""
        return self.gate.verdict in ("publish", "review") and self.content.status not in (
            "rejected",
            "retired",
        )


def judge_contents(
    campaign: Campaign,
    written: Sequence[Written],
    *,
    model: EffectModel,
    products: Mapping[str, Product],
    config: GateConfig,
    rng: np.random.Generator,
) -> list[Judged]:
    """The contents of one campaign, each with its effect, its value and the gate's verdict."""
    if not written:
        return []
    effect = model.effect([w.content for w in written], products)
    worth = value(effect, campaign.goal, rng=rng)
    clicks, conversions = _intervals(effect.click), _intervals(effect.conversion)
    judged = []
    for i, item in enumerate(written):
        known = None if model.predictor is None or effect.in_domain is None else bool(effect.in_domain[i])
        low = None if model.predictor is None else float(worth.p_low[i])
        judged.append(
            Judged(
                campaign=campaign,
                content=item.content,
                findings=item.findings,
                effect=effect.take([i]),
                value=(float(worth.mean[i]), float(worth.p_low[i]), float(worth.p_high[i])),
                click=None if clicks is None else clicks[i],
                conversion=None if conversions is None else conversions[i],
                in_domain=known,
                gate=judge(item.findings, value_low=low, in_domain=known, config=config),
            )
        )
    return judged


def record(workspace: Workspace, judged: Sequence[Judged]) -> list[Judged]:
    """Keeps the contents with findings and effects; returns them with the status that the store has now."""
    contents = [j.content for j in judged]
    workspace.contents.save(
        contents,
        {j.content.id: j.findings for j in judged},
        {j.content.id: _summary(j) for j in judged},
    )
    for j in judged:
        status = workspace.contents.get(j.content.id).status
        moved = _next_status(
            status, j.gate.verdict, is_decided=bool(workspace.contents.approvals(j.content.id))
        )
        if moved != status:
            workspace.contents.set_status(j.content.id, moved)
    return refreshed(workspace, judged)


def _next_status(status: ContentStatus, verdict: Verdict, *, is_decided: bool) -> ContentStatus:
    """Where the gate moves a content. What a person (or the gate in their place) decided stays decided."""
    if status == "draft" and verdict in ("reject", "learn"):
        return "rejected"
    if status in ("approved", "live") and verdict == "reject":
        return "retired"  # the facts, or a guard, have changed since
    if status == "rejected" and verdict in ("publish", "review") and not is_decided:
        return "draft"  # held back by an earlier guard, model or threshold alone
    return status


def approve(
    workspace: Workspace,
    judged: Sequence[Judged],
    *,
    config: GateConfig,
    reviewer: Reviewer | None,
    now: datetime,
) -> list[Judged]:
    """Records the approvals of the gate (where the recipe lets it) and of the reviewer, if one is at hand."""
    waiting = [j for j in judged if j.content.status == "draft"]
    approvals: list[Approval] = []
    if config.auto_approve:
        passed = [j for j in waiting if j.gate.verdict == "publish"]
        approvals += [
            Approval(
                content_id=j.content.id,
                approved=True,
                by="gate",
                at=now,
                text=j.content.text,
                reason=j.gate.reason["en"],
            )
            for j in passed
        ]
    if reviewer is not None:
        done = {a.content_id for a in approvals}
        approvals += reviewer([j for j in waiting if j.content.id not in done])
    for approval in approvals:
        workspace.contents.approve(approval)
    return refreshed(workspace, judged)


def refreshed(workspace: Workspace, judged: Sequence[Judged]) -> list[Judged]:
    """The same with the status that each content has in the store now."""
    return [replace(j, content=workspace.contents.get(j.content.id)) for j in judged]


def _intervals(rate: Rate | None) -> list[Interval] | None:
    if rate is None:
        return None
    m = marginal(rate)
    return [(float(a), float(b), float(c)) for a, b, c in zip(m.p, m.p_low, m.p_high, strict=True)]


def _summary(judged: Judged) -> dict[str, Any]:
    """The effect as the review page and other tools read it; JSON holds no NaN."""

    def triple(interval: Interval | None) -> list[float | None] | None:
        return None if interval is None else [x if np.isfinite(x) else None for x in interval]

    return {
        "model_version": judged.effect.model_version,
        "goal": judged.campaign.goal.kind,
        "value": triple(judged.value),
        "click": triple(judged.click),
        "conversion": triple(judged.conversion),
        "in_domain": judged.in_domain,
        "gate": judged.gate.verdict,
        "gate_reason": dict(judged.gate.reason),
    }
