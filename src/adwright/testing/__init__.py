"""For tests of Adwright and of what others add to it: fakes, a toy shop, and the contract checks.

backend = ScriptedBackend()              # a language model that says what it is told, and counts
files = write_toy_shop(folder)           # a shop of ten products, as the files that a shop has
for check in POLICY_CHECKS:              # what every policy promises, one function a promise
    check(MyPolicy())
"""

from adwright.testing.checks import BACKEND_CHECKS, GUARD_CHECKS, KIND_CHECKS, POLICY_CHECKS
from adwright.testing.contextual_checks import CONTEXTUAL_CHECKS
from adwright.testing.scripted import ScriptedBackend, plain_words
from adwright.testing.toy_shop import NOW, products_frame, toy_past_contents, toy_products, write_toy_shop

__all__ = [
    "BACKEND_CHECKS",
    "CONTEXTUAL_CHECKS",
    "GUARD_CHECKS",
    "KIND_CHECKS",
    "NOW",
    "POLICY_CHECKS",
    "ScriptedBackend",
    "plain_words",
    "products_frame",
    "toy_past_contents",
    "toy_products",
    "write_toy_shop",
]
