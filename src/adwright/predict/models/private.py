"""The encoder's heads with differential privacy: the plan, the runs, and what they have spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adwright.errors import ConfigError, DataError
from adwright.predict.encoder_config import EncoderConfig, PrivacyConfig
from adwright.predict.models.contrasts import MAX_CELLS
from adwright.predict.models.frozen import FrozenTexts, as_weights
from adwright.predict.models.model import Fit, FitData
from adwright.predict.models.private_head import PrivatePlan, check_delta, train_private_head
from adwright.predict.models.text_contrasts import text_contrasts
from adwright.predict.models.tuned_encoders import TunedEncoders
from adwright.predict.rows import Rows
from adwright.privacy.dp_accounting import NoisySteps, epsilon_spent

COVERS = "the head's weights, given the mean rate; not the words, rates and spread learned beside them"


def fit_private(data: FitData, config: EncoderConfig, columns: tuple[str, ...]) -> Fit:
    """Heads learned from train with noise; nothing is chosen on tune, nor learned from it."""
    model = _learn(data.train, data, config, columns, runs=[])
    return Fit(model, model.score(None, data.tune.frame)[:, 0])


def refit_private(model: TunedEncoders, rows: Rows, data: FitData) -> TunedEncoders:
    """The heads learned from other rows with the same noise; what the first fit has spent counts too."""
    spent = [NoisySteps(*run) for run in model.details["privacy"]["runs"]]
    return _learn(rows, data, model.config, model.columns, runs=spent)


def _learn(
    rows: Rows, data: FitData, config: EncoderConfig, columns: tuple[str, ...], *, runs: Sequence[NoisySteps]
) -> TunedEncoders:
    privacy = config.privacy
    assert privacy is not None
    rows = _by_unit(rows, config)
    # the level's variance is learned from outcomes; a group's is taken for free, and a row alone has none to share
    learned, texts, _ = text_contrasts(rows, columns, config, level_variance=0.0, rng=data.rng)
    if not learned:
        raise DataError("no two texts of a group can be compared", argument="data", value=len(rows))
    check_delta(privacy, len(learned))
    if runs:
        plan = PrivatePlan(runs[0], privacy.max_grad_norm)
    else:
        n_runs = config.n_members * (2 if data.config.refit else 1)
        plan = PrivatePlan.of(privacy, n_units=len(learned), n_runs=n_runs)
    reader, seed = FrozenTexts(config), int(data.rng.integers(2**30))
    x = reader.features(texts)
    heads = [
        train_private_head(x, learned, config, plan, seed=seed + member, progress=data.progress)
        for member in range(config.n_members)
    ]
    spent = [*runs, *[plan.steps] * config.n_members]
    unit = "a row" if rows.group is None else f"a group, with at most {MAX_CELLS} of its texts"
    details = {
        **reader.n_parameters(),
        "privacy": {**_report(privacy, spent), "unit": unit, "n_units": len(learned), "covers": COVERS},
    }
    return TunedEncoders(config, columns, reader.scorer.base, tuple(map(as_weights, heads)), 0, details)


def _by_unit(rows: Rows, config: EncoderConfig) -> Rows:
    """The rows with the groups that are units; stretches of time are none: one row more moves all their ends."""
    if rows.siblings is not None:
        return rows
    if config.robust.label_smoothing:
        raise ConfigError(
            "without groups labels are smoothed over all rows, and so are not private",
            argument="model.encoder.robust.label_smoothing",
            value=config.robust.label_smoothing,
            allowed="0 where there is model.encoder.privacy and no group",
        )
    return replace(rows, group=None)


def _report(privacy: PrivacyConfig, spent: Sequence[NoisySteps]) -> dict[str, Any]:
    return {
        "epsilon": epsilon_spent(spent, privacy.delta),
        "delta": privacy.delta,
        "epsilon_allowed": privacy.epsilon,
        "max_grad_norm": privacy.max_grad_norm,
        "runs": [[run.noise_multiplier, run.sample_rate, run.n_steps] for run in spent],
    }
