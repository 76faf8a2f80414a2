"""From behaviour to customer features and to cohorts that a person, and a prompt, can read."""

from adwright.profile.cohorts import CohortConfig, Cohorts, build_cohorts
from adwright.profile.features import customer_features

__all__ = ["CohortConfig", "Cohorts", "build_cohorts", "customer_features"]
