"""How near texts are to references, how much of their input they say, and how varied they are.

Chinese is measured by characters, other text by lower-case words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from adwright.errors import UsageError
from adwright.text.normalise import fold

_TOKEN = re.compile("[\u3400-\u9fff]|[^\\W\u3400-\u9fff]+")


def tokens(text: str) -> list[str]:
    """The units that texts are compared by.

    >>> tokens("T恤很 Soft!")
    ['t', '恤', '很', 'soft']
    """
    return _TOKEN.findall(fold(text))


def rouge_l(text: str, reference: str) -> float:
    """ROUGE-L as an F measure with equal weights, in [0, 1].

    Source: Lin (2004), ROUGE: a package for automatic evaluation of summaries, ACL workshop, section 3, with
    beta = 1, as the package rouge-score reports it.

    >>> round(rouge_l("police kill the gunman", "police killed the gunman"), 4)
    0.75
    """
    mine, theirs = tokens(text), tokens(reference)
    common = _longest_common(mine, theirs)
    if not common:
        return 0.0
    precision, recall = common / len(mine), common / len(theirs)
    return 2 * precision * recall / (precision + recall)


def distinct(texts: Iterable[str], n: int = 2) -> float:
    """Different n-grams over all n-grams of the texts together, in [0, 1]; 0 where there are none.

    Source: Li et al. (2016), A diversity-promoting objective function, NAACL.

    >>> distinct(["a b a b"], 2)
    0.6666666666666666
    """
    if n < 1:
        raise UsageError("n-grams need a positive length", argument="n", value=n, allowed="1 or more")
    seen: set[tuple[str, ...]] = set()
    n_all = 0
    for text in texts:
        units = tokens(text)
        grams = [tuple(units[i : i + n]) for i in range(len(units) - n + 1)]
        seen.update(grams)
        n_all += len(grams)
    return len(seen) / n_all if n_all else 0.0


def attribute_coverage(text: str, values: Sequence[str]) -> float:
    """The share of the attribute values that stand in the text word for word, in [0, 1]; 1 where there are none.

    >>> attribute_coverage("宽松的棉T恤", ["宽松", "棉", "白色"])
    0.6666666666666666
    """
    if not values:
        return 1.0
    folded = fold(text)
    return sum(fold(value) in folded for value in values) / len(values)


def _longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, start=1):
            kept = row[j]
            row[j] = before + 1 if x == y else max(row[j], row[j - 1])
            before = kept
    return row[-1]
