"""More examples out of those there are, each checked to say the same facts."""

from adwright.learn.augment.back_translation import BackTranslation
from adwright.learn.augment.example import Augmenter, Example
from adwright.learn.augment.keeping_facts import Augmented, augment, changed_facts
from adwright.learn.augment.masked import MaskedSubstitution
from adwright.learn.augment.shuffle import AttributeShuffle
from adwright.learn.augment.synonyms import SynonymReplacement

__all__ = [
    "AttributeShuffle",
    "Augmented",
    "Augmenter",
    "BackTranslation",
    "Example",
    "MaskedSubstitution",
    "SynonymReplacement",
    "augment",
    "changed_facts",
]
