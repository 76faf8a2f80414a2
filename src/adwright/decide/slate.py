"""Several places on one page, filled from the top, each with its own logged vector.

    P(slate) = product over the places of P(content of the place | contents above it)

The place is filled from the policy's vector over what is left, after eligibility, diversity and floor. Since
better places are seen more, filling from the top puts what is believed best where it counts most; under the
position-based model (a click needs a look, looks depend on the place alone) that is the best order.

Source: Kveton et al. 2015, Cascading bandits; Lagree, Vernade and Cappe 2016, Multiple-play bandits in the
position-based model. What an exposure at a place counts: `expected x look[place]`, see `position_evidence`.

Holds when: contents on one page do not change what the others bring.
Does not cover: contents that work only together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adwright.decide.constraints import constrain
from adwright.decide.policy import Policy
from adwright.errors import InfeasibleError, UsageError
from adwright.schema import F64, Bools
from adwright.stats.contrast import Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Slate:
    """What fills the places.

    Args:
        index: (n_places,) positions among the contents, from the top.
        vectors: (n_places, n_arms) what each place was drawn from, given those above.
    """

    index: npt.NDArray[np.intp]
    vectors: F64

    @property
    def propensities(self) -> F64:
        """(n_places,) probability of each place's content, given those above."""
        return self.vectors[np.arange(len(self.index)), self.index]

    @property
    def propensity(self) -> float:
        """The probability of the whole slate."""
        return float(self.propensities.prod())


def draw_slate(
    policy: Policy,
    draws: F64,
    *,
    n_places: int,
    rng: np.random.Generator,
    mask: Bools | None = None,
    group_of: Sequence[str] | None = None,
    most_per_group: int | None = None,
    floor: float = 0.0,
) -> Slate:
    """A content for each place, none of them twice.

    Args:
        policy: On draws of the values.
        draws: (n_draws, n_arms) draws of the value per exposure.
        n_places: How many places.
        rng: Source of randomness.
        mask: (n_arms,) True where a content may be shown; None where all may.
        group_of: The group of each content (a product, a brand); with `most_per_group`.
        most_per_group: Contents of one group on the page, at most.
        floor: Least probability of every content that may stand at a place.

    Raises:
        InfeasibleError: fewer eligible contents than places, groups considered.

    >>> draws = np.array([[3.0, 2.0, 1.0]])
    >>> from adwright.decide.greedy import Greedy
    >>> draw_slate(Greedy(), draws, n_places=2, rng=np.random.default_rng(0)).index.tolist()
    [0, 1]
    """
    n_arms = np.shape(draws)[1]
    left = np.ones(n_arms, np.bool_) if mask is None else np.array(mask, dtype=np.bool_)
    if n_places < 1:
        raise UsageError("a page has places", argument="n_places", value=n_places, allowed="1 or more")
    groups = None if group_of is None else np.asarray(group_of, dtype=object)
    if groups is not None and groups.shape != (n_arms,):
        raise UsageError("one group a content", argument="group_of", value=groups.shape, allowed=str(n_arms))
    index, vectors = [], []
    for place in range(n_places):
        if not left.any():
            raise InfeasibleError(
                "no content is left for a place",
                argument="n_places",
                value=n_places,
                allowed=f"at most {place}",
                hint="Fewer places, more contents, or more of one group",
            )
        vector = constrain(policy.probabilities(draws, mask=left, rng=rng), eligible=left, floor=floor)
        edges = np.cumsum(vector)
        chosen = int(np.searchsorted(edges / edges[-1], rng.random(), side="right"))
        index.append(chosen)
        vectors.append(vector)
        left = left.copy()
        left[chosen] = False
        if groups is not None and most_per_group is not None:
            taken = sum(groups[i] == groups[chosen] for i in index)
            if taken >= most_per_group:
                left &= groups != groups[chosen]
    return Slate(np.array(index, np.intp), np.array(vectors))


def position_evidence(
    index: npt.NDArray[np.intp],
    clicks: npt.NDArray[np.bool_],
    *,
    mean: F64,
    look: F64,
) -> Evidence:
    """What slates teach of n contents under the position-based model: additive, for `stats.contrast`.

    Args:
        index: (n_pages, n_places) contents shown.
        clicks: (n_pages, n_places) whether they were clicked.
        mean: (n_contents,) predicted rates at the first place.
        look: (n_places,) probability of a look relative to the first place, in (0, 1], 1 at the top.
    """
    if look.shape != index.shape[1:] or clicks.shape != index.shape:
        raise UsageError("places do not fit", argument="look", value=(look.shape, index.shape))
    expected = mean[index] * look[None, :]
    n = len(mean)
    return Evidence(
        np.bincount(index.ravel(), clicks.ravel(), n).astype(np.float64),
        np.bincount(index.ravel(), expected.ravel(), n).astype(np.float64),
    )
