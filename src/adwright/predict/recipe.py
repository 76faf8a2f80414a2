"""What a recipe says about a table: which columns mean what, which outcomes to learn, and how.

The same table stands at the top of a predict recipe and under `[predict]` of a workspace's `adwright.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from adwright.config import build, read_toml
from adwright.errors import ConfigError
from adwright.predict.calibration.calibration_config import CalibrationConfig
from adwright.predict.model_config import ModelConfig
from adwright.predict.observation.observation_config import DelayColumns, PositionConfig
from adwright.predict.typed_columns import SequenceColumn, image_numbers, sequence_numbers
from adwright.text import CURRENCIES

TimeFormat = Literal["auto", "iso", "epoch_s", "yearweek", "ordinal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns mean what.

    Args:
        text: Texts, each with its own n-grams.
        categorical: Categories; a value that training never saw is no error.
        numeric: Numbers; a missing one counts as the mean, and being missing is a feature of its own.
        sequence: By column, what a customer did before the row.
        image: Pictures: paths, encoded bytes or arrays.
        time: When the row happened; orders the blocks.
        time_format: auto (by type), iso, epoch_s, yearweek (201425 = week 25 of 2014) or ordinal.
        content: The id of the content. Rows with the same id share one content effect; without it every row
            with trials is a content of its own.
        group: The test, campaign or placement whose rows share noise. Never stands on two sides of a split.
        within: What, besides the group, two rows must share for their texts to be compared.
    """

    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    sequence: dict[str, SequenceColumn] = field(default_factory=dict)
    image: tuple[str, ...] = ()
    time: str | None = None
    time_format: TimeFormat = "auto"
    content: str | None = None
    group: str | None = None
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTarget:
    """A rate to learn: one `label` (0 or 1) a row, or counts of `successes` out of `trials`.

    Args:
        label: Column of the label.
        trials: Column of the trials.
        successes: Column of the successes.
        negative_rate: Share of the failures that the table keeps, in (0, 1]; rates are those of the whole.
        delay: Times of a success that comes late; with labels only.
    """

    label: str | None = None
    trials: str | None = None
    successes: str | None = None
    negative_rate: float = 1.0
    delay: DelayColumns | None = None

    def __post_init__(self) -> None:
        counts = self.trials is not None and self.successes is not None
        if counts == (self.label is not None) or (self.trials is None) != (self.successes is None):
            raise ConfigError(
                "a target needs either label, or trials and successes",
                argument="targets",
                value={"label": self.label, "trials": self.trials, "successes": self.successes},
            )
        if not 0 < self.negative_rate <= 1:
            raise ConfigError(
                "a share out of range",
                argument="negative_rate",
                value=self.negative_rate,
                allowed="in (0, 1]: the share of the failures that the table keeps",
            )
        if self.delay is not None and (self.label is None or self.negative_rate < 1):
            raise ConfigError(
                "a delay needs one label a row, of failures that are all there",
                argument="targets.delay",
                allowed="label, and no negative_rate",
            )

    @property
    def is_whole(self) -> bool:
        """Whether every success has come, and every failure is there."""
        return self.delay is None and self.negative_rate == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderValueTarget:
    """The value of an order given conversion, net of refunds.

    Args:
        currency: ISO 4217.
        sum_minor: Column of the sum of order values.
        count: Column of the number of orders in that sum.
        label: Column of the value of one order a row, in place of the two; null or 0 where there was none.
        minor_per_unit: Minor units in one unit of the column: 100 where it holds dollars.
    """

    currency: str
    sum_minor: str | None = None
    count: str | None = None
    label: str | None = None
    minor_per_unit: float = 1.0

    def __post_init__(self) -> None:
        counts = self.sum_minor is not None and self.count is not None
        if counts == (self.label is not None) or (self.sum_minor is None) != (self.count is None):
            raise ConfigError(
                "targets.order_value needs either label, or sum_minor and count",
                argument="targets.order_value",
            )
        if self.currency not in CURRENCIES:
            raise ConfigError(
                "not a currency",
                argument="targets.order_value.currency",
                value=self.currency,
                allowed="an ISO 4217 code, for example USD or CNY",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The outcomes to learn. `conversion` is given click where there is a click target, else given exposure."""

    click: RateTarget | None = None
    conversion: RateTarget | None = None
    order_value: OrderValueTarget | None = None

    def __post_init__(self) -> None:
        click, conversion = self.click, self.conversion
        if click and conversion and click.trials is not None and click.trials == conversion.trials:
            raise ConfigError(
                "conversion is given click: its trials are the clicks",
                argument="targets.conversion.trials",
                value=conversion.trials,
                allowed=repr(click.successes),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The blocks: train / tune / calibrate / test.

    Args:
        order: "time" (later rows in later blocks) or "rows" (groups, or rows, at random); None: by time where
            there is a time column.
        shares: Of the four blocks.
    """

    order: Literal["time", "rows"] | None = None
    shares: tuple[float, ...] = (0.6, 0.1, 0.15, 0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictRecipe:
    """One table's recipe.

    Args:
        columns: Which columns mean what.
        targets: The outcomes to learn.
        split: The blocks.
        model: How it is fitted.
        position: Where contents stood, where that bears on being seen.
        calibration: How its scores become rates.
        min_rows: Fewer rows with outcomes than this are an error.
        seed: Of the split and the bootstrap.
    """

    columns: Columns = field(default_factory=Columns)
    targets: Targets = field(default_factory=Targets)
    split: Split = field(default_factory=Split)
    model: ModelConfig = field(default_factory=ModelConfig)
    position: PositionConfig | None = None
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)
    min_rows: int = 40
    seed: int = 0

    @classmethod
    def read(cls, path: str | Path) -> PredictRecipe:
        """The recipe in a TOML file: at its top, beside `[tune]` (of `adwright tune`), or under `[predict]`."""
        parsed = read_toml(Path(path))
        table = parsed.get("predict")
        if table is not None:
            return cls.of(table, where="predict")
        return cls.of({key: held for key, held in parsed.items() if key != "tune"})

    @classmethod
    def of(cls, table: Mapping[str, Any], *, where: str = "") -> PredictRecipe:
        """The recipe in a parsed TOML table; raises `ConfigError` where a key is unknown or nothing is to do."""
        recipe = build(cls, table, where=where)
        targets = recipe.targets
        if targets.click is None and targets.conversion is None and targets.order_value is None:
            raise ConfigError(
                "no target",
                argument="targets",
                value={},
                allowed="click, conversion, order_value",
                hint="Say what to learn in the recipe: --recipe FILE, or [predict] of adwright.toml",
            )
        first = next(iter(recipe.rates.values()), None)
        if recipe.position is not None and (first is None or first.negative_rate < 1):
            raise ConfigError(
                "positions need a rate whose failures are all there",
                argument="position",
                allowed="a target without negative_rate",
            )
        delayed = any(target.delay is not None for target in recipe.rates.values())
        if recipe.model.encoder.privacy is not None and (delayed or recipe.position is not None):
            raise ConfigError(
                "what a row is worth is learned from all rows' outcomes, and so is not private",
                argument="position" if recipe.position is not None else "targets.delay",
                allowed="neither delay nor position where there is model.encoder.privacy",
            )
        if not recipe.features:
            raise ConfigError(
                "no features",
                argument="columns",
                value={},
                allowed="text, categorical, numeric, sequence, image",
            )
        if recipe.model.order_value == "fusion" and not recipe.rates:
            raise ConfigError(
                "an order value by fusion is learned together with a rate",
                argument="model.order_value",
                value="fusion",
                allowed="linear, or a click or conversion target beside it",
            )
        for name, held in recipe.columns.sequence.items():
            if held.of not in recipe.columns.categorical:
                raise ConfigError(
                    "the candidate of a sequence is a categorical column",
                    argument=f"columns.sequence.{name}.of",
                    value=held.of,
                    allowed=", ".join(recipe.columns.categorical),
                )
        return recipe

    @property
    def given(self) -> tuple[str, ...]:
        """The feature columns as they stand in the data."""
        held = self.columns
        return held.text + held.categorical + held.numeric + tuple(held.sequence) + held.image

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns of the data that scoring needs: features and segments."""
        return tuple(dict.fromkeys(self.given + self.calibration.segments))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The number columns, those of sequences and pictures included."""
        held = self.columns
        found = list(held.numeric)
        for name in held.sequence:
            found += sequence_numbers(name)
        for name in held.image:
            found += image_numbers(name)
        return tuple(found)

    @property
    def features(self) -> tuple[str, ...]:
        """The feature columns of a prepared table."""
        held = self.columns
        return held.text + held.categorical + self.numbers + tuple(held.sequence) + held.image

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of a prepared table that scoring needs: features and segments."""
        return tuple(dict.fromkeys(self.features + self.calibration.segments))

    @property
    def roles(self) -> dict[str, str]:
        """Feature column of a prepared table -> text, categorical, numeric, sequence or image."""
        roles = dict.fromkeys(self.numbers, "numeric")
        roles |= dict.fromkeys(self.columns.image, "image")
        roles |= dict.fromkeys(self.columns.sequence, "sequence")
        roles |= dict.fromkeys(self.columns.categorical, "categorical")
        roles |= dict.fromkeys(self.columns.text, "text")
        return {name: roles[name] for name in self.features}

    @property
    def candidates(self) -> dict[str, str]:
        """Sequence column -> the categorical column that its events are compared with."""
        return {name: held.of for name, held in self.columns.sequence.items()}

    @property
    def rates(self) -> dict[str, RateTarget]:
        """The rate targets by name, click first."""
        named = {"click": self.targets.click, "conversion": self.targets.conversion}
        return {name: target for name, target in named.items() if target is not None}
