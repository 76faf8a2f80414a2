"""The predictor: content x customer x context in, `Effect` out.

Holds when: what will be scored is like what was learned from; where it is not, `in_domain` says so and the
effect is widened. Does not cover: effects of a content that differ between customers beyond what the columns
say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from adwright import __version__
from adwright.config import build, to_mapping
from adwright.errors import ConfigError, DataError
from adwright.predict.calibration.segments import segment_names
from adwright.predict.conformal import ConformalBand
from adwright.predict.domain import strangeness
from adwright.predict.evaluation import evaluate_orders, evaluate_purchases, evaluate_table
from adwright.predict.explain import explain_row
from adwright.predict.features import strings
from adwright.predict.fit_card import describe_blocks, describe_split, fit_metrics, fit_warnings
from adwright.predict.fitting import FITTED_ON, Parts, Stream, fit_parts
from adwright.predict.frames import as_polars, check_columns, digest, last_time
from adwright.predict.leakage import find_leaks
from adwright.predict.novelty import Novelty
from adwright.predict.outcomes import read_counts, read_trials
from adwright.predict.packing import pack, unpack
from adwright.predict.prepared import prepare
from adwright.predict.recipe import PredictRecipe
from adwright.predict.scored import Scored, join_rates, join_values, quantile_columns
from adwright.predict.table import Table
from adwright.predict.warm_start import linear_sources
from adwright.schema import F64, Effect, Rate
from adwright.stats.rates import marginal, successes_interval
from adwright.store.archive import read_archive, write_archive

_CHUNK = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A fitted predictor. Make one with `Predictor.fit` or `Predictor.load`.

    Args:
        recipe: What the columns mean.
        parts: What was fitted.
        card: How it came about: data digest, blocks, seed, code version, trained_through, metrics.
        version: `name@version`, written into every effect.
    """

    recipe: PredictRecipe
    parts: Parts
    card: Mapping[str, Any]
    version: str = "predict@unsaved"

    @classmethod
    def fit(
        cls,
        frame: Any,
        recipe: PredictRecipe,
        *,
        seed: int | None = None,
        source: Predictor | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Predictor:
        """A predictor learned from the table's train, tune and calibrate blocks.

        Args:
            frame: polars or pandas; one row a content x context, with outcomes.
            recipe: What its columns mean and what to learn.
            seed: Of the split and the bootstrap; the recipe's, if None.
            source: A model trained elsewhere to start from; the folder `model.warm_start` of the recipe, if None.
            progress: Takes a line a step.

        Raises:
            DataError: an absent or unreadable column, or too few rows with outcomes.
        """
        table = Table.of(as_polars(frame), recipe)
        seed = recipe.seed if seed is None else seed
        _check_size(table)
        blocks = table.blocks(seed)
        return cls.fit_blocks(table, blocks, seed=seed, source=source, progress=progress or _silent)

    @classmethod
    def fit_blocks(
        cls,
        table: Table,
        blocks: npt.NDArray[np.str_],
        *,
        seed: int,
        progress: Callable[[str], None],
        source: Predictor | None = None,
        stream: Stream | None = None,
    ) -> Predictor:
        """As `fit`, from a table whose blocks are known; `stream` reads all training rows where it is a sample."""
        recipe = table.recipe
        leaks = find_leaks(table, blocks, seed=seed)
        for leak in leaks:
            progress(f"warning: {leak}")
        if source is None and recipe.model.warm_start:
            source = cls.load(recipe.model.warm_start)
        if source is not None and recipe.model.encoder.privacy is not None:
            raise ConfigError(
                "a private model cannot start from another one: 'transfer' is not private", argument="source"
            )
        sources = {} if source is None else linear_sources(source.parts, source.recipe, recipe)
        rng = np.random.default_rng(seed)
        parts = fit_parts(table, blocks, rng=rng, progress=progress, sources=sources, stream=stream)
        seen = np.isin(blocks, FITTED_ON)
        through = None if table.times is None else last_time(table.times.filter(pl.Series(seen)))
        card = {
            "code_version": __version__,
            "seed": seed,
            "data_digest": digest(table.frame, recipe),
            "n_rows": {name: int(np.sum(blocks == name)) for name in (*FITTED_ON, "test")},
            "blocks": describe_blocks(table, blocks),
            "split": describe_split(recipe, table),
            "trained_through": None if through is None else through.isoformat(),
            "metrics": fit_metrics(parts),
            "warnings": [*leaks, *table.notes, *fit_warnings(parts, recipe)],
        }
        if source is not None:
            known = {key: source.card.get(key) for key in ("data_digest", "trained_through")}
            card["started_from"] = {"model": source.version, **known}
        return cls(recipe, parts, card)

    @property
    def trained_through(self) -> datetime | None:
        """The time of the last outcome that the model has seen."""
        held = self.card["trained_through"]
        return None if held is None else datetime.fromisoformat(held)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be done in the fit, and why."""
        return tuple(self.card["warnings"])

    def score(self, frame: Any) -> Effect:
        """The effect of each row, in the rows' order; outcome columns are not needed.

        Args:
            frame: polars or pandas with the feature columns (and the content column, where there is one:
                rows with the same content share one content effect).

        Raises:
            DataError: an absent column.
        """
        table = as_polars(frame)
        return self._effect(table, self._score_chunks(table))

    def _effect(self, table: pl.DataFrame, chunks: list[Scored]) -> Effect:
        return Effect(
            content_ids=self._content_ids(table),
            click=join_rates([c.rates.get("click") for c in chunks]),
            conversion=join_rates([c.rates.get("conversion") for c in chunks]),
            order_value=join_values([c.order_value for c in chunks]),
            correlation=0.0 if self.parts.correlation is None else self.parts.correlation.value,
            in_domain=np.concatenate([c.inside for c in chunks]),
            model_version=self.version,
            trained_through=self.trained_through,
        )

    def score_frame(self, frame: Any) -> pl.DataFrame:
        """The frame with p, p_low, p_high, alpha, beta, k_content and in_domain added, in the rows' order.

        Where the trials' column is there, k_low and k_high hold the 90 % interval of the successes, and, where the
        recipe asks for them, k_low_conformal and k_high_conformal the conformal one. A second rate's columns begin
        with `conversion_`, and `purchase_p` is both, calibrated on exposures; an order value adds
        order_value_minor and its _sd_minor, and the 5, 50 and 95 % quantiles of one order.
        """
        table = as_polars(frame)
        chunks = self._score_chunks(table)
        effect = self._effect(table, chunks)
        rates = {"click": effect.click, "conversion": effect.conversion}
        present = {name: rate for name, rate in rates.items() if rate is not None}
        columns: dict[str, Any] = {}
        for place, (name, rate) in enumerate(present.items()):
            trials = read_trials(table, self.recipe.rates[name])
            prefix = "" if place == 0 else f"{name}_"
            columns |= _rate_columns(rate, trials, self.parts.rates[name].conformal, prefix=prefix)
        if effect.order_value is not None:
            columns["order_value_minor"] = effect.order_value.mean_minor
            columns["order_value_sd_minor"] = effect.order_value.sd_minor
            columns |= quantile_columns([c.order_quantiles for c in chunks])
        if self.parts.purchase is not None and effect.click is not None and effect.conversion is not None:
            columns["purchase_p"] = self.parts.purchase.mean(effect.click.mean * effect.conversion.mean)
        columns["in_domain"] = effect.in_domain
        added = pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))
        return table.drop([c for c in added.columns if c in table.columns]).hstack(added)

    def update(self, frame: Any) -> Predictor:
        """The predictor after more outcomes: the level of each rate follows them, in constant time a row.

        What orders rows, the slope and the spread stay as they are: new words wait for the next fit.

        Args:
            frame: Rows with outcomes, all later than `trained_through` where there is a time column, so that no
                outcome counts twice.

        Raises:
            DataError: an absent column, a row that the model may have seen, a model of the first format.
        """
        table = Table.of(as_polars(frame), self.recipe)
        _check_unseen(table, self.trained_through)
        rates = {}
        for name, model in self.parts.rates.items():
            if model.level.trials <= 1:
                raise DataError(
                    "the model does not hold what its level rests on", argument="model", hint="Fit it again"
                )
            counts = read_counts(table.frame, self.recipe, name)
            score = model.score(self.parts.design(table.frame), table.frame)[0]
            mean = model.sampled_mean(score, table.frame)
            if (how := self.parts.observations.get(name)) is not None:
                counts = how.effective(table.frame, self.recipe, counts, mean)
            rates[name] = model.updated(mean, counts.successes, counts.trials, table.days())
        through = self.card["trained_through"] if table.times is None else last_time(table.times)
        card = {
            **self.card,
            "trained_through": through.isoformat() if isinstance(through, datetime) else through,
            "n_rows_updated_with": self.card.get("n_rows_updated_with", 0) + table.frame.height,
        }
        return replace(self, parts=replace(self.parts, rates=rates), card=card)

    def explain(self, frame: Any, *, n_orders: int = 16, seed: int = 0) -> pl.DataFrame:
        """Which words, attributes and context moved each row's rates, and by how much.

        Args:
            frame: Rows with the feature columns; a row costs about 2 n_orders times its number of words to score.
            n_orders: Orders in which parts are put back; more make `error` smaller.
            seed: Of the orders.

        Returns:
            row, rate, column, part, log_odds (the share; the shares of a row add up to what sets it apart from an
            empty one), error (its standard error) and alone (what taking only this part out changes).

        Raises:
            DataError: an absent column.
        """
        table = prepare(as_polars(frame), self.recipe).frame
        found = [
            explain_row(
                table.select(list(self.recipe.roles))[place],
                self.recipe.roles,
                self.parts.features.averages,
                self._log_odds,
                n_orders=n_orders,
                rng=np.random.default_rng((seed, place)),
            ).insert_column(0, pl.lit(place).alias("row"))
            for place in range(table.height)
        ]
        return pl.concat(found) if found else pl.DataFrame()

    def evaluate(self, frame: Any, *, n_boot: int = 400, by: Sequence[str] | None = None) -> dict[str, Any]:
        """How good the predictions are on rows that the fit never saw, each number with its interval and n.

        Args:
            frame: The table that was fitted on (its test block is judged), or another one (all its rows are).
            n_boot: Bootstrap resamples.
            by: Columns whose combinations of values are also judged one by one; the recipe's segments, if None.

        Raises:
            DataError: an absent column, or no rows to judge.
        """
        table = Table.of(as_polars(frame), self.recipe)
        by = self.recipe.calibration.segments if by is None else tuple(by)
        check_columns(table.frame, by)
        same = digest(table.frame, self.recipe) == self.card["data_digest"]
        if "streamed" in self.card and table.frame.height == sum(self.card["n_rows"].values()):
            raise DataError(
                "the model was fitted in batches on a table of as many rows: whether it is this one cannot be told",
                argument="data",
                hint="Judge it in batches, too: adwright predict evaluate --stream",
            )
        judged = np.ones(table.frame.height, dtype=bool)
        split = "all rows of a table other than the one fitted on"
        if same:
            judged = table.blocks(int(self.card["seed"])) == "test"
            split = f"test block of the fitted table: {self.card['split']}"
        if not judged.any():
            raise DataError(
                "the test block is empty", argument="split.shares", value=self.recipe.split.shares
            )
        effect = self.score(table.frame.filter(judged))
        metrics = evaluate_table(
            table,
            judged,
            rates=_rates_of(effect),
            observations=self.parts.observations,
            constants={name: model.constant for name, model in self.parts.rates.items()},
            n_boot=n_boot,
            conformal={name: model.conformal for name, model in self.parts.rates.items()},
            in_domain=effect.in_domain,
            segments=segment_names(table.frame.filter(judged), by) if by else None,
        )
        if effect.order_value is not None:
            metrics["order_value"] = evaluate_orders(table, judged, effect.order_value, n_boot=n_boot)
        if (purchase := self.parts.purchase) is not None and effect.click and effect.conversion:
            product = effect.click.mean * effect.conversion.mean
            metrics["purchase"] = evaluate_purchases(
                table, judged, product, purchase.mean(product), n_boot=n_boot
            )
        return {
            "model": self.version,
            "split": split,
            "kept_back": same,
            "n_rows": int(judged.sum()),
            "targets": metrics,
        }

    def save(self, path: str | Path) -> None:
        """Writes the model into the folder; its manifest comes last, so it is never half there."""
        values, arrays = pack(self.parts)
        values["recipe"] = to_mapping(self.recipe)
        write_archive(Path(path), values=values, arrays=arrays, card=dict(self.card))

    @classmethod
    def load(cls, path: str | Path, *, version: str | None = None) -> Predictor:
        """The model in the folder.

        Args:
            path: Where it was saved.
            version: `name@version`; else from the folder's name (`models/click/3` is click@3).

        Raises:
            DataError: no complete model there, a damaged one, or one of a newer format.
        """
        folder = Path(path)
        values, arrays, card = read_archive(folder)
        recipe = build(PredictRecipe, _without_nulls(values["recipe"]))
        return cls(recipe, unpack(values, arrays), card, version or _version_of(folder))

    def _score_chunk(self, frame: pl.DataFrame) -> Scored:
        domain, features = self.parts.domain, frame.select(list(self.recipe.inputs))
        x = self.parts.design(frame)
        new = Novelty.of(domain, frame, self.recipe)
        novelty = new.total
        # a context that is new in every way is another domain
        inside = domain.inside(new.words, domain.shape_distance(frame)) & (new.context < 1.0)
        foreign = domain.foreign(frame, inside, new.context)
        rates: dict[str, Rate] = {}
        for name, model in self.parts.rates.items():
            score, disagreement = model.score(x, features)
            strange = strangeness(novelty, disagreement, model.spread)
            rates[name] = model.rate(score, features, strangeness=strange, foreign=foreign)
        order = self.parts.order_value
        if order is None:
            return Scored(rates, None, np.zeros((frame.height, 3)), inside)
        value = order.predict(x, novelty, features)
        return Scored(rates, value, order.quantiles(x, features), inside)

    def _score_chunks(self, table: pl.DataFrame) -> list[Scored]:
        check_columns(table, self.recipe.needed)
        starts = range(0, max(table.height, 1), _CHUNK)
        return [self._score_chunk(prepare(table.slice(i, _CHUNK), self.recipe).frame) for i in starts]

    def _log_odds(self, frame: pl.DataFrame) -> dict[str, F64]:
        """(n,) log-odds of the mean, by rate."""
        x = self.parts.design(frame)
        return {
            name: model.log_odds(model.score(x, frame)[0], frame) for name, model in self.parts.rates.items()
        }

    def _content_ids(self, frame: pl.DataFrame) -> tuple[str, ...]:
        name = self.recipe.columns.content
        if name is None or name not in frame.columns:
            return tuple(f"row_{i}" for i in range(frame.height))
        return tuple(v if v is not None else f"row_{i}" for i, v in enumerate(strings(frame, name)))


def _check_unseen(table: Table, through: datetime | None) -> None:
    if table.times is None or through is None or table.times.dtype.is_numeric():
        return
    seen = (table.times <= through).fill_null(value=True)
    if seen.any():
        row = int(np.flatnonzero(seen.to_numpy())[0])
        raise DataError(
            f"row {row} is not later than what the model has seen",
            argument=str(table.recipe.columns.time),
            value=table.times[row],
            allowed=f"after {through.isoformat()}",
            hint="Leave out what was there before: an outcome must not count twice",
        )


def _check_size(table: Table) -> None:
    known = np.zeros(table.frame.height, dtype=bool)
    for name in table.recipe.rates:
        known |= read_counts(table.frame, table.recipe, name).known
    if table.recipe.rates and known.sum() < table.recipe.min_rows:
        raise DataError(
            "too few rows with outcomes",
            argument="data",
            value=int(known.sum()),
            allowed=f"at least min_rows = {table.recipe.min_rows}",
        )


def _rates_of(effect: Effect) -> dict[str, Rate]:
    named = {"click": effect.click, "conversion": effect.conversion}
    return {name: rate for name, rate in named.items() if rate is not None}


def _rate_columns(
    rate: Rate, trials: F64 | None, conformal: ConformalBand | None, *, prefix: str
) -> dict[str, F64]:
    shown = marginal(rate)
    columns = {
        "p": shown.p,
        "p_low": shown.p_low,
        "p_high": shown.p_high,
        "alpha": shown.alpha,
        "beta": shown.beta,
        "k_content": rate.k,
    }
    if trials is not None:
        columns["k_low"], columns["k_high"] = successes_interval(rate, trials)
        if conformal is not None:
            columns["k_low_conformal"], columns["k_high_conformal"] = conformal.interval(rate, trials)
    return {prefix + name: values for name, values in columns.items()}


def _version_of(folder: Path) -> str:
    name, parent = folder.resolve().name, folder.resolve().parent.name
    return f"{parent}@{name}" if name.isdecimal() and parent else f"{name}@1"


def _without_nulls(value: Any) -> Any:
    """TOML has no null, so a field that was left out stays left out."""
    if isinstance(value, Mapping):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return value


def _silent(message: str) -> None:
    del message
