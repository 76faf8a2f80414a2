"""Tuning: better settings of the effect model, looked for on the tune block, by hand or by itself."""

from adwright.learn.tuning.config import TuneConfig
from adwright.learn.tuning.tune import TuneResult, tune

__all__ = ["TuneConfig", "TuneResult", "tune"]
