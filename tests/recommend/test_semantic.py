from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from adwright.backbone import WEIGHTS
from adwright.errors import BackendError, ConfigError
from adwright.recommend.config import RecommendConfig
from adwright.recommend.metrics import hits, n_relevant, recall
from adwright.recommend.models.model import FitData
from adwright.recommend.models.semantic import NamingModel, Semantic
from adwright.recommend.network_config import SemanticConfig
from adwright.recommend.networks.namer import Namer, Row, load_namer
from adwright.recommend.ranking import best
from adwright.recommend.semantic_ids import SemanticIds
from recommend import shop_of_words

NOW = shop_of_words.NOW


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A causal model of one layer with random weights, and the bundled tokenizer."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    folder = tmp_path_factory.mktemp("writer")
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "head_dim": 16}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "tie_word_embeddings": True}
    model = Qwen3ForCausalLM(Qwen3Config(vocab_size=12_288, max_position_embeddings=256, **shape, **heads))
    model.save_pretrained(str(folder))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(WEIGHTS / name, folder / name)
    return str(folder)


@pytest.fixture(scope="module")
def config(writer: str) -> RecommendConfig:
    own = SemanticConfig(
        model=writer,
        n_codes=5,
        n_steps=250,
        judge_every=250,
        batch=32,
        learning_rate=0.01,
        n_beams=8,
        n_epochs=99,
    )
    return RecommendConfig(semantic=own)


@pytest.fixture(scope="module")
def data(config: RecommendConfig) -> FitData:
    return shop_of_words.fit_data(config)


@pytest.fixture(scope="module")
def model(data: FitData) -> NamingModel:
    kind = Semantic()
    return kind._learn(data, n_steps=250)


def ids() -> SemanticIds:
    """Eight products; the codes 1-1 and 0-2 exist, 1-2 does not."""
    rows = [[0, 0, 0], [0, 0, 1], [0, 2, 0], [1, 1, 0], [1, 1, 2], [2, 0, 0], [1, 0, 0], [2, 2, 1]]
    return SemanticIds(np.array(rows)[[3, 0, 7, 2, 5, 1, 6, 4]], (3, 3, 3), np.arange(8))


@pytest.fixture(scope="module")
def namer(writer: str) -> Namer:
    torch.manual_seed(1)
    made = Namer(SemanticConfig(model=writer), (3, 3, 3)).eval()
    with torch.no_grad():
        made.codes.weight.mul_(20.0)  # far from even probabilities
    return made


def brute_force(namer: Namer, row: Row, held: SemanticIds) -> np.ndarray:
    """(n_items,) each product's probability: its codes one after the other, without cache or beams."""
    found = np.ones(len(held.codes))
    tokens = namer.tokens(held)
    for item, codes in enumerate(held.codes):
        for level in range(3):
            asked = replace(row, codes=(*row.codes, *tokens[item, : level + 1]), n_asked=1)
            with torch.no_grad():
                logits = namer.logits(namer([asked]), level)[0].double().numpy()
            same = (held.codes[:, :level] == codes[:level]).all(axis=1)
            exist = np.unique(held.codes[same, level])
            share = np.exp(logits - logits[exist].max())
            found[item] *= share[codes[level]] / share[exist].sum()
    return found


def test_with_all_branches_the_probabilities_are_exact(namer: Namer) -> None:
    held = ids()
    tokens = namer.tokens(held)
    rows = [Row((), ()), Row((), tuple(tokens[2])), Row((), tuple(tokens[[4, 1]].ravel())), Row((5, 9), ())]
    found = namer.name(rows, held, 9)
    for i, row in enumerate(rows):
        np.testing.assert_allclose(found[i], brute_force(namer, row, held), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("n_beams", [1, 2, 3])
def test_with_few_branches_the_best_is_exact_and_all_sums_to_one(namer: Namer, n_beams: int) -> None:
    held = ids()
    row = Row((), tuple(namer.tokens(held)[3]))
    found, exact = namer.name([row], held, n_beams)[0], brute_force(namer, row, held)
    assert found.sum() == pytest.approx(1.0, abs=1e-5)
    greedy = [np.argmax(found)]
    assert found[greedy] == pytest.approx(exact[greedy], rel=1e-3)
    assert (np.isclose(found, exact, rtol=1e-3)).sum() >= n_beams


def test_the_best_on_tune_scores_with_the_weights_it_had_then(
    data: FitData, config: RecommendConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The namer learns on after its best look; what is asked afterwards must not be the later one."""
    qualities = iter([0.5, 0.1, 0.1])
    monkeypatch.setattr("adwright.recommend.models.semantic.mean_ndcg", lambda *_, **__: next(qualities))
    short = replace(config.semantic, n_steps=12, judge_every=4, n_epochs=99)
    tune = shop_of_words.cold_customers(data)
    found = Semantic().fit(replace(data, config=RecommendConfig(semantic=short), tune=tune))
    assert found.n_steps == 4
    again = Semantic().unpack(*found.pack())
    some = data.histories.take(np.arange(5))
    np.testing.assert_allclose(found.score(some, NOW), again.score(some, NOW), rtol=1e-4)


def test_only_products_that_exist_are_named(model: NamingModel, data: FitData) -> None:
    """Every id is a product's: the probabilities of the catalogue leave nothing for other combinations."""
    scores = model.score(data.histories, NOW)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-4)
    assert len(model.ids.codes) < np.prod(model.ids.n_codes)


def test_it_names_what_the_customer_likes(model: NamingModel, data: FitData) -> None:
    theme = np.array([int(c[1:]) % 5 for c in data.histories.customer_ids])
    named = model.score(data.histories, NOW).argmax(axis=1)
    assert (named % 5 == theme).mean() > 0.7


def test_products_never_sold_reach_those_who_like_their_words(model: NamingModel, data: FitData) -> None:
    task = shop_of_words.cold_products(data)
    unsold = np.asarray(task.targets.sum(axis=0)).ravel() > 0
    ranked, _ = best(model.score(task.histories, NOW), 4, barred=~unsold)
    reached = float(np.nanmean(recall(hits(ranked, task.targets), n_relevant(task.targets), 4)))
    assert reached > 0.5  # popularity cannot tell the themes apart: 0.2


def test_a_title_leads_to_its_product_though_never_sold(model: NamingModel, data: FitData) -> None:
    namer = load_namer(model.weights, model.config, model.ids.n_codes, model.base)
    unsold = [i for i in range(data.n_items) if i // 5 >= shop_of_words.N_OF_THEME - shop_of_words.N_UNSOLD]
    titles = namer.tokenizer([data.products["title"][i] for i in unsold], add_special_tokens=False).input_ids
    scores = namer.name([Row(tuple(title), ()) for title in titles], model.ids, 8)
    assert (scores.argmax(axis=1) % 5 == np.array(unsold) % 5).mean() > 0.8


def test_another_backbone_than_it_was_fitted_on_is_refused(model: NamingModel) -> None:
    values, arrays = model.pack()
    other = Semantic().unpack(values | {"base": "0" * 16}, arrays)
    with pytest.raises(BackendError, match="changed since"):
        other.score(shop_of_words.fit_data(RecommendConfig()).histories.take([0]), NOW)


def test_a_backbone_that_is_not_there_is_named(data: FitData, tmp_path: Path) -> None:
    absent = replace(data.config.semantic, model=str(tmp_path / "absent"))
    with pytest.raises(BackendError, match="absent"):
        Semantic().fit(replace(data, config=RecommendConfig(semantic=absent)))


def test_histories_longer_than_the_model_reads_are_refused(writer: str) -> None:
    with pytest.raises(ConfigError, match="up to 81"):
        Namer(SemanticConfig(model=writer, max_history=82), (3, 3, 3))
    Namer(SemanticConfig(model=writer, max_history=81), (3, 3, 3))


def test_lessons_ask_for_what_came_after(data: FitData, writer: str) -> None:
    from adwright.recommend.models.semantic import _Lessons

    held = replace(
        data, config=RecommendConfig(semantic=SemanticConfig(model=writer, n_codes=5, title_share=0.0))
    )
    own_ids = SemanticIds(
        np.array(list(itertools.product(range(10), range(10)))), (10, 10), np.zeros(100, np.int64)
    )
    namer = Namer(held.config.semantic, own_ids.n_codes)
    lessons = _Lessons(namer, own_ids, held)
    histories = data.histories
    sequences = {
        tuple(histories.items[histories.indptr[c] : histories.indptr[c + 1]]) for c in range(len(histories))
    }
    for row in lessons.draw(50):
        codes = np.array(row.codes).reshape(-1, 2) - [0, 10]
        items = codes @ [10, 1]
        assert row.n_asked % 2 == 0
        assert row.n_asked > 0
        # a visit is a day and a day is one product here: history and answers are a stretch of somebody's walk
        assert any(_within(tuple(items), sequence) for sequence in sequences)


def _within(part: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))
