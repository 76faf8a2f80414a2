"""From behaviour to customer features and to cohorts that a person, and a prompt, can read."""

from adwright.profile.cohorts import CohortConfig, Cohorts, build_cohorts
from adwright.profile.features import customer_features
from adwright.profile.one_customer import customer_profile

__all__ = ["CohortConfig", "Cohorts", "build_cohorts", "customer_features", "customer_profile"]
