"""EconML's learners on the same trials, in their own environment: PYTHON peer_econml.py IN.npz OUT.npz"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
from econml.dml import CausalForestDML
from econml.dr import DRLearner
from econml.metalearners import SLearner, TLearner, XLearner
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.linear_model import LassoCV

TREES = {"n_estimators": 100, "num_leaves": 8, "learning_rate": 0.05, "min_child_samples": 100, "verbose": -1,
         "n_jobs": 1}  # fmt: skip


def trees() -> LGBMRegressor:
    """The peers' base model: the size of our trees, without early stopping, which they do not have."""
    return LGBMRegressor(**TREES)


def propensity() -> LGBMClassifier:
    """For the learners that model who was treated."""
    return LGBMClassifier(**TREES)


def main(source: str, out: str) -> None:
    """Predicts the effects of new customers with each learner."""
    with np.load(source) as stored:
        data = dict(stored)
    x, arm, y, new = data["features"], data["arm"], data["outcome"], data["new"]
    learners = {
        "S": SLearner(overall_model=trees()),
        "T": TLearner(models=trees()),
        "X": XLearner(models=trees(), propensity_model=propensity()),
        "DR": DRLearner(model_propensity=propensity(), model_regression=trees(), model_final=trees(), cv=3),
        "DR, lasso": DRLearner(model_propensity=propensity(), model_regression=trees(), model_final=LassoCV(), cv=3),
        "causal forest": CausalForestDML(
            model_y=trees(), model_t=propensity(), discrete_treatment=True, n_estimators=200, min_samples_leaf=50,
            n_jobs=1, random_state=0,
        ),
    }  # fmt: skip
    found, seconds = {}, {}
    for name, learner in learners.items():
        started = time.perf_counter()
        learner.fit(y, arm, X=x)
        found[name] = np.asarray(learner.effect(new)).ravel()
        seconds[name] = time.perf_counter() - started
    np.savez(out, names=np.array(list(found)), effects=np.array(list(found.values())),
             seconds=np.array(list(seconds.values())))  # fmt: skip


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
