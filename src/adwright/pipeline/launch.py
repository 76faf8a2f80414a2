"""From approved contents to a running choice: beliefs, policy, and the test with its plan."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from adwright.decide import Beliefs, Choice, DecideConfig, current_probabilities
from adwright.errors import InfeasibleError, NotFoundError, UsageError
from adwright.experiment import Plan, assign, plan_means, plan_proportions, value_sd
from adwright.experiment.inference import NormalPrior
from adwright.experiment.prior import prior_from_rate
from adwright.pipeline.campaigns import Campaign
from adwright.pipeline.effects import EffectModel
from adwright.pipeline.judging import Judged
from adwright.pipeline.settings import ExperimentSection, RunSettings
from adwright.schema import Arm, Content, Effect, Experiment, GoalKind, Product
from adwright.workspace import Workspace

ORDER_SD_SHARE = 0.6
"""Standard deviation of single orders over their mean, for planning where only their mean is predicted."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Launch:
    """A campaign whose contents compete.

    Args:
        campaign: Which.
        contents: Those that compete, in the order of the beliefs.
        choice: What `decide` needs.
        config: How it decides.
        plan: What the test takes; None where fewer than two contents compete.
        is_live: The contents are approved; False shows what would happen once they are.
    """

    campaign: Campaign
    contents: tuple[Content, ...]
    choice: Choice
    config: DecideConfig
    plan: Plan | None
    is_live: bool

    @property
    def experiment(self) -> Experiment | None:
        """The test, if one is planned."""
        return self.choice.experiment

    def probabilities(self, *, rng: np.random.Generator) -> dict[str, float]:
        """The probability with which the adaptive slice would show each content now."""
        return current_probabilities(
            self.choice.beliefs,
            goal=self.choice.goal,
            channel=self.choice.channel,
            rng=rng,
            config=self.config,
        )

    def after(self, ledger: pl.DataFrame) -> Launch:
        """The same with the beliefs that the ledger's totals lead to."""
        totals = ledger.filter(pl.col("content_id").is_in([c.id for c in self.contents]))
        beliefs = Beliefs.rebuild(self.choice.beliefs.effect, totals)
        return replace(self, choice=replace(self.choice, beliefs=beliefs))


def launch(
    workspace: Workspace,
    judged: Sequence[Judged],
    *,
    model: EffectModel,
    products: dict[str, Product],
    settings: RunSettings,
    control_id: str | None,
    now: datetime,
    rng: np.random.Generator,
) -> Launch | None:
    """The running choice of one campaign; None where no content may be shown.

    Args:
        workspace: Where experiments and statuses are kept.
        judged: The campaign's contents.
        model: The effect model.
        products: By id.
        settings: The recipe.
        control_id: The content that stands there today; None takes the one that is worth least.
        now: The start of a new test.
        rng: For the values that rank the arms.
    """
    approved = [j for j in judged if j.content.status in ("approved", "live")]
    candidates = approved or [j for j in judged if j.publishable]
    if not candidates:
        return None
    campaign = candidates[0].campaign
    contents = tuple(j.content for j in candidates)
    effect = model.effect(contents, products)
    ranked = sorted(candidates, key=lambda j: -j.value[0])
    ids = [j.content.id for j in ranked]
    control = control_id if control_id in ids else ids[-1]
    experiment, plan = _experiment(
        campaign, effect, ids, control=control, section=settings.experiment, now=now
    )
    if approved and experiment is not None:
        experiment = _running(workspace, campaign, ids) or _kept(workspace, experiment)
    if approved:
        for content in contents:
            workspace.contents.set_status(content.id, "live")
    choice = Choice(
        beliefs=Beliefs.from_effect(effect),
        goal=campaign.goal,
        channel=campaign.channel,
        default_content=control,
        experiment=experiment,
        assign=assign,
    )
    config = replace(settings.decide, salt=f"{settings.decide.salt}:{campaign.channel}")
    running = Launch(
        campaign=campaign,
        contents=contents,
        choice=choice,
        config=_with_room(config, len(contents)),
        plan=plan,
        is_live=bool(approved),
    )
    return running.after(workspace.ledger.totals())


def _experiment(
    campaign: Campaign,
    effect: Effect,
    ranked: Sequence[str],
    *,
    control: str,
    section: ExperimentSection,
    now: datetime,
) -> tuple[Experiment | None, Plan | None]:
    """Control first, then the contents that are worth most, with equal shares; sized by the control's rate."""
    challengers = [c for c in ranked if c != control][: section.max_arms - 1]
    if not challengers:
        return None, None
    metric: GoalKind = section.metric or campaign.goal.kind
    row = effect.content_ids.index(control)
    n_arms = 1 + len(challengers)
    plan = _plan(effect.take([row]), metric, section, n_arms=n_arms)
    arms = [control, *challengers]
    digest = hashlib.blake2b("\x1f".join(sorted(arms)).encode(), digest_size=6).hexdigest()
    shares = [1 / n_arms] * (n_arms - 1)
    prior = _prior(effect, metric, arms)
    return (
        Experiment(
            id=f"x_{campaign.id[2:10]}_{digest}",
            arms=tuple(
                Arm(content_id=c, share=share, is_control=c == control)
                for c, share in zip(arms, [*shares, 1 - sum(shares)], strict=True)
            ),
            metric=metric,
            starts_at=now,
            n_per_arm=plan.n_per_arm,
            minimum_effect=section.minimum_effect,
            alpha=section.alpha,
            power=section.power,
            salt=campaign.id,
            unit=section.unit,
            prior_mean=None if prior is None else prior.mean,
            prior_variance=None if prior is None else prior.variance,
        ),
        plan,
    )


def _prior(effect: Effect, metric: GoalKind, arms: Sequence[str]) -> NormalPrior | None:
    """What is believed of two arms before anybody has seen them; of clicks alone, and only where it is known."""
    if metric != "click" or effect.click is None or len(arms) != 2:
        return None
    control, other = (effect.content_ids.index(arm) for arm in arms)
    try:
        return prior_from_rate(effect.click, control=control, treatment=other)
    except UsageError:  # the spread of contents was not learned
        return None


def _plan(effect: Effect, metric: GoalKind, section: ExperimentSection, *, n_arms: int) -> Plan:
    click = 1.0 if effect.click is None else float(effect.click.mean[0])
    if metric == "click":
        return plan_proportions(
            click, section.minimum_effect, alpha=section.alpha, power=section.power, n_arms=n_arms
        )
    if effect.conversion is None:
        raise InfeasibleError(
            "the test's metric needs conversions, and none were learned",
            argument="experiment.metric",
            value=metric,
        )
    conversion = click * float(effect.conversion.mean[0])
    if metric == "conversion":
        return plan_proportions(
            conversion, section.minimum_effect, alpha=section.alpha, power=section.power, n_arms=n_arms
        )
    if effect.order_value is None:
        raise InfeasibleError(
            "the test's metric needs order values, and none were learned",
            argument="experiment.metric",
            value=metric,
        )
    order = float(effect.order_value.mean_minor[0])
    sd = value_sd(conversion, order_mean=order, order_sd=ORDER_SD_SHARE * order)
    return plan_means(
        conversion * order,
        section.minimum_effect,
        sd=sd,
        alpha=section.alpha,
        power=section.power,
        n_arms=n_arms,
    )


def _running(workspace: Workspace, campaign: Campaign, ids: Sequence[str]) -> Experiment | None:
    """The campaign's last test, as long as all its arms may be shown.

    Another ranking, of a new model or with a new content among them, does not cut a running test short.
    """
    own = [x for x in workspace.experiments.list() if x.salt == campaign.id]
    possible = [x for x in own[-1:] if all(arm.content_id in ids for arm in x.arms)]
    return possible[0] if possible else None


def _kept(workspace: Workspace, experiment: Experiment) -> Experiment:
    """The experiment as it was first saved: a test that runs is not started anew."""
    try:
        return workspace.experiments.get(experiment.id)
    except NotFoundError:
        workspace.experiments.save(experiment)
        return experiment


def _with_room(config: DecideConfig, n_arms: int) -> DecideConfig:
    """The floor lowered where many contents compete, so that it never takes more than half of the traffic."""
    return replace(config, floor=min(config.floor, 0.5 / (n_arms + 1)))
