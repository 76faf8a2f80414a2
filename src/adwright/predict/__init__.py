"""Predict: content x customer x context -> Effect, on any table that a recipe describes."""

from adwright.predict.frames import read_frame
from adwright.predict.predictor import Predictor
from adwright.predict.recipe import PredictRecipe

__all__ = ["PredictRecipe", "Predictor", "read_frame"]
