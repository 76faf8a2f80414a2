"""Which products for which customer and which cohort, from behaviour, and why."""

from adwright.recommend.config import (
    EaseConfig,
    ItemKnnConfig,
    PopularityConfig,
    RecommendConfig,
    RepeatConfig,
)
from adwright.recommend.evaluation import Evaluation, evaluate
from adwright.recommend.interactions import product_interactions
from adwright.recommend.popularity import PopularityRecommender
from adwright.recommend.recommender import Recommender, fit_recommender, load_recommender
from adwright.recommend.rules import RulesConfig
from adwright.recommend.splits import task_after, time_of_share

__all__ = [
    "EaseConfig",
    "Evaluation",
    "ItemKnnConfig",
    "PopularityConfig",
    "PopularityRecommender",
    "RecommendConfig",
    "Recommender",
    "RepeatConfig",
    "RulesConfig",
    "evaluate",
    "fit_recommender",
    "load_recommender",
    "product_interactions",
    "task_after",
    "time_of_share",
]
