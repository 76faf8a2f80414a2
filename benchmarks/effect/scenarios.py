"""The scenarios: frozen records with permanent ids, so that results of two commits can be compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One table and how it is split.

    Args:
        id: Never reused.
        file: Below the data folder (ADWRIGHT_DATA, else ../shared/data beside the repository).
        recipe: Below `recipes/`.
        shares: Of train, tune, calibrate and test, in order of time; whole tests.
        why: What it is there to show.
        kind: Models; those of the recipe, where None.
        n_encoders: Members of the encoder, and whether they are fitted again on calibrate: fewer than the recipe
            says where the machine is busy. None: as the recipe says.
    """

    id: str
    file: str
    recipe: str
    shares: tuple[float, float, float, float]
    why: str
    kind: tuple[str, ...] | None = None
    n_encoders: int | None = None


SCENARIOS = (
    Scenario(
        id="upworthy-last-15",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.6, 0.1, 0.15, 0.15),
        why="the last 15 % of the weeks, enough pairs to tell two predictors apart",
        kind=("logistic",),
    ),
    Scenario(
        id="upworthy-last-5",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.7, 0.1, 0.15, 0.05),
        why="calibrated on weeks close to those judged",
        kind=("logistic",),
    ),
    Scenario(
        id="upworthy-encoder-last-15",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.6, 0.1, 0.15, 0.15),
        why="the fine-tuned encoder with the n-grams, two encoders and no second fit",
        kind=("encoder", "logistic"),
        n_encoders=2,
    ),
    Scenario(
        id="upworthy-frozen-last-15",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.6, 0.1, 0.15, 0.15),
        why="what a head on a frozen layer and the n-grams reach without any tuning of the encoder",
        kind=("frozen", "logistic"),
        n_encoders=2,
    ),
    Scenario(
        id="upworthy-three-last-15",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.6, 0.1, 0.15, 0.15),
        why="whether the frozen head that the recipe blends in helps two tuned encoders and the n-grams",
        kind=("encoder", "frozen", "logistic"),
        n_encoders=2,
    ),
    Scenario(
        id="upworthy-shipped-last-15",
        file="upworthy/headline_tests.parquet",
        recipe="upworthy.toml",
        shares=(0.6, 0.1, 0.15, 0.15),
        why="the recipe as it ships: three members, fitted once more with the weeks that calibrated",
    ),
)
