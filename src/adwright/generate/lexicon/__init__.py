"""Words that claim something about a product, in Chinese and English, as data."""

from adwright.generate.lexicon.attributes import AttributeLexicon, Mention, attribute_lexicon
from adwright.generate.lexicon.claims import brand_names, find_superlatives

__all__ = ["AttributeLexicon", "Mention", "attribute_lexicon", "brand_names", "find_superlatives"]
