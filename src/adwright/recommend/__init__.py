"""Which products for which cohort, from behaviour."""

from adwright.recommend.popularity import PopularityConfig, PopularityRecommender

__all__ = ["PopularityConfig", "PopularityRecommender"]
