"""How customers respond to what a text says: the hidden truth of a world.

For segment g, text x about product j (category fit F_jm) and stage s in {click, conversion}:

    argument_m = W_sm * taste_gm * F_jm * noticed_m(x)
    U_s = sum_m argument_m + 0.6 max_m argument_m               (the strongest argument counts again)
        + sum_pairs B_s,ab min(noticed_a, noticed_b)            (some ideas go together, some clash)
        + c1 specificity + c2 length_fit - c3 shouting - c4 clutter
    z_s = (U_s - centre_s,g) / scale_s
    M_s = 1 + 0.6 z / sqrt(1 + z^2)                             (between 0.4 and 1.6)

For customer i the multiplier is 1 + responsiveness_i (M - 1), at least 0.1; in a language that they do not
read well it is 0.55 (1 + 0.25 (M - 1)) for clicks. The rate is 1 - exp(-base * multiplier), a complementary
log-log link. Returns: probability r0 (1 + 0.9 said_hype - 0.35 specificity).

`centre` and `scale` are set on texts of the shop's own copywriters, so that the standard deviation of M
between texts about one product is the world's `spread`, drawn from 0.11 to 0.18 for clicks and 0.08 to 0.14
for conversions. Kinds of world:

    null   M = 1 and returns r0, whatever the text says, in any language
    bait   exaggeration, in half of the worlds urgency too, has weight 0 above; with b = max said_bait
           clicks x (1 + 0.35 b), conversions x (1 - 0.5 b), returns + 0.2 b: the value per exposure falls

*Holds when* the text alone speaks. *Does not cover* pictures, price changes, fatigue, or a lasting effect of
a content beyond its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from adwright.schema import F64
from adwright.simulate.lexicon import concepts
from adwright.simulate.reading import Readings

Kind = Literal["ordinary", "null", "bait"]
KINDS: tuple[Kind, ...] = ("ordinary", "null", "bait")

_BEST_ARGUMENT = 0.6
_REACH = 0.6
_MIN_MULTIPLIER = 0.1
_BAIT_CLICKS, _BAIT_CONVERSIONS, _BAIT_RETURNS = 0.35, 0.5, 0.2
_FOREIGN_CLICKS, _FOREIGN_GRASP = 0.55, 0.25
_N_PAIRS = 6

_USUAL_CLICK_WEIGHT = {
    "saving": 0.5,
    "novelty": 0.5,
    "urgency": 0.5,
    "hype": 0.5,
    "comfort": 0.4,
    "ease": 0.4,
}
_USUAL_CONVERSION_WEIGHT = {"trust": 0.6, "quality": 0.5, "durability": 0.4, "urgency": -0.3, "hype": -0.7}


@dataclass(frozen=True, slots=True, eq=False)
class Appeal:
    """One stage's weights: W (n_concepts,), pairs (n_pairs, 2) with weights, and c1 to c4."""

    weight: F64
    pairs: npt.NDArray[np.int64]
    pair_weight: F64
    form: F64

    def utility(self, readings: Readings, fit: F64, taste: F64) -> F64:
        """U of shape (n_segments, n), from n texts, the fit (n, n_concepts) and taste (n_segments, n_concepts)."""
        argument = (self.weight * readings.noticed * fit)[None, :, :] * taste[:, None, :]
        low = np.minimum(readings.noticed[:, self.pairs[:, 0]], readings.noticed[:, self.pairs[:, 1]])
        form = np.stack(
            [readings.specificity, readings.length_fit, -readings.shouting, -readings.clutter], axis=1
        )
        common = low @ self.pair_weight + form @ self.form
        total: F64 = argument.sum(axis=2) + _BEST_ARGUMENT * argument.max(axis=2) + common
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of a world: its appeal, and the centre (n_segments,) and scale that make U a multiplier."""

    appeal: Appeal
    centre: F64
    scale: float

    def multiplier(self, readings: Readings, fit: F64, taste: F64) -> F64:
        """M of shape (n_segments, n), between 0.4 and 1.6."""
        z = (self.appeal.utility(readings, fit, taste) - self.centre[:, None]) / self.scale
        return 1.0 + _REACH * z / np.sqrt(1.0 + z * z)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """The text's part in clicks, conversions and returns in one world. `bait` holds the baiting concepts."""

    kind: Kind
    taste: F64
    click: Stage
    conversion: Stage
    return_rate: float
    bait: tuple[int, ...] = ()

    def multipliers(self, readings: Readings, fit: F64) -> tuple[F64, F64]:
        """The multipliers of click and conversion, each (n_segments, n); all ones in a null world."""
        if self.kind == "null":
            ones = np.ones((len(self.taste), len(fit)))
            return ones, ones
        lure = self._lure(readings)
        click = self.click.multiplier(readings, fit, self.taste) * (1.0 + _BAIT_CLICKS * lure)
        conversion = self.conversion.multiplier(readings, fit, self.taste) * (1.0 - _BAIT_CONVERSIONS * lure)
        return click, conversion

    def returns(self, readings: Readings) -> F64:
        """The probability (n,) that an order is sent back."""
        if self.kind == "null":
            return np.full(len(readings.specificity), self.return_rate)
        hype = readings.said[:, concepts().index("hype")]
        rate = self.return_rate * (1.0 + 0.9 * hype - 0.35 * readings.specificity)
        return np.clip(rate + _BAIT_RETURNS * self._lure(readings), 0.0, 0.8)

    def _lure(self, readings: Readings) -> F64:
        if not self.bait:
            return np.zeros(len(readings.specificity))
        lure: F64 = readings.said[:, list(self.bait)].max(axis=1)
        return lure

    def personal(self, multiplier: F64, *, responsiveness: F64, foreign: npt.NDArray[np.bool_]) -> F64:
        """A click multiplier for customers who are moved more or less, or do not read the language well.

        The three arrays broadcast against each other. In a null world nothing changes.
        """
        if self.kind == "null":
            return multiplier * np.ones(np.broadcast_shapes(responsiveness.shape, foreign.shape))
        near = np.maximum(_MIN_MULTIPLIER, 1.0 + responsiveness * (multiplier - 1.0))
        far = _FOREIGN_CLICKS * (1.0 + _FOREIGN_GRASP * (multiplier - 1.0))
        return np.where(foreign, far, near)


def draw_response(
    kind: Kind,
    *,
    taste: F64,
    share: F64,
    readings: Readings,
    fit: F64,
    product: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Response:
    """The response of one world, drawn from the prior.

    Args:
        kind: ordinary, null or bait.
        taste: (n_segments, n_concepts) susceptibility.
        share: (n_segments,) of the customers.
        readings, fit, product: n texts of the shop's copywriters, what they say, how well each concept fits
            their product (n, n_concepts), and which product it is (n,): the yardstick of centre and scale.
        rng: The world's randomness.
    """
    bait = _draw_bait(rng)
    click, conversion = _draw_appeals(rng)
    if kind == "bait":
        click.weight[list(bait)] = 0.0
        conversion.weight[list(bait)] = 0.0
    spreads = rng.uniform(0.11, 0.18), rng.uniform(0.08, 0.14)
    stages = [
        _standardise(appeal, spread, taste=taste, share=share, readings=readings, fit=fit, product=product)
        for appeal, spread in zip((click, conversion), spreads, strict=True)
    ]
    return Response(
        kind=kind,
        taste=taste,
        click=stages[0],
        conversion=stages[1],
        return_rate=float(rng.uniform(0.04, 0.12)),
        bait=bait if kind == "bait" else (),
    )


def _draw_bait(rng: np.random.Generator) -> tuple[int, ...]:
    hype, urgency = concepts().index("hype"), concepts().index("urgency")
    return (hype, urgency) if rng.random() < 0.5 else (hype,)


def _draw_appeals(rng: np.random.Generator) -> tuple[Appeal, Appeal]:
    """Weights of click and conversion around what is usual, with a common part, so that they go together."""
    n = len(concepts())
    common = rng.standard_normal(n)
    appeals = []
    for usual in (_USUAL_CLICK_WEIGHT, _USUAL_CONVERSION_WEIGHT):
        mean = np.array([usual.get(c, 0.15) for c in concepts()])
        own = rng.standard_normal(n)
        pairs = np.stack([rng.choice(n, 2, replace=False) for _ in range(_N_PAIRS)])
        appeals.append(
            Appeal(
                weight=mean + 0.4 * common + 0.4 * own,
                pairs=pairs,
                pair_weight=rng.normal(0.0, 0.5, _N_PAIRS),
                form=rng.uniform([0.3, 0.3, 0.2, 0.3], [0.9, 0.9, 0.8, 0.8]),
            )
        )
    return appeals[0], appeals[1]


def _standardise(
    appeal: Appeal,
    spread: float,
    *,
    taste: F64,
    share: F64,
    readings: Readings,
    fit: F64,
    product: npt.NDArray[np.int64],
) -> Stage:
    """The stage whose multiplier, averaged over customers, has sd `spread` between texts about one product."""
    utility = appeal.utility(readings, fit, taste)
    overall = share @ utility
    counts = np.maximum(np.bincount(product), 1)
    means = np.bincount(product, weights=overall) / counts
    within = overall - means[product]
    n_free = max(1, len(product) - len(np.unique(product)))
    sd = float(np.sqrt((within**2).sum() / n_free))
    return Stage(appeal, centre=utility.mean(axis=1), scale=max(sd, 1e-9) * _REACH / spread)
