"""From behaviour to customer features and to cohorts that a person, and a prompt, can read."""

from adwright.profile.cohorts import CohortConfig, Cohorts, build_cohorts, cohorts_of
from adwright.profile.features import customer_features, features_of
from adwright.profile.one_customer import customer_profile
from adwright.profile.point_in_time import features_at
from adwright.profile.rfm import rfm
from adwright.profile.store import Updated, forget_customers, update_profile
from adwright.profile.tallies import Tallies, tally

__all__ = [
    "CohortConfig",
    "Cohorts",
    "Tallies",
    "Updated",
    "build_cohorts",
    "cohorts_of",
    "customer_features",
    "customer_profile",
    "features_at",
    "features_of",
    "forget_customers",
    "rfm",
    "tally",
    "update_profile",
]
