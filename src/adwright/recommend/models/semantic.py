"""A language model that names the next product (Rajput et al. 2023, TIGER), on any causal backbone.

Every product has an id of a few codes that says what it is (`semantic_ids.py`); the model reads the ids of a
history and goes on, held to ids that exist: it never names a product that is not in the catalogue. It also learns
to go from a title to the id, so a product never sold is named by what it is.

Cost: a pass of the backbone through `n_levels + 1` tokens a product of the history, and one token for each of
`n_beams` a level; with the bundled writer about a hundred customers a second on one core, EASE some
thousands.

Does not cover: which product of a history spoke for a product; it names none as support.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from adwright.config import build, to_mapping
from adwright.recommend.histories import I64, Histories
from adwright.recommend.models.model import F32, Arrays, FitData, no_support
from adwright.recommend.models.next_up import NextUp, next_up, some_of
from adwright.recommend.network_config import SemanticConfig
from adwright.recommend.ranking import mean_ndcg
from adwright.recommend.semantic_ids import SemanticIds, make_ids
from adwright.schema import F64

_JUDGED = 300
_BLIND = 0.1
_WARM_UP = 20


@dataclass(frozen=True, slots=True, eq=False)
class NamingModel:
    """A fitted language model.

    Args:
        ids: Of all products.
        weights: What was trained, by name.
        base: Digest of the backbone that it was trained on.
        n_steps: How many it learned.
        config: Which backbone, and its options.
    """

    ids: SemanticIds
    weights: Mapping[str, npt.NDArray[Any]]
    base: str
    n_steps: int
    config: SemanticConfig
    _loaded: list[Any] = field(default_factory=list, repr=False)

    def score(self, histories: Histories, now: datetime) -> F32:
        """(n, n_items) the probability to be named; rows sum to 1. `now` changes nothing."""
        from adwright.recommend.networks.namer import Row, load_namer

        if not self._loaded:
            self._loaded.append(load_namer(self.weights, self.config, self.ids.n_codes, self.base))
        namer = self._loaded[0]
        tokens = namer.tokens(self.ids)
        ends = zip(histories.indptr[:-1], histories.indptr[1:], strict=True)
        rows = [
            Row((), tuple(tokens[histories.items[max(first, stop - self.config.max_history) : stop]].ravel()))
            for first, stop in ends
        ]
        scores: F32 = namer.name(rows, self.ids, self.config.n_beams)
        return scores

    def support(self, histories: Histories, items: I64, n: int) -> I64:
        """(n_customers, k, n) of -1: it cannot say."""
        return no_support(items, n)

    def pack(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """(values for JSON, arrays)."""
        values = {
            "n_codes": list(self.ids.n_codes),
            "base": self.base,
            "n_steps": self.n_steps,
            "config": to_mapping(self.config),
        }
        return values, {"ids": self.ids.codes, "counts": self.ids.counts} | {
            f"weights/{name}": held for name, held in self.weights.items()
        }

    def summary(self) -> dict[str, Any]:
        """The backbone, the codes of each level, the steps that tune chose and the memory of what was trained."""
        return {
            "model": self.config.model or "bundled",
            "n_codes": list(self.ids.n_codes),
            "n_steps": self.n_steps,
            "memory_mb": round(sum(held.nbytes for held in self.weights.values()) / 1e6, 1),
        }


class Semantic:
    """The language model as a recommender."""

    name = "semantic"

    def fit(self, data: FitData) -> NamingModel:
        """Learns until `tune` is no longer gained on; half of the steps allowed, where there is no tune.

        Raises:
            BackendError: the backbone cannot be loaded.
        """
        if data.tune is None:
            return self._learn(data, n_steps=(_n_steps(data) + 1) // 2)
        return self._learn(data, n_steps=None)

    def refit(self, model: NamingModel, data: FitData) -> NamingModel:
        """As many steps, other histories; the ids are made anew."""
        return self._learn(data, n_steps=model.n_steps)

    def unpack(self, values: Mapping[str, Any], arrays: Arrays) -> NamingModel:
        """The inverse of `NamingModel.pack`."""
        weights = {k.removeprefix("weights/"): held for k, held in arrays.items() if k.startswith("weights/")}
        ids = SemanticIds(arrays["ids"], tuple(int(n) for n in values["n_codes"]), arrays["counts"])
        config = build(SemanticConfig, values["config"])
        return NamingModel(ids, weights, str(values["base"]), int(values["n_steps"]), config)

    def _learn(self, data: FitData, *, n_steps: int | None) -> NamingModel:
        """For so many steps, or until tune is no longer gained on."""
        import torch

        from adwright.recommend.networks.namer import Namer

        config = data.config.semantic
        ids = make_ids(
            data.products, data.histories, n_levels=config.n_levels, n_codes=config.n_codes, rng=data.rng
        )
        seed = int(data.rng.integers(2**31))
        judged = None if data.tune is None or n_steps is not None else some_of(data.tune, data.rng, _JUDGED)
        last = _n_steps(data) if n_steps is None else n_steps
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            namer = Namer(config, ids.n_codes)
            lessons = _Lessons(namer, ids, data)
            optimiser = torch.optim.AdamW(namer.learned().values(), lr=config.learning_rate, weight_decay=0.0)
            best, reached, step = _snapshot(namer, ids, 0, config), -1.0, 0
            for step in range(1, last + 1):
                down = 1 - (step - 1) / last
                for group in optimiser.param_groups:
                    group["lr"] = config.learning_rate * min(1.0, step / _WARM_UP, 2 * down)
                namer.train()
                loss = namer.loss(lessons.draw(config.batch))
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(namer.learned().values(), 1.0)
                optimiser.step()
                if step % config.judge_every and step < last:
                    continue
                now = _snapshot(namer, ids, step, config)
                line = f"semantic: step {step} of {last}: loss {loss.item():.3f} a code"
                if judged is None:
                    data.progress(line)
                    best = now
                    continue
                quality = mean_ndcg(now, judged, k=10)
                data.progress(f"{line}, NDCG@10 {quality:.4f} on tune")
                if quality > reached:
                    best, reached = now, quality
                elif step - best.n_steps >= config.patience * config.judge_every:
                    break
        # the namer has learned on since the best was kept: it is loaded again with the best weights
        return best if best.n_steps == step else replace(best, _loaded=[])


def _n_steps(data: FitData) -> int:
    config = data.config.semantic
    n_rows = max(int((np.diff(data.histories.indptr) > 0).sum()), data.n_items if config.title_share else 0)
    return min(config.n_steps, -(-config.n_epochs * n_rows // config.batch))


def _snapshot(namer: Any, ids: SemanticIds, n_steps: int, config: SemanticConfig) -> NamingModel:
    weights = {name: weight.detach().cpu().numpy().copy() for name, weight in namer.learned().items()}
    return NamingModel(ids, weights, namer.base, n_steps, config, [namer.eval()])


class _Lessons:
    """Rows to learn from, drawn at random."""

    def __init__(self, namer: Any, ids: SemanticIds, data: FitData) -> None:
        config = data.config.semantic
        self.histories, self.config = data.histories, config
        self.tokens: I64 = namer.tokens(ids)
        self.ahead: NextUp = next_up(data.histories, config.visit_minutes)
        self.rng = np.random.default_rng(int(data.rng.integers(2**31)))
        self.titles = namer.tokenizer(
            [title or "" for title in data.products["title"]],
            add_special_tokens=False,
            truncation=True,
            max_length=config.title_tokens,
        ).input_ids
        worth: F64 = data.histories.faded(data.now.timestamp(), config.answer_half_life_days)
        worth = np.where(self.ahead.stop > self.ahead.first, worth, 0.0)
        self.chance = np.cumsum(worth) / max(float(worth.sum()), 1e-300)

    def draw(self, n: int) -> list[Any]:
        """n rows: what came next after a place of a history, and the ids of titles."""
        from adwright.recommend.networks.namer import Row

        n_titles = int(self.rng.binomial(n, self.config.title_share)) if self._has_history() else n
        items = self.rng.integers(0, len(self.tokens), n_titles)
        rows = [Row(tuple(self.titles[i]), tuple(self.tokens[i]), self.tokens.shape[1]) for i in items]
        places = np.searchsorted(self.chance, self.rng.random(n - n_titles), side="right")
        rows += [self._history_row(int(min(place, len(self.chance) - 1))) for place in places]
        return rows

    def _has_history(self) -> bool:
        return bool(len(self.chance) and self.chance[-1] > 0)

    def _history_row(self, place: int) -> Any:
        """The history up to a place, now and then left out, and a chain of what came visit by visit after it."""
        from adwright.recommend.networks.namer import Row

        chain = [place]
        while len(chain) <= self.config.n_ahead:
            following = int(self.ahead.draw(np.array([chain[-1]]), self.rng)[0])
            if following < 0:
                break
            chain.append(following)
        owner = int(np.searchsorted(self.histories.indptr, place, side="right")) - 1
        first = max(int(self.histories.indptr[owner]), place + 1 - self.config.max_history)
        past = [] if self.rng.random() < _BLIND else list(range(first, place + 1))
        codes = self.tokens[self.histories.items[past + chain[1:]]].ravel()
        return Row((), tuple(codes), (len(chain) - 1) * self.tokens.shape[1])
