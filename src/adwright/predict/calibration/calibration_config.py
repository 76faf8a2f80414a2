"""How rates are calibrated: the `[calibration]` table of a recipe."""

from __future__ import annotations

from dataclasses import dataclass

from adwright.errors import ConfigError

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationConfig:
    """`[calibration]`.

    Args:
        method: platt, beta, isotonic; "auto" takes platt unless another one's cross-validated log-loss on calibrate
            is lower by more than two standard errors.
        segments: Columns whose combinations of values are calibrated each, drawn towards the map of all; any
            columns, of few values. They are needed at scoring too.
        n_folds: Of the cross-validation, by group.
        conformal: Whether conformal intervals of the successes are given beside the model's own.
    """

    method: str = AUTO
    segments: tuple[str, ...] = ()
    n_folds: int = 5
    conformal: bool = False

    def __post_init__(self) -> None:
        if self.n_folds < 2:
            raise ConfigError(
                "a setting out of range",
                argument="calibration.n_folds",
                value=self.n_folds,
                allowed="2 or more",
            )
