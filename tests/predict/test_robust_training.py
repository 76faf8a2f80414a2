"""Adversarial steps, token noise and label smoothing, each against its definition."""

from collections import Counter

import numpy as np
import pytest
import torch
from scipy import sparse

from adwright.errors import ConfigError
from adwright.predict import Predictor, PredictRecipe
from adwright.predict.encoder_config import RobustConfig
from adwright.predict.models.adversarial import Ball, adversarial_backward
from adwright.predict.models.contrasts import contrasts
from adwright.predict.models.token_noise import with_noise
from adwright.predict.rows import Rows
from predict.synthetic_table import click_recipe, draw_table
from predict.tiny_encoder import save_tiny_encoder

MASK = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
EMBEDDED = torch.arange(12.0).reshape(2, 3, 2) / 10


class Problem:
    """A loss that is linear in the shifts per text, (w' (e + r))^2 / 2 summed over texts, with its passes counted."""

    def __init__(self):
        self.w = torch.tensor([1.0, -2.0], requires_grad=True)
        self.seen = []

    def loss(self, shifts):
        shift = torch.zeros_like(EMBEDDED) if shifts is None else shifts[0]
        self.seen.append(shift.detach().clone())
        along = ((EMBEDDED + shift) * MASK[..., None]).sum(1) @ self.w
        return (along**2).sum() / 2


def run(**robust):
    problem = Problem()
    config = RobustConfig(**robust)
    ball = Ball.around([EMBEDDED], [MASK], config.attack_radius)
    loss = adversarial_backward(problem.loss, ball, config)
    return problem, loss


def norms(shift):
    return shift.flatten(1).norm(dim=1)


RADIUS = 0.2
LIMIT = RADIUS * (EMBEDDED * MASK[..., None]).flatten(1).norm(dim=1)


@pytest.mark.parametrize(
    ("switch", "kind"),
    [
        ({"attack": "fgm"}, ["fusion"]),
        ({"attack": "fgm"}, ["frozen", "logistic"]),
        ({"text_noise": "swap"}, ["auto"]),
        ({"label_smoothing": 0.1}, ["gbdt"]),
    ],
)
def test_a_switch_that_no_model_of_the_recipe_has_is_refused(switch, kind):
    model = {"kind": kind, "encoder": {"robust": switch}}
    with pytest.raises(ConfigError, match=f"robust.{next(iter(switch))}.*no such switch"):
        PredictRecipe.of(click_recipe(model=model))
    PredictRecipe.of(click_recipe(model=model | {"kind": ["encoder", "logistic"]}))
    PredictRecipe.of(
        click_recipe(model={"kind": ["frozen"], "encoder": {"robust": {"label_smoothing": 0.1}}})
    )


def test_fgm_moves_along_the_gradient_to_the_balls_edge_and_learns_from_both_places():
    problem, loss = run(attack="fgm", attack_radius=RADIUS)
    clean, moved = problem.seen
    assert clean.abs().sum() == 0
    along = (EMBEDDED * MASK[..., None]).sum(1) @ problem.w.detach()
    gradient = along[:, None, None] * problem.w.detach() * MASK[..., None]
    expected = LIMIT[:, None, None] * gradient / norms(gradient)[:, None, None]
    torch.testing.assert_close(moved, expected)
    w = problem.w.detach().clone().requires_grad_()
    other = Problem()
    other.w = w
    ((other.loss(None) + other.loss([expected])) / 2).backward()
    torch.testing.assert_close(problem.w.grad, w.grad)
    assert loss == pytest.approx(float(Problem().loss(None).detach()))


@pytest.mark.parametrize(("attack", "passes"), [("fgm", 2), ("pgd", 5), ("freelb", 4)])
def test_no_attack_leaves_its_ball_or_touches_padding(attack, passes):
    problem, _ = run(attack=attack, attack_radius=RADIUS, attack_steps=4)
    assert len(problem.seen) == passes
    for shift in problem.seen:
        assert (norms(shift) <= LIMIT * (1 + 1e-5)).all()
        assert shift[0, 2].abs().sum() == 0


def test_pgd_ends_where_the_loss_is_no_smaller_than_after_one_step():
    one, many = (run(attack=a, attack_radius=RADIUS, attack_steps=4)[0] for a in ("fgm", "pgd"))
    last = [float(Problem().loss([p.seen[-1]]).detach()) for p in (one, many)]
    clean = float(Problem().loss(None).detach())
    assert last[0] > clean
    assert last[1] >= last[0] * (1 - 1e-5)


def test_freelb_learns_from_the_mean_over_its_steps():
    torch.manual_seed(0)
    problem, _ = run(attack="freelb", attack_radius=RADIUS, attack_steps=3)
    assert norms(problem.seen[0]).min() > 0
    other = Problem()
    torch.stack([other.loss([shift]) for shift in problem.seen]).mean().backward()
    torch.testing.assert_close(problem.w.grad, other.w.grad)


def test_dropout_leaves_out_the_share_and_never_everything():
    rng, ids = np.random.default_rng(0), [1, *range(10, 30), 2]
    lengths = [len(with_noise(ids, "dropout", 0.3, fixed={1, 2}, rng=rng)) for _ in range(400)]
    se = np.sqrt(20 * 0.3 * 0.7 / 400)
    assert abs(np.mean(lengths) - 2 - 14) < 4 * se
    kept = [with_noise([1, 5, 2], "dropout", 0.99, fixed={1, 2}, rng=rng) for _ in range(50)]
    assert all(k == [1, 5, 2] for k in kept)
    assert with_noise([1, 2], "dropout", 0.5, fixed={1, 2}, rng=rng) == [1, 2]


def test_swap_keeps_every_token_and_the_special_ones_in_place():
    rng, ids = np.random.default_rng(0), [1, *range(10, 30), 2]
    changed = 0
    for _ in range(50):
        found = with_noise(ids, "swap", 0.2, fixed={1, 2}, rng=rng)
        assert Counter(found) == Counter(ids)
        assert (found[0], found[-1]) == (1, 2)
        changed += found != ids
    assert changed > 40


def test_label_smoothing_spreads_a_share_of_the_successes_over_the_group_by_trials():
    y, n = np.array([30.0, 10.0, 5.0, 5.0]), np.array([1000.0, 1000.0, 500.0, 500.0])
    group = np.array([0, 0, 1, 1])

    def rows(successes):
        return Rows(sparse.csr_matrix((4, 1)), successes, n, np.arange(4), group, True, siblings=group)

    def made(successes, smoothing):
        settings = {"content_variance": 0.03, "sibling_variance": 0.06, "level_variance": 100.0}
        rng = np.random.default_rng(0)
        return contrasts(rows(successes), np.arange(4), rng=rng, label_smoothing=smoothing, **settings)

    by_hand = np.array([0.8 * 30 + 0.2 * 20, 0.8 * 10 + 0.2 * 20, 5.0, 5.0])
    for a, b in zip(made(y, 0.2), made(by_hand, 0.0), strict=True):
        np.testing.assert_allclose(a.target, b.target)
        np.testing.assert_allclose(a.precision, b.precision)


@pytest.mark.parametrize(
    "robust",
    [{"attack": "fgm"}, {"attack": "pgd", "attack_steps": 2}, {"attack": "freelb"}, {"text_noise": "swap"}],
)
def test_each_switch_changes_what_is_learned_and_stands_in_the_model(robust, tmp_path):
    frame, _ = draw_table(3, n_groups=25)
    small = {"n_epochs": 1, "n_members": 2, "bfloat16": False, "max_tokens": 16, "learning_rate": 1e-3}
    small["path"] = str(save_tiny_encoder(tmp_path / "base"))

    def fit(**encoder):
        table = click_recipe(model={"kind": ["encoder"], "encoder": {**small, **encoder}})
        return Predictor.fit(frame, PredictRecipe.of(table))

    plain, switched, again = fit(), fit(robust=robust), fit(robust=robust)
    a, b, c = (p.score(frame).click.mean for p in (plain, switched, again))
    assert np.abs(a / b - 1).max() > 1e-6
    np.testing.assert_array_equal(b, c)
    card = switched.card["metrics"]["click"]
    assert card["robust"] == {**card["robust"], **robust}
    assert "robust" not in plain.card["metrics"]["click"]
