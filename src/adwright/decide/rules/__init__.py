"""What limits who may be shown what: one layer over any policy, one file a rule."""

from adwright.decide.rules.budget import Budget
from adwright.decide.rules.consent import Consent
from adwright.decide.rules.diversity import Diversity
from adwright.decide.rules.frequency_cap import FrequencyCap
from adwright.decide.rules.layer import Rules
from adwright.decide.rules.minimum_data import MinimumData
from adwright.decide.rules.quiet_hours import QuietHours
from adwright.decide.rules.retired import Retired
from adwright.decide.rules.rule import Request, Rule
from adwright.decide.rules.stock import Stock

__all__ = [
    "Budget",
    "Consent",
    "Diversity",
    "FrequencyCap",
    "MinimumData",
    "QuietHours",
    "Request",
    "Retired",
    "Rule",
    "Rules",
    "Stock",
]
