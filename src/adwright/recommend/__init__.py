"""Which products for which customer and which cohort, from behaviour."""

from adwright.recommend.config import PopularityConfig, RecommendConfig
from adwright.recommend.popularity import PopularityRecommender

__all__ = ["PopularityConfig", "PopularityRecommender", "RecommendConfig"]
