"""Text: normalising, width, language, numbers and units, similarity. No stage's ideas, only the text."""

from adwright.text.language import detect, han_share
from adwright.text.normalise import clean, fold, fold_in_place
from adwright.text.numbers import CURRENCIES, Quantity, find_quantities, format_money, minor_exponent
from adwright.text.phrases import PhraseFinder
from adwright.text.similarity import ngram_jaccard, ngrams
from adwright.text.width import display_width

__all__ = [
    "CURRENCIES",
    "PhraseFinder",
    "Quantity",
    "clean",
    "detect",
    "display_width",
    "find_quantities",
    "fold",
    "fold_in_place",
    "format_money",
    "han_share",
    "minor_exponent",
    "ngram_jaccard",
    "ngrams",
]
